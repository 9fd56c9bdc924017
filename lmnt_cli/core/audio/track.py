"""The audio that is written: its container, its length, and where in it we are.

Everything the writer is given has passed through here, so `length` is the size the output will have.
"""

from __future__ import annotations

from dataclasses import dataclass

from .formats import AudioFormat
from .timeline import timeline_of
from .wav import container_of


@dataclass(frozen=True)
class Splice:
    """How the next session's audio is joined: the output is cut to `cut_to`, or if that is None filled up."""

    cut_to: int | None = None
    filling: bytes = b""


class Track:
    """Audio in, bytes to write out. `length` is how many those were."""

    def __init__(self, audio_format: AudioFormat, sample_rate: int) -> None:
        self.length = 0
        self._container = container_of(audio_format, sample_rate)
        self._timeline = timeline_of(audio_format, sample_rate)

    @property
    def joinable(self) -> bool:
        """Whether another session's audio can follow in the same stream: WebM cannot, once it has begun."""
        return self._timeline is not None or self.length == 0

    @property
    def seconds(self) -> float:
        """Seconds of the utterance's audio that came whole; 0 where bytes are not time."""
        return 0.0 if self._timeline is None else self._timeline.seconds

    def offset(self, seconds: float) -> int:
        """Where in the output that second of the utterance ends; the output's end if that is not known."""
        found = None if self._timeline is None else self._timeline.offset(seconds)
        return self.length if found is None else found

    def feed(self, audio: bytes) -> bytes:
        """Take audio; return the bytes to write."""
        return self._count(self._container.feed(audio))

    def begin_utterance(self) -> bytes:
        """An utterance is complete; return what was held back of it."""
        chunk = self._count(self._container.boundary())
        if self._timeline is not None:
            self._timeline.begin(self.length)
        return chunk

    def finish(self) -> bytes:
        """No more audio comes; return what was held back."""
        return self._count(self._container.finish())

    def splice(self, confirmed_to: int, *, can_cut: bool) -> Splice:
        """The audio broke off and goes on in another session: how it is joined to what is written."""
        self._container.restart()
        broken = 0 if self._timeline is None else self._timeline.broken()
        if can_cut:
            # Never into the header, which does not come again.
            splice = Splice(cut_to=max(confirmed_to, self._container.header))
            self.length = max(confirmed_to, self._container.header)
        else:
            splice = Splice(filling=bytes(broken))
            self.length += broken
        if self._timeline is not None:
            self._timeline.restart(self.length)
        return splice

    def patches(self, written: int) -> list[tuple[int, bytes]]:
        """What to overwrite, and where from our first byte, now that `written` bytes are the whole."""
        return self._container.patches(written)

    def _count(self, chunk: bytes) -> bytes:
        if chunk and self.length == 0 and self._timeline is not None:
            self._timeline.restart(self._container.header)
            self._timeline.feed(chunk[self._container.header :])
        elif self._timeline is not None:
            self._timeline.feed(chunk)
        self.length += len(chunk)
        return chunk
