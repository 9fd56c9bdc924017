"""The status line as text: what is shown in how many columns (contract, 6)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lmnt_cli.core.figures.snapshot import Snapshot, State
from lmnt_cli.core.figures.statusline import SPINNER, cells, duration, size, status_line
from tests.tools.strategies import properties


# The example of the contract.
SNAPSHOT = Snapshot(
    voice="lily",
    buffered=312,
    synthesized=18_400,
    audio_bytes=1_236_000,
    audio_seconds=103.0,
    first_sound=0.21,
    speed=14.2,
    state=State.WAITING,
)


def test_richest() -> None:
    """With room enough, everything is shown."""
    assert status_line(SNAPSHOT, 200, 2) == (
        "⠹ lily  buffered 312 B · synthesized 18.4 kB → 1.2 MB audio 1:43"
        " · first sound 0.21 s · 14× · waiting for text"
    )


def test_what_goes_first() -> None:
    """State, ×, first sound, voice, audio time, the words' units: in this order, as width shrinks."""
    marks = ["waiting", "14×", "first sound", "lily", "1:43", "312 B", "buffered", "→"]
    widths = [min(width for width in range(200) if mark in status_line(SNAPSHOT, width)) for mark in marks]

    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) >= 7


@pytest.mark.parametrize("width", range(40, 140))
def test_words_from_40_columns_up(width: int) -> None:
    """From 40 columns up, `buffered` and `synthesized` keep their names, for any figures of a real run."""
    for snapshot in (SNAPSHOT, replace(SNAPSHOT, buffered=999_949, synthesized=999_949_999)):
        line = status_line(snapshot, width)

        assert "buffered" in line
        assert "synthesized" in line


def test_20_columns() -> None:
    """At 20 columns, what is left is what matters."""
    assert status_line(SNAPSHOT, 20) == "312B → 1.2MB"


@pytest.mark.parametrize("width", [-1, 0, 1, 2])
def test_no_room(width: int) -> None:
    """With no room there is no line."""
    assert status_line(SNAPSHOT, width) == ""


@pytest.mark.parametrize("width", range(120))
def test_fits(width: int) -> None:
    """At each width the line fits, to the column."""
    assert cells(status_line(SNAPSHOT, width)) <= width


def test_not_known_yet() -> None:
    """What is not known is left out."""
    snapshot = replace(SNAPSHOT, audio_seconds=None, first_sound=None, speed=None)

    assert status_line(snapshot, 200, 0) == (
        "⠋ lily  buffered 312 B · synthesized 18.4 kB → 1.2 MB audio · waiting for text"
    )


def test_spinner_turns() -> None:
    """Each turn shows another sign, over and over."""
    signs = [status_line(SNAPSHOT, 100, turn)[0] for turn in range(2 * len(SPINNER))]

    assert signs == list(SPINNER) * 2


@pytest.mark.parametrize(
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
    """Sizes are decimal and rounded down, never up to what is not there."""
    assert size(count) == told
    assert size(count, "") == told.replace(" ", "")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00"), (59.99, "0:59"), (60, "1:00"), (103, "1:43"), (3599.9, "59:59"), (3600, "1:00:00")],
)
def test_duration(seconds: float, told: str) -> None:
    """Durations are rounded down."""
    assert duration(seconds) == told


@pytest.mark.parametrize(("speed", "told"), [(0.94, "0.9×"), (9.9, "9.9×"), (14.2, "14×"), (130.0, "130×")])
def test_speed(speed: float, told: str) -> None:
    """The speed has a decimal where it matters."""
    assert f" {told} " in status_line(replace(SNAPSHOT, speed=speed), 200)


counts = st.integers(0, 10**16)
seconds = st.none() | st.floats(0, 1e7)
snapshots = st.builds(
    Snapshot, st.text(max_size=12), counts, counts, counts, seconds, seconds, seconds, st.sampled_from(State)
)


@properties
@given(snapshots, st.integers(-2, 200), st.integers(0, 10**6))
def test_never_wider(snapshot: Snapshot, width: int, turn: int) -> None:
    """The line is never wider than it may be, whatever the figures and the voice."""
    line = status_line(snapshot, width, turn)

    assert cells(line) <= max(0, width)


@properties
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"]), max_size=20))
def test_cells(text: str) -> None:
    """Columns are not undercounted: Rich, which knows the same tables, finds no more of them."""
    assert cells(text) >= cell_len(text)


@properties
@given(counts, counts)
def test_sizes_keep_their_order(one: int, other: int) -> None:
    """A size in words is never more than the size: the unit and the figures of the smaller come first."""
    units = ["B", "kB", "MB", "GB", "TB"]

    def worth(count: int) -> float:
        figure, unit = size(count).split(" ")
        return float(figure) * 1000.0 ** units.index(unit)

    assert worth(one) <= one
    assert (worth(one) <= worth(other)) or one > other
