"""What an encoder is: one continuous stream for a session, from samples to bytes of a format.

What must be known of each format is how much of what went in can be heard from what has come out: after
`settle` all of it can, because silence is added until that is so (MP3 holds back up to 0.1 s, Opus 0.04 s,
resampling 1 ms, PCM at 24 kHz nothing).
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
    """One session's stream. Times are seconds of the stream as a decoder plays it."""

    def __init__(self) -> None:
        self._taken = 0

    def encode(self, samples: Samples) -> list[bytes]:
        """Take samples, return what is ready: pieces that a stream may be cut between."""
        return [piece for piece in self._encode(self.frame(samples)) if piece]

    def settle(self) -> list[bytes]:
        """Return what makes all samples taken so far audible."""
        pieces: list[bytes] = []
        ready = self.next
        while self.heard < ready:
            pieces += self.encode(SILENCE)
        return pieces

    @property
    @abstractmethod
    def heard(self) -> float:
        """How much can be heard from the bytes returned so far."""

    @property
    @abstractmethod
    def next(self) -> float:
        """When the next sample taken will be heard."""

    @abstractmethod
    def cut(self) -> None:
        """Forget samples that were taken and are not in the bytes returned so far."""

    def frame(self, samples: Samples) -> av.AudioFrame:
        """Take samples as a frame, at the place in the stream that is theirs."""
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="flt", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._taken
        self._taken += len(samples)
        return frame

    @abstractmethod
    def _encode(self, frame: av.AudioFrame) -> list[bytes]: ...
