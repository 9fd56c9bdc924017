"""Plain text, in any pieces, to what goes to the service: texts, and the flushes between utterances.

Rule 1: every piece goes on at once; only white space at the start of an utterance waits, until something
follows it. Rule 2: joined, the texts are the input. Rule 3: a flush falls only behind a word.
"""

from __future__ import annotations

import enum
import re

from .flush_rules import FlushRule, boundaries_of


# The service documents 5,000 characters for one HTTP request and nothing for a session's messages.
MAX_CHARS = 4000

# A letter or a digit (Unicode L or N): `\w` without the underscore.
_WORD = re.compile(r"[^\W_]")


def has_word(text: str) -> bool:
    """Return whether there is anything in `text` to speak: a letter or a digit."""
    return _WORD.search(text) is not None


class Mark(enum.Enum):
    """What may stand between two texts."""

    FLUSH = "flush"


Piece = str | Mark


class Segmenter:
    """Cuts text into pieces.

    `spoken` says whether any word has come, `owes_flush` whether one has since the last flush.
    """

    def __init__(self, rule: FlushRule) -> None:
        self.spoken = False
        self.owes_flush = False
        self._boundaries = boundaries_of(rule)
        self._held = ""
        self._utterance_began = False

    def feed(self, text: str) -> list[Piece]:
        """Take more text; return what may be sent now, in order."""
        pieces: list[Piece] = []
        start = 0
        for end in self._boundaries.ends(text):
            self._take(text[start:end], pieces)
            start = end
            pieces += self.flush()
        self._take(text[start:], pieces)
        return pieces

    def flush(self) -> list[Piece]:
        """End the utterance here; nothing, if it has no word yet."""
        if not self.owes_flush:
            return []
        self.owes_flush = self._utterance_began = False
        return [Mark.FLUSH]

    def forget(self, *, words_wait: bool) -> None:
        """What was sent was dropped; `words_wait` says whether a word behind it was not."""
        self.owes_flush = self.owes_flush and words_wait

    def _take(self, text: str, pieces: list[Piece]) -> None:
        if not text:
            return
        if not self._utterance_began:
            text, self._held = self._held + text, ""
            if text.isspace() and len(text) < MAX_CHARS:
                self._held = text
                return
            self._utterance_began = True
        if not self.owes_flush and has_word(text):
            self.owes_flush = self.spoken = True
        pieces.extend(text[at : at + MAX_CHARS] for at in range(0, len(text), MAX_CHARS))
