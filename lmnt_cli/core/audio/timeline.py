"""Conversion between bytes written and seconds heard, for formats in which bytes indicate time.

A timeline follows the audio written, without headers. Offsets count from the first byte of the output,
seconds of an utterance from its `begin`, and `began_at` from the first sample of the output. All audio is
mono.
"""

from __future__ import annotations

from typing import Protocol

from .formats import AudioFormat
from .mp3_frames import Mp3Frames
from .webm_blocks import WebmBlocks


class Timeline(Protocol):
    """Follows the audio that is written.

    `tells_time` is whether bytes indicate time at all. `seconds` is the utterance's audio so far in whole
    samples or frames, and `sounds` is whether there is at least one: headers, tags and partial samples do not
    count.
    """

    tells_time: bool
    seconds: float
    began_at: float
    sounds: bool

    def begin(self) -> None:
        """Begin the next utterance at the current end of the audio."""
        ...

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes written."""
        ...

    def place(self, seconds: float) -> tuple[int, float] | None:
        """Return the offset in the output, and the time there, at which the utterance has lasted `seconds`.

        None if that is unknown. Must be called with ascending values.
        """
        ...

    def broken(self) -> int:
        """Return how many bytes are missing from the last sample or frame."""
        ...

    def end(self) -> float:
        """Return the end of the output in seconds, counting a partial sample or frame as whole."""
        ...

    def restart(self, offset: int, second: float) -> None:
        """Follow another session, whose audio starts at this offset and this second of the output."""
        ...


def timeline_of(audio_format: AudioFormat, sample_rate: int) -> Timeline:
    """Return a new timeline for the format."""
    match audio_format:
        case AudioFormat.WAV | AudioFormat.PCM_S16LE:
            return Samples(2, sample_rate)
        case AudioFormat.PCM_F32LE:
            return Samples(4, sample_rate)
        case AudioFormat.ULAW:
            return Samples(1, sample_rate)
        case AudioFormat.MP3:
            return Mp3Frames(audio_format.bytes_per_second(sample_rate) or 0)
        case AudioFormat.WEBM:
            return WebmBlocks()


class Samples:
    """A timeline for audio whose samples all have the same size."""

    tells_time = True

    def __init__(self, sample_size: int, sample_rate: int) -> None:
        self.seconds = self.began_at = 0.0
        self.sounds = False
        self._size = sample_size
        self._rate = sample_rate
        self._start = self._length = 0  # offsets of the utterance's start and of the end
        self._whole_from = 0  # the offset of the session's first sample, and its time
        self._whole_from_second = 0.0

    def begin(self) -> None:
        self.began_at = self.end()
        self.seconds, self.sounds = 0.0, False
        self._start = self._length

    def feed(self, chunk: bytes) -> None:
        self._length += len(chunk)
        self.seconds = (self._length - self._start) // self._size / self._rate
        self.sounds = self.seconds > 0

    def place(self, seconds: float) -> tuple[int, float] | None:
        samples = min(round(seconds * self._rate), (self._length - self._start) // self._size)
        return self._start + samples * self._size, self.began_at + samples / self._rate

    def broken(self) -> int:
        return -(self._length - self._whole_from) % self._size

    def end(self) -> float:
        samples = -(-(self._length - self._whole_from) // self._size)
        return self._whole_from_second + samples / self._rate

    def restart(self, offset: int, second: float) -> None:
        self._whole_from = self._length = offset
        self._whole_from_second = second
        self.begin()
