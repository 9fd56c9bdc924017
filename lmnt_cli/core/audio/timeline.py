"""How far the audio of an utterance has come: from bytes written to seconds heard, and back.

Only where bytes are time: PCM, µ-law, and MP3 by counting its frames. Offsets count from the first byte we
wrote. All audio is mono.
"""

from __future__ import annotations

from typing import Protocol

from .formats import AudioFormat
from .mp3_frames import Mp3Frames


class Timeline(Protocol):
    """Follows the audio that is written. `seconds` is what has come whole since `begin`."""

    seconds: float

    def begin(self, offset: int) -> None:
        """The next utterance's audio begins at this offset."""
        ...

    def feed(self, chunk: bytes) -> None:
        """These bytes are written next."""
        ...

    def offset(self, seconds: float) -> int | None:
        """Where the audio of so many seconds since `begin` ends; None if that is no longer known."""
        ...

    def broken(self) -> int:
        """Bytes that are missing to a whole sample or frame."""
        ...

    def restart(self, offset: int) -> None:
        """What follows is written at this offset and is whole from there on."""
        ...


def timeline_of(audio_format: AudioFormat, sample_rate: int) -> Timeline | None:
    """The format's fresh playtime; None where bytes are not time."""
    match audio_format:
        case AudioFormat.WAV | AudioFormat.PCM_S16LE:
            return Samples(2, sample_rate)
        case AudioFormat.PCM_F32LE:
            return Samples(4, sample_rate)
        case AudioFormat.ULAW:
            return Samples(1, sample_rate)
        case AudioFormat.MP3:
            return Mp3Frames()
        case AudioFormat.WEBM:
            return None


class Samples:
    """Audio whose samples all take the same number of bytes."""

    def __init__(self, sample_size: int, sample_rate: int) -> None:
        self.seconds = 0.0
        self._size = sample_size
        self._rate = sample_rate
        self._start = 0
        self._length = 0
        self._whole_from = 0

    def begin(self, offset: int) -> None:
        """The utterance begins here."""
        self._start = self._length = offset
        self.seconds = 0.0

    def feed(self, chunk: bytes) -> None:
        """Count."""
        self._length += len(chunk)
        self.seconds = (self._length - self._start) // self._size / self._rate

    def offset(self, seconds: float) -> int | None:
        """The sample's end, never beyond what has come."""
        samples = min(round(seconds * self._rate), (self._length - self._start) // self._size)
        return self._start + samples * self._size

    def broken(self) -> int:
        """What is missing to the last sample of this session."""
        return -(self._length - self._whole_from) % self._size

    def restart(self, offset: int) -> None:
        """A new session's samples begin here."""
        self._whole_from = offset
        self.begin(offset)
