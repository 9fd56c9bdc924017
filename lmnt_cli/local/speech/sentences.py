"""Text as it comes -> stretches worth speaking, as early as there is context.

Rule 1: a sentence is complete once white space follows its end; what was complete is never held back.
Rule 2: no stretch is longer than `LIMIT` characters, so that one synthesis is never long.
Rule 3: it depends on the text alone, never on how it was cut into messages.
"""

from __future__ import annotations

import re
from collections import deque


# A run this long without a pause is spoken in parts: the voice takes a stretch in one piece, and the
# first sound of a long one would come late.
LIMIT = 250

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
    """Whether there is anything to say: a letter or a digit."""
    return any(character.isalnum() for character in text)


class SentenceSplitter:
    """Collects text and hands out what can be spoken. `held` is the number of characters waiting."""

    def __init__(self) -> None:
        self.held = 0
        # Only the window is searched: text waits in pieces, so that a long text costs no copying.
        self._window = ""
        self._lead = ""
        self._waiting: deque[str] = deque()

    def add(self, text: str) -> None:
        """Take more text."""
        self._waiting.append(text)
        self.held += len(text)

    def take(self, final: bool) -> str | None:
        """Return the next stretch with words in it, or None if more text must come first.

        A stretch begins with the white space before it (a long run is shortened). With `final` no more
        text will come: the rest is handed out too, and None means all is said.
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
                return stretch

    def _fill(self) -> None:
        while len(self._window) <= 2 * LIMIT and self._waiting:
            window = self._window + self._waiting.popleft()
            self._window = window.lstrip()
            space = len(window) - len(self._window)
            self._lead = (self._lead + window[:space])[:_LONGEST_LEAD]
            self.held -= space

    def _end(self) -> int:
        """Where the first complete stretch ends, or 0 if there is none yet."""
        text = self._window
        for match in _END.finditer(text, 1, LIMIT + 2):
            # The look-ahead sees no further than the limit, hence two more than may be taken.
            if match.end() <= LIMIT and not _ABBREVIATION.search(text[: match.end()]):
                return match.end()
        if len(text) <= LIMIT:
            return 0
        clauses = [match.end() for match in _CLAUSE.finditer(text, LIMIT // 2, LIMIT)]
        spaces = [match.start() for match in _SPACE.finditer(text, 1, LIMIT + 1)]
        return (clauses or spaces or [LIMIT])[-1]
