"""Splits arriving text into stretches to speak, each as soon as it is complete.

Rule 1: a sentence is complete once white space follows its end, and is then handed out at once. Rule 2: the
first stretch may end at a clause, so that the first sound comes early. Rule 3: no stretch is longer than
`LIMIT` characters, so that no synthesis takes long. Rule 4: the result depends on the text alone, never on
how it was cut into messages.
"""

from __future__ import annotations

import re
from collections import deque


# Longer text without a pause is spoken in parts: a stretch is synthesized as a whole, so the first sound of a
# long one would come late.
LIMIT = 250
# A first clause of fewer characters is not spoken alone: it would sound abrupt, and save almost no time.
_SHORTEST = 12
# Text waits in pieces of this many characters. Short messages are joined, because each alone would cost more
# than its text. Long ones are split, because one letter beyond Latin makes Python use four bytes for each.
_PIECE = 4096

_END = re.compile(
    r"""[.!?…]+["'”’»)\]]*(?=\s)|[。！？]+[”’」』）)]*(?=[^。！？”’」』）)])|(?=\n[^\S\n]*\n)"""
)
_CLAUSE = re.compile(r"""[,;:—]["'”’)\]]*(?=\s)""")
_SPACE = re.compile(r"\s")
_LONGEST_LEAD = 16
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“‘])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Rev|Gen|Col|Capt|Lt|Sgt|Hon|Gov|Sen|Rep|Mt|Ft"
    r"|vs|etc|cf|e\.g|i\.e|approx|Inc|Ltd|Co|Corp|Fig|Vol|pp?|a\.m|p\.m|U\.S|U\.K)\.$"
)


def has_words(text: str) -> bool:
    """Return whether there is anything to speak: a letter or a digit."""
    return any(character.isalnum() for character in text)


class SentenceSplitter:
    """Collects text and hands out stretches to speak. `held` is the number of characters waiting."""

    def __init__(self) -> None:
        self.held = 0
        # Only the window is searched; the rest waits in pieces, so that a long text is not copied repeatedly.
        self._window = ""
        self._lead = ""
        self._is_first = True
        self._waiting: deque[str] = deque()

    def add(self, text: str) -> None:
        """Add more text."""
        self.held += len(text)
        if self._waiting and len(self._waiting[-1]) + len(text) <= _PIECE:
            self._waiting[-1] += text
        else:
            self._waiting.extend(text[start : start + _PIECE] for start in range(0, len(text), _PIECE))

    def take(self, final: bool) -> str | None:
        """Return the next stretch with words, or None until more text is added.

        A stretch begins with the white space before it (a long run is shortened). With `final`, no more text
        follows: the rest is handed out too, and None means that nothing is left.
        """
        while True:
            self._fill()
            end = self._end() or (len(self._window) if final else 0)
            if not end:
                return None
            stretch = self._lead + self._window[:end]
            self._lead, self._window = "", self._window[end:]
            self.held -= end
            if has_words(stretch):
                self._is_first = False
                return stretch

    def _fill(self) -> None:
        while len(self._window) <= 2 * LIMIT and self._waiting:
            window = self._window + self._waiting.popleft()
            self._window = window.lstrip()
            space = len(window) - len(self._window)
            self._lead = (self._lead + window[:space])[:_LONGEST_LEAD]
            self.held -= space

    def _end(self) -> int:
        """Return where the first complete stretch ends, or 0 if there is none yet."""
        text = self._window
        # The look-ahead does not see beyond the limit, so it is two characters longer than a stretch may be.
        ends = [
            match.end()
            for match in _END.finditer(text, 1, LIMIT + 2)
            if match.end() <= LIMIT and not _ABBREVIATION.search(text[: match.end()])
        ][:1]
        if self._is_first:
            ends += [match.end() for match in _CLAUSE.finditer(text, _SHORTEST - 1, LIMIT)][:1]
        if ends:
            return min(ends)
        if len(text) <= LIMIT:
            return 0
        clauses = [match.end() for match in _CLAUSE.finditer(text, LIMIT // 2, LIMIT)]
        spaces = [match.start() for match in _SPACE.finditer(text, 1, LIMIT + 1)]
        return (clauses or spaces or [LIMIT])[-1]
