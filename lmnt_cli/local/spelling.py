"""Text that an English voice can read out.

Every word must be heard, so that nothing asked for is missing: letters the voice does not know are read
by the name Unicode gives them ("GREEK SMALL LETTER PI" is "pi"), other signs of writing as a syllable.
"""

from __future__ import annotations

import re
import unicodedata


_FOREIGN = re.compile(r"[^\x00-ɏḀ-ỿ]+")
_LATIN_MARKS = re.compile(r"[̀-ͯ]")


def readable(text: str) -> str:
    """Return the text with foreign letters spelled in Latin ones; all else stays as it is."""
    text = unicodedata.normalize("NFC", text)
    return _LATIN_MARKS.sub("", _FOREIGN.sub(lambda run: _spelled(run.group()), text))


def _spelled(run: str) -> str:
    return "".join(_letter(character) if character.isalnum() else character for character in run)


def _letter(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    if plain.isascii():
        return plain
    name = unicodedata.name(character, "").rsplit(" ", 1)[-1].lower()
    return name if name.isalpha() else "da"
