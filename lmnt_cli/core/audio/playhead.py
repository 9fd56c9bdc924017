"""A player's position in the audio: what to feed it next, what is still audible, what has been heard.

This is the arithmetic of playing one stream with one player after another. Offsets count the stream's bytes
from its first; times are seconds on any steady clock, passed in by the caller.
"""

from __future__ import annotations

from .formats import NEW, AudioFormat, Start
from .wav import endless, header_length


# Seconds of audio that players buffer before it is heard.
LATENCY = 0.3
_SAMPLE_SIZES = {AudioFormat.PCM_S16LE: 2, AudioFormat.WAV: 2, AudioFormat.PCM_F32LE: 4}


class Playhead:
    """Tracks the audio received and the audio heard.

    `received` is the number of bytes received; `began` is whether the current player was given any audio.
    """

    def __init__(
        self, audio_format: AudioFormat, sample_rate: int, start: Start = NEW, *, takes_header: bool
    ) -> None:
        """`takes_header` is whether players expect the format's header, or bare samples.

        The first player begins after `start`.
        """
        self.began = False
        # WebM cannot be joined in the middle: a second player could not continue the stream.
        self.can_skip = audio_format is not AudioFormat.WEBM
        self._takes_header = takes_header
        self._has_header = audio_format in (AudioFormat.WAV, AudioFormat.ULAW)
        # None until the first audio. The sizes in an existing header are those of the existing audio.
        self._header = endless(start.header) if start.length else None
        self._sample = _SAMPLE_SIZES.get(audio_format, 1)
        self._bytes_per_second = audio_format.bytes_per_second(sample_rate)
        self._filling = b""
        self.received = start.length
        self._heard = start.length  # the offset heard when the last audio arrived
        self._silent_from = float("-inf")  # when all audio received will have been heard, without latency
        self._paused_at: float | None = None

    def receive(self, chunk: bytes, now: float) -> None:
        """Count audio as received. It is heard after all earlier audio, and not before now."""
        if self._header is None:
            self._header = chunk[: header_length(chunk) or 0] if self._has_header else b""
        self._heard = self.heard(now)
        self.received += len(chunk)
        if chunk and self._bytes_per_second is not None:
            self._silent_from = max(self._silent_from, now) + len(chunk) / self._bytes_per_second

    def fit(self, chunk: bytes, start: int) -> bytes:
        """Return the bytes to give the current player for the chunk that starts at this offset.

        The stream's first player gets the chunk as it is. A later one joins in the middle: it gets the
        stream's header, if it takes headers, and audio from the next whole sample on, counted from the end of
        the header.
        """
        header = self._header or b""
        if self.began:
            filling, self._filling = self._filling, b""
            return filling + chunk
        into = start - len(header)  # position of the chunk within the samples; negative in the header
        audio = chunk[-into if into < 0 else -into % self._sample :]
        if not audio:
            return b""
        self.began = True
        return header + audio if self._takes_header else audio

    def cut(self, given: int, offset: int) -> None:
        """Take back the audio after `offset`, which will arrive again; the player has all up to `given`.

        If the player has already received part of a sample, the rest is filled with zeros so that the next
        sample starts whole.
        """
        if given > offset:
            self._filling = bytes(-(given - len(self._header or b"")) % self._sample)
        self.received = min(self.received, offset)
        self._heard = min(self._heard, offset)

    def replace_player(self) -> None:
        """Switch to a new player: it skips the audio received so far, none of which is audible any more."""
        self.began = False
        self._filling = b""
        self._silent_from = float("-inf")

    def pause(self, now: float) -> None:
        """Record that the player is stopped: audio not heard yet will be heard later."""
        self._paused_at = now

    def resume(self, now: float) -> None:
        """Record that the player continues, if it was stopped."""
        if self._paused_at is not None:
            if self._paused_at < self._silent_from:
                self._silent_from += now - self._paused_at
            self._paused_at = None

    def sounds(self, now: float) -> bool:
        """Return whether audio is still to be heard, as far as bytes indicate time."""
        return now < self._silent_from + LATENCY

    def heard(self, now: float) -> int:
        """Return the offset heard by now if the player keeps up, as far as bytes indicate time."""
        if self._bytes_per_second is None:
            return self.received
        rest = max(0.0, self._silent_from + LATENCY - now) * self._bytes_per_second  # bytes not heard yet
        return max(self._heard, self.received - int(rest))

    def seconds(self, now: float) -> tuple[float, float] | None:
        """Return the seconds heard and the seconds received; None if bytes do not indicate time."""
        if self._bytes_per_second is None:
            return None
        audio = max(0, self.received - len(self._header or b""))
        total = audio / self._bytes_per_second
        return max(0.0, min(total, total - (self._silent_from - now))), total
