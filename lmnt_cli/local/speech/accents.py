"""Loads the pronunciation of an accent from hibari's dictionaries, three times as fast as hibari does.

Its files are gzipped JSON. Most of the time goes into 80,000 small objects, the weights of its tagger, and
into two lexicons of as many words each. Few of either are ever used, and those are decoded one by one.
"""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .lexicon import SortedLexicon


# The gzip trailers (checksum and size) of the lexicons that are known to be sorted, which are those of
# hibari-tts 0.2.1. Other lexicons are parsed.
_SORTED = tuple(
    bytes.fromhex(each)
    for each in ("48dca40686182800", "edca4d2bb8982900", "a842a531abcc2500", "89f37c1d01353100")
)
_WEIGHTS = b'"weights":{"'


class TaggerWeights:
    """The weights of each feature: `get` works like that of the dictionary in the JSON text."""

    def __init__(self, text: bytes) -> None:
        """Index the members of a JSON object of flat objects, given without its first quote and last braces.

        Raises ValueError if the text cannot be that.
        """
        # Two passes in C. Quotes within strings are escaped, so both separators lie between strings.
        pieces = iter(text.replace(b'":{', b'},"').split(b'},"'))
        self._entries: dict[bytes, Any] = dict(zip(pieces, pieces, strict=True))
        for name in _names_with_escapes(text):
            if name in self._entries:
                decoded: str = json.loads(b'"%s"' % name)
                self._entries[decoded.encode()] = self._entries.pop(name)

    def get(self, feature: str) -> dict[str, float] | None:
        """Return the weights of a feature, or None if it has none."""
        key = feature.encode(errors="replace")
        found = self._entries.get(key)
        if isinstance(found, bytes):
            found = self._entries[key] = json.loads(b"{%s}" % found)
        weights: dict[str, float] | None = found
        return weights


def _names_with_escapes(text: bytes) -> Iterator[bytes]:
    """Yield the names of members that contain a backslash, and perhaps text that is no name."""
    found = text.find(b"\\")
    while found >= 0:
        begin, end = text.rfind(b'},"', 0, found) + 3, text.find(b'":{', found)
        yield text[begin if begin > 2 else 0 : end]
        found = text.find(b"\\", found + 1)


class RareWords:
    """A lexicon that is read when a word is first looked up in it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, word: str) -> Any:
        """Return the entry of a word, or None if it has none."""
        return self._words.get(word)

    @functools.cached_property
    def _words(self) -> dict[str, Any]:
        words: dict[str, Any] = json.loads(_read(self._file))
        return words


def load_accent(british: bool) -> Any:
    """Return hibari's pronunciation of English, American or British, ready to use."""
    from hibari import g2p

    # The function by which hibari opens a file. If it is renamed one day, this saves no time but does no
    # harm.
    g2p._load_json = _load
    return g2p.G2P(british=british)


def _load(name: str) -> Any:
    from hibari.tts import ASSETS

    file = Path(ASSETS, name)
    if name.startswith("tagger"):
        return _load_tagger(file)
    if name.startswith("lexicon") and _end(file) in _SORTED:
        return SortedLexicon(_read(file))
    return RareWords(file) if "silver" in name else json.loads(_read(file))


def _end(file: Path) -> bytes:
    """Return the last eight bytes of a file."""
    with file.open("rb") as opened:
        opened.seek(-8, 2)
        return opened.read()


@functools.cache
def _load_tagger(file: Path) -> dict[str, Any]:
    """Return the tagger's model, which all accents share."""
    text = _read(file)
    head, found, rest = text.partition(_WEIGHTS)
    try:
        if not found:
            raise ValueError
        model: dict[str, Any] = json.loads(head.rstrip(b", ") + b"}")
        return model | {"weights": TaggerWeights(rest.rstrip().removesuffix(b"}}}"))}
    except ValueError:
        # An unknown layout: slower to read, with the same result.
        whole: dict[str, Any] = json.loads(text)
        return whole


def _read(file: Path) -> bytes:
    data = file.read_bytes()
    return gzip.decompress(data) if file.suffix == ".gz" else data
