"""Which asterisks, underscores and tildes are markup: CommonMark's delimiter runs, one line at a time.

A run is pushed when it is complete. Closers are matched at once, against earlier runs only, so the text in
between is known as soon as its closing mark arrives. Inside brackets that may become a link they wait.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(eq=False)
class Token:
    """A part of the line that may have to wait. `open` is whether its meaning depends on what follows."""

    text: str
    position: int
    open: bool = False


@dataclass(eq=False)
class Run(Token):
    """A delimiter run. Matched marks are removed from its text."""

    can_open: bool = False
    can_close: bool = False
    length: int = field(init=False)
    # Increases along the line, however many runs are removed.
    serial: int = 0

    def __post_init__(self) -> None:
        self.length = len(self.text)

    @property
    def character(self) -> str:
        return self.text[0]


def delimiter_run(text: str, position: int, before: str, after: str) -> Run:
    """Return the run between these two characters, classified by which way it flanks (CommonMark, 6.2)."""
    left = not after.isspace() and (not _is_punctuation(after) or before.isspace() or _is_punctuation(before))
    right = not before.isspace() and (
        not _is_punctuation(before) or after.isspace() or _is_punctuation(after)
    )
    if text[0] == "_":
        can_open = left and (not right or _is_punctuation(before))
        can_close = right and (not left or _is_punctuation(after))
    else:
        can_open, can_close = left, right
    if text[0] == "~" and len(text) < 2:
        can_open = can_close = False
    return Run(text, position, can_open=can_open, can_close=can_close, open=can_open)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


class Emphasis:
    """The runs of a line that may still be matched, in order. No pair is longer than `longest` characters."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._runs: list[Run] = []
        self._serial = self._matched = 0
        # Serials up to which the search for an opener is known to be fruitless, by kind of closer.
        self._bottoms: dict[tuple[str, bool, int], int] = {}

    @property
    def last(self) -> int:
        """The serial of the run pushed last; serials increase along the line."""
        return self._serial

    def clear(self) -> None:
        """Begin a new line."""
        self._runs.clear()
        self._bottoms.clear()
        self._matched = self._serial

    def push(self, run: Run) -> None:
        """Take the next run of the line."""
        if not (run.can_open or run.can_close):
            return
        self._serial += 1
        run.serial = self._serial
        if len(self._runs) > 2 * self._longest:
            # Runs too far back can no longer match.
            self._runs = [each for each in self._runs if run.position - each.position <= self._longest]
        self._runs.append(run)

    def match(self, last: int) -> None:
        """Match the closers up to the run with serial `last`, each with an opener before it."""
        index = self._index(self._matched)
        self._matched = max(self._matched, last)
        while index < len(self._runs) and self._runs[index].serial <= last:
            index = self._match_closer(index, 0) if self._runs[index].can_close else index + 1

    def let_go(self, run: Run) -> str:
        """Return what a pause shows of a run of the line: nothing of one that is open, and may yet be closed.

        Within a word (`2*3`) it is more likely text.
        """
        self.match(self._serial)
        if run.can_close:
            run.can_open = run.open = False
        return "" if run.open else run.text

    def match_inside(self, after: int) -> None:
        """Match the runs after that serial among themselves: they are inside a link. The rest become text."""
        begin = index = self._index(after)
        while index < len(self._runs):
            index = self._match_closer(index, begin) if self._runs[index].can_close else index + 1
        for run in self._runs[begin:]:
            run.open = False
        del self._runs[begin:]

    def _index(self, serial: int) -> int:
        """Return the index of the first run after this serial."""
        return bisect_right(self._runs, serial, key=lambda run: run.serial)

    def _match_closer(self, index: int, lowest: int) -> int:
        """Match as much as possible of the closer at `index`; return the index of the run after it."""
        closer = self._runs[index]
        while closer.text:
            at = self._opener(closer, index, lowest)
            if at is None:
                break
            opener = self._runs[at]
            for run in self._runs[at + 1 : index]:
                run.open = False
            used = 2 if len(opener.text) >= 2 and len(closer.text) >= 2 else 1
            opener.text = opener.text[used:]
            closer.text = closer.text[used:]
            del self._runs[at + 1 : index]
            index = at + 1
            if len(opener.text) < (2 if opener.text[:1] == "~" else 1):
                opener.open = False
                del self._runs[at]
                index = at
        if not closer.text or not closer.can_open:
            closer.open = False
            del self._runs[index]
            return index
        return index + 1

    def _opener(self, closer: Run, index: int, lowest: int) -> int | None:
        """Return the index of the nearest opener for the closer. `_bottoms` keeps repeated searches short."""
        if closer.character == "~" and len(closer.text) < 2:
            return None
        key = (closer.character, closer.can_open, closer.length % 3)
        bottom = self._bottoms.get(key, 0)
        for at in range(index - 1, lowest - 1, -1):
            opener = self._runs[at]
            if opener.serial <= bottom or closer.position - opener.position > self._longest:
                break
            if opener.can_open and opener.text[:1] == closer.character and self._fit(opener, closer):
                return at
        if not lowest:
            self._bottoms[key] = self._runs[index - 1].serial if index else 0
        return None

    @staticmethod
    def _fit(opener: Run, closer: Run) -> bool:
        """Return whether the rule of three allows them to match (CommonMark, 6.2, rules 9 and 10)."""
        if closer.character == "~":
            return len(opener.text) >= 2
        both = opener.can_close or closer.can_open
        return (
            not both
            or (opener.length + closer.length) % 3 != 0
            or opener.length % 3 == closer.length % 3 == 0
        )
