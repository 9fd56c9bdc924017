"""The end of every frame is known, however frames are added (contract, 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.mp3_runs import _MOST_RUNS, FrameEnds
from tests.tools.each import each
from tests.tools.strategies import properties


# Size and duration of frames, and the bytes before them: a tag, or nothing.
kinds = st.tuples(
    st.sampled_from([(288, 0.024), (432, 0.036), (417, 1152 / 44100), (418, 1152 / 44100)]),
    st.sampled_from([0, 0, 0, 138]),
)
groups = st.lists(st.tuples(kinds, st.integers(1, 40)), min_size=1, max_size=8)


@properties
@given(groups, st.integers(0, 100))
def test_every_end(added: list[tuple[tuple[tuple[int, float], int], int]], origin: int) -> None:
    """Added together or singly, the first end at or after a time is that in a list of all ends."""
    together, single = FrameEnds(), FrameEnds()
    ends: list[tuple[int, float]] = []
    offset, second = origin, 0.0
    for ((size, duration), gap), count in added:
        offset += gap
        together.add(offset, size, duration, count)
        for _ in range(count):
            single.add(offset, size, duration, 1)
            offset, second = offset + size, second + duration
            ends.append((offset, second))

    assert together.second == single.second == pytest.approx(second)
    for number, (_, exact) in enumerate(ends):
        for asked in (exact - 0.001, exact + 0.001):
            expected = ends[number + (asked > exact) :][:1]
            found = together.first_at(asked)
            assert found == single.first_at(asked)
            if found is None:
                assert expected == []
            else:
                assert found[0] == expected[0][0]
                assert found[1] == pytest.approx(expected[0][1])
        together.forget(exact - 0.002)
        single.forget(exact - 0.002)


@each("frames", [1, 7, 1000])
def test_the_end_that_was_said(frames: int) -> None:
    """The reported end of a frame leads back to the same frame, whatever was rounded."""
    ends = FrameEnds()
    ends.add(0, 417, 1152 / 44100, frames)

    assert ends.first_at(ends.second) == (417 * frames, ends.second)
    assert ends.first_at(-1.0) == (417, 1152 / 44100)


def test_clear() -> None:
    """After `clear`, seconds count from there, and earlier frames have no position."""
    ends = FrameEnds()
    ends.add(0, 288, 0.024, 10)
    ends.clear()

    assert (ends.second, ends.first_at(0.0)) == (0.0, None)
    ends.add(2880, 288, 0.024, 1)
    assert ends.first_at(0.0) == (3168, 0.024)


def test_memory() -> None:
    """Equal frames are always a single run; of changing frames, half an hour is kept."""
    ends = FrameEnds()
    ends.add(0, 288, 0.024, 10**9)
    assert ends.first_at(12_000_000.0) is not None
    ends.clear()
    for number in range(_MOST_RUNS + 1):
        assert not ends.full
        ends.add(number * 1000, 417 + number % 2, 0.026, 1)

    assert ends.full
    found = ends.first_at(0.0)
    assert found is not None
    assert found[0] == 1418
    ends.clear()
    assert not ends.full
