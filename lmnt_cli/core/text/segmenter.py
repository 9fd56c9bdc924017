"""Cuts plain text, in any pieces, into messages for the service: texts, and flushes between utterances.

Rule 1: every piece is passed on at once, except that white space at the start of an utterance waits for the
text after it. Rule 2: the texts joined are the input. Rule 3: a flush only follows a word.
"""

from __future__ import annotations

import enum
import re

from .flush_rules import FlushRule, boundaries_of


# The service documents 5,000 characters for an HTTP request, and no limit for the messages of a session.
MAX_CHARS = 4000

# A letter or a digit (Unicode L or N): `\w` without the underscore.
_WORD = re.compile(r"[^\W_]")


def has_word(text: str) -> bool:
    """Return whether there is anything in `text` to speak: a letter or a digit."""
    return _WORD.search(text) is not None


class Mark(enum.Enum):
    """A marker between two texts."""

    FLUSH = "flush"


Piece = str | Mark


class Segmenter:
    """Cuts text into pieces.

    `spoken` is whether there was any word, `owes_flush` whether there was one since the last flush.
    """

    def __init__(self, rule: FlushRule, language: str | None = None) -> None:
        self.spoken = False
        self.owes_flush = False
        self._boundaries = boundaries_of(rule, language)
        self._held = ""
        self._utterance_began = False

    def feed(self, text: str) -> list[Piece]:
        """Take more text; return what to send now, in order."""
        self._boundaries.feed(text)
        pieces: list[Piece] = []
        begin = 0
        while (end := self._next_flush(text, begin)) is not None:
            self._take(text[begin:end], pieces)
            begin = end
            pieces += self.flush()
        self._take(text[begin:], pieces)
        return pieces

    def flush(self) -> list[Piece]:
        """Return the flush that ends the utterance here; nothing if there was no word since the last one."""
        if not self.owes_flush:
            return []
        self.owes_flush = self._utterance_began = False
        return [Mark.FLUSH]

    def forget(self, *, words_wait: bool) -> None:
        """Forget text that was sent and is now dropped; `words_wait` is whether a word after it is unsent."""
        self.owes_flush = self.owes_flush and words_wait

    def _next_flush(self, text: str, begin: int) -> int | None:
        """Return the first boundary in `text` from `begin` on that follows a word."""
        if not self.owes_flush:
            # Searched once here, not at every boundary: text without words may have one at every character.
            word = _WORD.search(text, begin)
            if word is None:
                return None
            self.owes_flush = self.spoken = True
            begin = word.end()
        return self._boundaries.next_end(begin)

    def _take(self, text: str, pieces: list[Piece]) -> None:
        """Append text to the pieces, but hold white space at the start of an utterance."""
        if not text:
            return
        if not self._utterance_began:
            text, self._held = self._held + text, ""
            if text.isspace() and len(text) < MAX_CHARS:
                self._held = text
                return
            self._utterance_began = True
        pieces.extend(text[at : at + MAX_CHARS] for at in range(0, len(text), MAX_CHARS))
