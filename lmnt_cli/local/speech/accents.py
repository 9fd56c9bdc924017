"""Loads the pronunciation of an accent from hibari's dictionaries, three times as fast as hibari does.

Its files are gzipped JSON. Most of the time goes into 80,000 small objects, the weights of its tagger, and
into a second lexicon for rare words. Few of either are ever used: weights are decoded one by one on first
use, and the second lexicon as a whole.
"""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path
from typing import Any


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
        for name in [name for name in self._entries if b"\\" in name]:
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
    if "silver" in name:
        return RareWords(file)
    return _load_tagger(file) if name.startswith("tagger") else json.loads(_read(file))


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
