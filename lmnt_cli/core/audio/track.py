"""The audio that is written: its container, its length, and what time it is in it.

Everything the writer is given has passed through here, so `length` is the size the output will have.
"""

from __future__ import annotations

from dataclasses import dataclass

from .formats import NEW, AudioFormat, Start
from .timeline import timeline_of
from .wav import container_of


@dataclass(frozen=True)
class Splice:
    """How the next session's audio is joined: the output is cut to `cut_to`, or if that is None filled up."""

    cut_to: int | None = None
    filling: bytes = b""


class Track:
    """Audio in, bytes to write out. `length` is how many those were.

    `confirmed_to` is the offset at which the audio of what is confirmed ends.
    """

    def __init__(self, audio_format: AudioFormat, sample_rate: int, start: Start = NEW) -> None:
        # What an earlier run has left counts as confirmed: it is never taken back.
        self.length = self.confirmed_to = start.length
        self._confirmed_second = start.seconds
        self._container = container_of(audio_format, sample_rate, start.header if start.length else None)
        self._timeline = timeline_of(audio_format, sample_rate)
        if start.length:
            self._timeline.restart(start.length, start.seconds)

    @property
    def joinable(self) -> bool:
        """Whether another session's audio can follow in the same stream: WebM cannot, once it has begun."""
        return self._timeline.tells_time or self.length == 0

    @property
    def sounds(self) -> bool:
        """Whether a whole sample or frame of the utterance came; headers and tags are none."""
        return self._timeline.sounds

    @property
    def seconds(self) -> float:
        """Seconds of the utterance's audio that came whole; 0 where bytes are not time."""
        return self._timeline.seconds

    def second(self, seconds: float = 0.0) -> float | None:
        """Return the second of the output that is `seconds` after the utterance's start; None if unknown."""
        return self._timeline.began_at + seconds if self._timeline.tells_time else None

    def offset(self, seconds: float) -> int:
        """Return where in the output that second of the utterance ends; its end if that is not known."""
        found = self._timeline.place(seconds)
        return self.length if found is None else found[0]

    def feed(self, audio: bytes) -> bytes:
        """Take audio; return the bytes to write."""
        return self._count(self._container.feed(audio))

    def release(self) -> bytes:
        """Take note that an utterance is complete; return what was held back of it."""
        return self._count(self._container.boundary())

    def begin_utterance(self) -> None:
        """Begin the next utterance. What came so far is confirmed."""
        self._timeline.begin()
        self.confirmed_to, self._confirmed_second = self.length, self._timeline.began_at

    def confirm(self, seconds: float) -> None:
        """Take note that so many seconds of the utterance are confirmed."""
        place = self._timeline.place(seconds) or (self.length, self._timeline.end())
        self.confirmed_to, self._confirmed_second = place

    def splice(self, *, can_cut: bool) -> Splice:
        """Join another session's audio to what is written; return what to do to the output.

        It is cut where what is confirmed ends, if it can be, else a broken sample or frame is filled up.
        """
        self._container.restart()
        if can_cut:
            # Never into the header, which does not come again.
            self.length = max(self.confirmed_to, self._container.header)
            self._timeline.restart(self.length, self._confirmed_second)
            return Splice(cut_to=self.length)
        filling = bytes(self._timeline.broken())
        self.length += len(filling)
        self._timeline.restart(self.length, self._timeline.end())
        return Splice(filling=filling)

    def drop(self) -> bytes:
        """Begin anew after a reset; return the filling, so that what comes now begins with a whole sample."""
        return self.splice(can_cut=False).filling

    def patches(self, written: int) -> list[tuple[int, bytes]]:
        """Return what to overwrite, and where from our first byte, now that `written` bytes are the whole."""
        return self._container.patches(written)

    def _count(self, chunk: bytes) -> bytes:
        if chunk and self.length == 0:
            self._timeline.restart(self._container.header, 0.0)
            self._timeline.feed(chunk[self._container.header :])
        else:
            self._timeline.feed(chunk)
        self.length += len(chunk)
        return chunk
