"""Respells text for an English voice.

Every word must be audible. Letters unknown to the voice are read by their Unicode name ("GREEK SMALL LETTER
PI" is "pi"), other characters of writing as a syllable.
"""

from __future__ import annotations

import re
import unicodedata


_FOREIGN = re.compile(r"[^\x00-ſḀ-ỿ]+|[²³¹¼-¾]+")
# A number beyond the trillions is read digit by digit; the voice has no name for it.
_HUGE = re.compile(r"(?:\d[,.]?){16,}")
_LATIN_MARKS = re.compile(r"[̀-ͯ]")
_FRACTION_SLASH = "⁄"


def readable(text: str) -> str:
    """Return the text with foreign letters respelled in Latin ones, and everything else unchanged."""
    text = unicodedata.normalize("NFC", text)
    text = _HUGE.sub(lambda number: " ".join(number.group()), text)
    return _LATIN_MARKS.sub("", _FOREIGN.sub(lambda run: _spelled(run.group()), text))


def _spelled(run: str) -> str:
    return "".join(_letter(character) if character.isalnum() else character for character in run)


def _letter(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).replace(_FRACTION_SLASH, "/")
    plain = _LATIN_MARKS.sub("", plain)
    if plain.isascii():
        return plain
    name = unicodedata.name(character, "").rsplit(" ", 1)[-1].lower()
    return name if name.isalpha() and name.isascii() else "da"
