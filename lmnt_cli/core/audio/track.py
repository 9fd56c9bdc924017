"""The audio that is written: its container, its length, and the time at any point in it.

Everything given to the writer passes through here, so `length` is the size the output will have.
"""

from __future__ import annotations

from ..value import value
from .formats import NEW, AudioFormat, Start
from .timeline import timeline_of
from .wav import container_of


@value
class Splice:
    """How to join the next session's audio: cut the output to `cut_to`, or append `filling` if it is None."""

    cut_to: int | None = None
    filling: bytes = b""


class Track:
    """Takes audio and returns the bytes to write. `length` is the number of bytes returned so far.

    `confirmed_to` is the offset at which the confirmed audio ends.
    """

    def __init__(self, audio_format: AudioFormat, sample_rate: int, start: Start = NEW) -> None:
        # Audio from an earlier run counts as confirmed: it is never taken back.
        self.length = self.confirmed_to = start.length
        self._confirmed_second = start.seconds
        self._container = container_of(audio_format, sample_rate, start.header if start.length else None)
        self._timeline = timeline_of(audio_format, sample_rate)
        if start.length:
            self._timeline.restart(start.length, start.seconds)

    @property
    def joinable(self) -> bool:
        """Whether another session's audio can follow in the same stream: WebM only if it has not begun."""
        return self._timeline.tells_time or self.length == 0

    @property
    def sounds(self) -> bool:
        """Whether a whole sample or frame of the utterance has arrived; headers and tags do not count."""
        return self._timeline.sounds

    @property
    def seconds(self) -> float:
        """Seconds of the utterance's audio in whole samples or frames; 0 if bytes do not indicate time."""
        return self._timeline.seconds

    def second(self, seconds: float = 0.0) -> float | None:
        """Return the time in the output `seconds` after the utterance's start; None if unknown."""
        return self._timeline.began_at + seconds if self._timeline.tells_time else None

    def offset(self, seconds: float) -> int:
        """Return the offset in the output at which the utterance has lasted `seconds`; the end if unknown."""
        found = self._timeline.place(seconds)
        return self.length if found is None else found[0]

    def feed(self, audio: bytes) -> bytes:
        """Take audio; return the bytes to write."""
        return self._count(self._container.feed(audio))

    def release(self) -> bytes:
        """Record that an utterance is complete; return the bytes of it that were held back."""
        return self._count(self._container.boundary())

    def begin_utterance(self) -> None:
        """Begin the next utterance. All audio so far is confirmed."""
        self._timeline.begin()
        self.confirmed_to, self._confirmed_second = self.length, self._timeline.began_at

    def confirm(self, seconds: float) -> None:
        """Record that the first `seconds` of the utterance are confirmed."""
        place = self._timeline.place(seconds) or (self.length, self._timeline.end())
        self.confirmed_to, self._confirmed_second = place

    def splice(self, *, can_cut: bool) -> Splice:
        """Prepare for another session's audio; return how to join it to the output.

        The output is cut at the end of the confirmed audio if it can be cut; otherwise a partial sample or
        frame is filled with zeros.
        """
        self._container.restart()
        if can_cut:
            # Never cut into the header, which is not sent again.
            self.length = max(self.confirmed_to, self._container.header)
            self._timeline.restart(self.length, self._confirmed_second)
            return Splice(cut_to=self.length)
        filling = bytes(self._timeline.broken())
        self.length += len(filling)
        self._timeline.restart(self.length, self._timeline.end())
        return Splice(filling=filling)

    def drop(self) -> bytes:
        """Start again after a reset; return the filling that completes a partial sample or frame."""
        return self.splice(can_cut=False).filling

    def patches(self, written: int) -> list[tuple[int, bytes]]:
        """Return what to overwrite, as offsets from our first byte and data, if `written` bytes are all."""
        return self._container.patches(written)

    def _count(self, chunk: bytes) -> bytes:
        if chunk and self.length == 0:
            self._timeline.restart(self._container.header, 0.0)
            self._timeline.feed(chunk[self._container.header :])
        else:
            self._timeline.feed(chunk)
        self.length += len(chunk)
        return chunk
