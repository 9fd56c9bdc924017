"""The input side: turns bytes into pieces to send, and adds a flush when the input pauses."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import NothingToSay
from .flush_rules import FlushRule
from .plaintext import PlainText
from .segmenter import Piece, Segmenter
from .strip.filters import Strip, Stripped, Stripper


class Intake:
    """The text side of a conversation.

    `ended` is whether the input has ended, `last_at` when text last arrived, in seconds on the caller's
    clock. The input is full after `most` characters, counted after stripping.
    """

    def __init__(
        self,
        rule: FlushRule,
        idle_flush: float | None,
        language: str | None = None,
        most: int | None = None,
        strip: Sequence[Strip] = (),
    ) -> None:
        self.ended = False
        self.last_at = 0.0
        self._plain = PlainText()
        self._stripper = Stripper(strip) if strip else None
        self._segmenter = Segmenter(rule, language)
        self._idle_flush = idle_flush
        self._left = most
        self._is_empty = True

    @property
    def replaced(self) -> int:
        """The number of U+FFFD that replace undecodable bytes."""
        return self._plain.replaced

    @property
    def stripped(self) -> Stripped | None:
        """What was removed from the text; None if nothing was."""
        stripper = self._stripper
        if stripper is None or not stripper.stripped:
            return None
        return Stripped(stripper.stripped, stripper.given, stripper.unclosed)

    def feed(self, data: bytes, now: float) -> list[Piece]:
        """Take bytes as they were read; return what to send now."""
        self.last_at = now
        self._is_empty = self._is_empty and not data
        text = self._plain.feed(data)
        if self._stripper is not None:
            text = self._stripper.feed(text)
        return self._segmenter.feed(self._limited(text))

    def finish(self) -> list[Piece]:
        """End the input; return what was still held. Raises NothingToSay if the text contained no word."""
        self.ended = True
        text = self._plain.finish()
        if self._stripper is not None:
            text = self._stripper.feed(text) + self._stripper.finish()
        pieces = self._segmenter.feed(self._limited(text))
        if not self._segmenter.spoken:
            what = "the input was empty" if self._is_empty else "the text contains no words"
            if self.stripped is not None:
                what = "--strip left no words in the text"
            raise NothingToSay(f"nothing to say: {what}")
        return pieces

    @property
    def is_full(self) -> bool:
        """Whether the limit of characters is reached."""
        return self._left == 0

    def _limited(self, text: str) -> str:
        if self._left is not None:
            text = text[: self._left]
            self._left -= len(text)
        return text

    def forget(self, *, words_wait: bool) -> None:
        """Forget text that was sent and is now dropped; `words_wait` is whether a word after it is unsent."""
        self._segmenter.forget(words_wait=words_wait)

    def flush_if_idle(self, now: float) -> list[Piece]:
        """Return a flush if the text has paused long enough and has contained a word since the last one.

        Words held because of markup come before it.
        """
        if self._idle_flush is None or self.ended or now - self.last_at < self._idle_flush:
            return []
        held = self._stripper.pause() if self._stripper is not None else ""
        return [*self._segmenter.feed(self._limited(held)), *self._segmenter.flush()]
