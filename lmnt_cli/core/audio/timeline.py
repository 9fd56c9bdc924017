"""From bytes written to seconds heard, and back, where bytes are time.

A timeline follows the audio that is written, headers left out. Offsets count from the first byte of the
output, seconds of an utterance from its `begin`, and `began_at` from the first sample of the output. All
audio is mono.
"""

from __future__ import annotations

from typing import Protocol

from .formats import AudioFormat
from .mp3_frames import Mp3Frames
from .webm_blocks import WebmBlocks


class Timeline(Protocol):
    """Follows the audio that is written.

    `tells_time` says whether bytes are time at all. `seconds` is what came whole of the utterance, `sounds`
    whether that is any sample or frame: headers, tags and parts of a sample are none.
    """

    tells_time: bool
    seconds: float
    began_at: float
    sounds: bool

    def begin(self) -> None:
        """Begin the next utterance where the audio has come to."""
        ...

    def feed(self, chunk: bytes) -> None:
        """Take the bytes that are written next."""
        ...

    def place(self, seconds: float) -> tuple[int, float] | None:
        """Return where the audio of so many seconds of the utterance ends; None if that is not known.

        It is an offset, and the second of the output there. Asked for in ascending order.
        """
        ...

    def broken(self) -> int:
        """Return how many bytes are missing to a whole sample or frame."""
        ...

    def end(self) -> float:
        """Return the second of the output at which the audio ends, what is broken counted as whole."""
        ...

    def restart(self, offset: int, second: float) -> None:
        """Follow another session, whose audio is written at this offset, which is this second."""
        ...


def timeline_of(audio_format: AudioFormat, sample_rate: int) -> Timeline:
    """Return a fresh timeline of the format."""
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
    """Audio whose samples all take the same number of bytes."""

    tells_time = True

    def __init__(self, sample_size: int, sample_rate: int) -> None:
        self.seconds = self.began_at = 0.0
        self.sounds = False
        self._size = sample_size
        self._rate = sample_rate
        self._start = self._length = 0  # offsets: of the utterance, and of the end
        self._whole_from = 0  # the offset of the session's first sample, and its second
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
