"""The encoder interface: one continuous stream for a session, from samples to the bytes of a format.

An encoder knows how much of its input is audible in its output. After `flush_with_silence` all of it is:
silence is appended until then (MP3 holds back up to 0.1 s, Opus 0.04 s, resampling 1 ms, PCM at 24 kHz
nothing).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import av
import numpy as np

from ..speech.hibari_engine import RATE


if TYPE_CHECKING:
    from ..speech.hibari_engine import Samples


SILENCE = np.zeros(RATE // 100, np.float32)


class Encoder(ABC):
    """One stream. Times are in seconds of the stream as a decoder plays it."""

    def __init__(self) -> None:
        self._taken = 0

    def encode(self, samples: Samples) -> list[bytes]:
        """Encode samples; return the pieces that are ready. A stream may be cut between pieces."""
        return [piece for piece in self._encode(self.make_frame(samples)) if piece]

    def flush_with_silence(self) -> list[bytes]:
        """Return the pieces that make all samples so far audible."""
        pieces: list[bytes] = []
        ready = self.next_start
        while self.audible < ready:
            pieces += self.encode(SILENCE)
        return pieces

    @property
    @abstractmethod
    def audible(self) -> float:
        """How many seconds are audible in the pieces returned so far."""

    @property
    @abstractmethod
    def next_start(self) -> float:
        """When the next sample will be audible."""

    @abstractmethod
    def drop_pending(self) -> None:
        """Drop the samples that are not in the pieces returned so far."""

    def make_frame(self, samples: Samples) -> av.AudioFrame:
        """Return samples as a frame at their position in the stream."""
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="flt", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._taken
        self._taken += len(samples)
        return frame

    @abstractmethod
    def _encode(self, frame: av.AudioFrame) -> list[bytes]: ...
