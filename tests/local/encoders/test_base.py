"""The common behaviour of encoders: `lmnt_cli.local.encoders.base`, with one that holds samples back."""

from __future__ import annotations

import av
import numpy as np
import pytest

from lmnt_cli.local.encoders.base import Encoder
from lmnt_cli.local.speech.hibari_engine import RATE


class Holding(Encoder):
    """Returns a byte per sample, but holds the last `held` samples back."""

    def __init__(self, held: int) -> None:
        super().__init__()
        self.held = held
        self.pending = 0
        self.given = 0
        self.starts: list[int] = []

    @property
    def audible(self) -> float:
        return self.given / RATE

    @property
    def next_start(self) -> float:
        return (self.given + self.pending) / RATE

    def drop_pending(self) -> None:
        self.pending = 0

    def _encode(self, frame: av.AudioFrame) -> list[bytes]:
        assert frame.pts is not None
        self.starts.append(frame.pts)
        self.pending += frame.samples
        ready = max(self.pending - self.held, 0)
        self.pending -= ready
        self.given += ready
        return [bytes(ready), b""]


@pytest.mark.parametrize("held", [0, 1, 100, 5000])
def test_silence_makes_all_audible(held: int) -> None:
    """Just enough silence is added to make all samples audible; none if nothing is held back."""
    encoder = Holding(held)
    given = encoder.encode(np.ones(1000, np.float32))
    before = encoder.next_start
    more = encoder.flush_with_silence()

    assert encoder.audible >= before == 1000 / RATE
    assert sum(map(len, given + more)) == encoder.given
    assert (more == []) == (held == 0)
    assert encoder.given - 1000 < held + RATE // 100


def test_pieces_are_never_empty() -> None:
    """No piece is empty."""
    assert Holding(10).encode(np.ones(5, np.float32)) == []


def test_samples_have_their_places_in_the_stream() -> None:
    """Each frame starts where the previous one ended."""
    encoder = Holding(0)
    for size in (5, 7, 0, 3):
        encoder.encode(np.ones(size, np.float32))

    assert encoder.starts == [0, 5, 12, 12]
