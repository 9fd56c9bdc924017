"""MP3 is counted by its frames (contract, 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.mp3_frames import Mp3Frames
from tests.tools.strategies import cut, places, properties


# Header and size of one frame: MPEG-2 layer III, 24 kHz, 96 kbps (and 16 kHz; MPEG-1, 44.1 kHz, 128 kbps).
FRAME_24K = bytes.fromhex("fff3a4c0") + bytes(284)
FRAME_16K = bytes.fromhex("fff3a8c0") + bytes(428)
FRAME_44K = bytes.fromhex("fffb9000") + bytes(413)


@pytest.mark.parametrize(
    ("frame", "duration"), [(FRAME_24K, 0.024), (FRAME_16K, 0.036), (FRAME_44K, 1152 / 44100)]
)
def test_frames(frame: bytes, duration: float) -> None:
    """MP3 is counted by its frames, whose headers tell size and duration."""
    time = Mp3Frames()
    time.restart(0)
    time.feed(frame * 50)

    assert time.broken() == 0
    assert 40 * duration < time.seconds <= 50 * duration
    offset = time.offset(10 * duration)
    assert offset is not None
    assert offset % len(frame) == 0
    assert 10 <= offset // len(frame) <= 14


@properties
@given(st.integers(0, 20), st.integers(0, 287), places)
def test_frames_in_any_pieces(count: int, rest: int, where: list[int]) -> None:
    """Where messages cut the frames changes nothing; what is missing to a frame can be told."""
    data = FRAME_24K * count + FRAME_24K[:rest]
    whole, pieces = Mp3Frames(), Mp3Frames()
    whole.restart(7)
    pieces.restart(7)
    whole.feed(data)
    for piece in cut(data, where):
        pieces.feed(piece)

    assert pieces.seconds == whole.seconds
    assert pieces.broken() == whole.broken()
    if rest == 0 or rest >= 4:
        assert whole.broken() == (-rest) % 288
    for tenth in range(5):
        assert pieces.offset(tenth / 10) == whole.offset(tenth / 10)


@pytest.mark.parametrize("rubbish", [b"ID3\x04" + bytes(20), b"\xff\xff\xff\xff", b"RIFF", bytes(8)])
def test_no_frames(rubbish: bytes) -> None:
    """What is no frame ends all counting until the next session; nothing is guessed."""
    time = Mp3Frames()
    time.restart(0)
    time.feed(FRAME_24K * 10 + rubbish + FRAME_24K * 10)

    assert time.seconds == 0.0
    assert time.offset(0.1) is None
    assert time.broken() == 0
    time.restart(1000)
    time.feed(FRAME_24K * 10)
    assert time.seconds > 0


def test_memory() -> None:
    """What is remembered of an hour without a flush is bounded."""
    time = Mp3Frames()
    time.restart(0)
    for _ in range(100):
        time.feed(FRAME_24K * 1000)

    assert time.offset(1.0) is None or time.seconds > 0


@properties
@given(st.binary(max_size=300), places)
def test_any_bytes(data: bytes, where: list[int]) -> None:
    """Whatever comes, nothing is raised, time does not run backwards, and places are within the output."""
    time = Mp3Frames()
    time.restart(0)
    for piece in cut(FRAME_24K + data, where):
        time.feed(piece)

    offset = time.offset(0.0)
    assert offset is None or 0 <= offset <= 288 + len(data)
    assert time.broken() >= 0
