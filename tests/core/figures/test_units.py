"""Bytes and seconds in human-readable form (contract, 6)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.figures.units import duration, size, times
from tests.tools.each import each
from tests.tools.strategies import properties


counts = st.integers(0, 10**16)


@each(
    ("count", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1099, "1.0 kB"),
        (18_400, "18.4 kB"),
        (99_999, "99.9 kB"),
        (999_999, "999 kB"),
        (1_000_000, "1.0 MB"),
        (1_236_000, "1.2 MB"),
        (999_999_999, "999 MB"),
        (1_000_000_000, "1.0 GB"),
        (10**15, "1000 TB"),
    ],
)
def test_size(count: int, told: str) -> None:
    """Sizes are decimal and rounded down, never up."""
    assert size(count) == told
    assert size(count, "") == told.replace(" ", "")


@each(
    ("seconds", "told"),
    [(0, "0:00"), (59.99, "0:59"), (60, "1:00"), (103, "1:43"), (3599.9, "59:59"), (3600, "1:00:00")],
)
def test_duration(seconds: float, told: str) -> None:
    """Durations are rounded down."""
    assert duration(seconds) == told


@each(("speed", "told"), [(0.94, "0.9×"), (9.9, "9.9×"), (14.2, "14×"), (130.0, "130×")])
def test_times(speed: float, told: str) -> None:
    """A speed has a decimal below 10."""
    assert times(speed, "×") == told


@properties
@given(counts, counts)
def test_sizes_keep_their_order(one: int, other: int) -> None:
    """A displayed size never exceeds the size, and a smaller size never displays as a larger one."""
    units = ["B", "kB", "MB", "GB", "TB"]

    def worth(count: int) -> float:
        figure, unit = size(count).split(" ")
        return float(figure) * 1000.0 ** units.index(unit)

    assert worth(one) <= one
    assert (worth(one) <= worth(other)) or one > other
