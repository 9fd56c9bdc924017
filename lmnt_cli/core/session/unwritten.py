"""Confirmed text whose audio waits to be written. If the run fails, it counts as unspoken."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(eq=False, repr=False)
class _Waiting:
    """A text (None if it was released) and the offset in the output at which its audio ends."""

    text: str | None
    offset: int
    whole: bool  # whether its utterance ends with it


class Unwritten:
    """A queue of texts. Beyond `limit` characters all text is released.

    `written_to` is the offset at which the audio of the written text ends, and `written_whole` whether that
    is the end of an utterance.
    """

    def __init__(self, limit: int) -> None:
        self.written_to = 0
        self.written_whole = True
        self._limit = limit
        self._waiting: deque[_Waiting] = deque()
        self._size = 0

    def add(self, text: str | None, offset: int, *, whole: bool) -> None:
        """Add text whose audio ends at `offset`; `whole` is whether it is the last of its utterance."""
        self._waiting.append(_Waiting(text, offset, whole))
        self._size += len(text or "")
        if self._size > self._limit:
            # Only the end of its audio is remembered.
            self._waiting = deque([_Waiting(None, offset, whole)])
            self._size = 0

    def end_utterance(self) -> None:
        """Note that the text added last was the last of its utterance."""
        if self._waiting:
            self._waiting[-1].whole = True
        else:
            self.written_whole = True

    def forget_written(self, offset: int) -> None:
        """Forget the text whose audio is written, which is all audio up to this offset."""
        while self._waiting and self._waiting[0].offset <= offset:
            written = self._waiting.popleft()
            self.written_to, self.written_whole = written.offset, written.whole
            self._size -= len(written.text or "")

    @property
    def waits(self) -> bool:
        """Whether any text waits."""
        return bool(self._waiting)

    def texts(self) -> list[str] | None:
        """Return the waiting texts, in order; None if some text was released."""
        texts = [waiting.text for waiting in self._waiting if waiting.text is not None]
        return texts if len(texts) == len(self._waiting) else None
