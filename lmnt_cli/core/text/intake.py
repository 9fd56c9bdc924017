"""The text as it is read: bytes to pieces that may be sent, and the flush a pause in it may ask for."""

from __future__ import annotations

from ...errors import NothingToSay
from .flush_rules import FlushRule
from .plaintext import PlainText
from .segmenter import Piece, Segmenter


class Intake:
    """The text side of a conversation. `ended` says that no more will come, `last_at` when some last came."""

    def __init__(self, rule: FlushRule, idle_flush: float | None) -> None:
        self.ended = False
        self.last_at = 0.0
        self._plain = PlainText()
        self._segmenter = Segmenter(rule)
        self._idle_flush = idle_flush

    @property
    def replaced(self) -> int:
        """How often U+FFFD stands for what was not UTF-8."""
        return self._plain.replaced

    def feed(self, data: bytes, now: float) -> list[Piece]:
        """Take bytes as they were read; return what may be sent now."""
        self.last_at = now
        return self._segmenter.feed(self._plain.feed(data))

    def finish(self) -> list[Piece]:
        """No more will come. Raises NothingToSay if there was no word in it."""
        self.ended = True
        pieces = self._segmenter.feed(self._plain.finish())
        if not self._segmenter.spoken:
            raise NothingToSay("nothing to say: the text has no word in it")
        return pieces

    def forget(self, *, words_wait: bool) -> None:
        """What was sent was dropped; `words_wait` says whether a word behind it was not."""
        self._segmenter.forget(words_wait=words_wait)

    def flush_if_idle(self, now: float) -> list[Piece]:
        """A flush, if the text has paused for long enough and has a word to flush."""
        if self._idle_flush is None or self.ended or now - self.last_at < self._idle_flush:
            return []
        return self._segmenter.flush()
