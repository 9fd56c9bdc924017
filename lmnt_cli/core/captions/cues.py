"""Words grouped into cues: the text on the screen at one time, in one or two lines.

A cue ends at the end of a sentence and before a pause. One that grows too long is cut at its last comma, or
else between words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ..value import value
from .placement import Word


COLUMNS = 42
LONGEST = 7.0
# A silence of this many seconds ends a cue.
_PAUSE = 0.7
_COMMAS = ",;:،؛、，；：–—"


@value
class Cue:
    """One or two lines, shown from `start` to `end`, in seconds of the written audio."""

    start: float
    end: float
    lines: tuple[str, ...]


class Cues:
    """Takes words in order and returns each cue as soon as its end is certain."""

    def __init__(self) -> None:
        self._words: list[Word] = []

    def feed(self, word: Word) -> list[Cue]:
        """Take the next word; return the cues it completes."""
        cues: list[Cue] = []
        if self._words and self._ends_before(word):
            cues += self.finish()
        while self._words and not _fits([*self._words, word]):
            cues.append(self._cut())
        self._words.append(word)
        if word.closes:
            cues += self.finish()
        return cues

    def finish(self) -> list[Cue]:
        """Return the cue of the remaining words: nothing follows them."""
        words, self._words = self._words, []
        return [_cue(words)] if words else []

    def _ends_before(self, word: Word) -> bool:
        last = self._words[-1]
        return word.utterance != last.utterance or word.start - last.end >= _PAUSE

    def _cut(self) -> Cue:
        """Remove and return the words up to the last comma, or all of them."""
        commas = (number for number, word in enumerate(self._words, 1) if _ends_in_comma(word.text))
        count = max(commas, default=len(self._words))
        words, self._words = self._words[:count], self._words[count:]
        return _cue(words)


def columns(text: str) -> int:
    """Return the width of a text in columns, of which wide East Asian letters take two."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _fits(words: Sequence[Word]) -> bool:
    return words[-1].end - words[0].start <= LONGEST and _break(words) is not None


def _break(words: Sequence[Word]) -> int | None:
    """Return how many words go in the first of at most two lines; None if two lines are not enough."""
    widths = [columns(word.text) for word in words]
    if max(widths) > COLUMNS:
        return len(words) if len(words) == 1 else None
    total = sum(widths) + sum(word.spaced for word in words[1:])
    if total <= COLUMNS:
        return len(words)
    best: tuple[int, int] | None = None
    first = widths[0]
    for count in range(1, len(words)):
        second = total - first - words[count].spaced
        if max(first, second) <= COLUMNS and (best is None or abs(first - second) < best[0]):
            best = (abs(first - second), count)
        first += words[count].spaced + widths[count]
    return None if best is None else best[1]


def _cue(words: Sequence[Word]) -> Cue:
    count = _break(words) or len(words)
    lines = tuple(_line(part) for part in (words[:count], words[count:]) if part)
    start = words[0].start
    return Cue(start, min(words[-1].end, start + LONGEST), lines)


def _line(words: Sequence[Word]) -> str:
    return words[0].text + "".join(" " * word.spaced + word.text for word in words[1:])


def _ends_in_comma(text: str) -> bool:
    return text.rstrip("\"'”’»)]}」』）").endswith(tuple(_COMMAS))
