"""The status line: what is shown at each width (contract, 6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.figures.cells import cells
from lmnt_cli.core.figures.snapshot import Snapshot, State
from lmnt_cli.core.figures.statusline import (
    ASCII,
    UNICODE,
    Role,
    Symbols,
    status_line,
    text_of,
)
from lmnt_cli.core.value import replace
from tests.tools.each import each
from tests.tools.strategies import properties


# The examples in the contract.
WAITING = Snapshot(
    name="lily",
    buffered=312,
    synthesized=18_400,
    audio_bytes=1_236_000,
    audio_seconds=103.0,
    first_sound=0.21,
    speed=14.2,
    state=State.WAITING,
    total=18_712,
)
MEASURED = replace(
    WAITING, name="ch07.txt", buffered=597, total=29_100, ended=True, state=State.FLUSHING, speed=4.8
)
PLAYING = replace(
    WAITING, buffered=0, synthesized=29_100, total=29_100, ended=True, state=State.PLAYING, played=12.7
)
REFUSED = replace(
    WAITING,
    buffered=312,
    synthesized=0,
    audio_bytes=0,
    audio_seconds=0.0,
    first_sound=None,
    speed=None,
    state=State.CONNECTING,
    attempt=2,
    attempts=4,
    why="status 503 Service Unavailable",
)
LOST = replace(WAITING, state=State.RECONNECTING, seconds=4.2, why="no close code")
STALLED = replace(MEASURED, state=State.STALLED, seconds=12.9)


def line(snapshot: Snapshot, width: int, turn: int = 2, symbols: Symbols = UNICODE) -> str:
    return text_of(status_line(snapshot, width, turn, symbols))


LINES = [
    (WAITING, 120, "⠹ lily  buffered 312 B · synthesized 18.4 kB → "
        "1.2 MB audio 1:43 · waiting for text · 14× · first sound 0.21 s"),
    (WAITING, 100, "⠹ lily  buffered 312 B · synthesized 18.4 kB → "
        "1.2 MB audio 1:43 · waiting for text · 14×"),
    (WAITING, 80, "⠹ lily  buffered 312 B · synthesized 18.4 kB → audio 1:43 · waiting for text"),
    (WAITING, 60, "⠹ buffered 312B · synthesized 18.4kB · waiting for text"),
    (WAITING, 50, "⠹ buffered 312B · synthesized 18.4kB · waiting"),
    (WAITING, 40, "⠹ buffered 312B · synthesized 18.4kB"),
    (WAITING, 20, "312B → 1.2MB"),
    (MEASURED, 120, "⠹ ch07.txt  buffered 597 B · synthesized 18.4 of 29.1 kB 63 % · 0:12 left → "
        "audio 1:43 · flushing · 4.8×"),
    (MEASURED, 80, "⠹ buffered 597B · synthesized 18.4 of 29.1kB 63% · 0:12 left · flushing"),
    (MEASURED, 60, "⠹ buffered 597B · synthesized 18.4kB 63% · flushing"),
    (MEASURED, 50, "⠹ buffered 597B · synthesized 18.4kB · flushing"),
    (MEASURED, 40, "⠹ buffered 597B · synthesized 18.4kB"),
    (MEASURED, 20, "597B → 1.2MB"),
    (PLAYING, 120, "⠹ lily  buffered 0 B · synthesized 29.1 kB → playing 0:12 / 1:43"),
    (PLAYING, 80, "⠹ lily  buffered 0 B · synthesized 29.1 kB → playing 0:12 / 1:43"),
    (PLAYING, 60, "⠹ buffered 0 B · synthesized 29.1 kB → playing 0:12 / 1:43"),
    (PLAYING, 50, "⠹ buffered 0B · synthesized 29.1kB · playing"),
    (PLAYING, 20, "0B → 1.2MB"),
    (REFUSED, 120, "⠹ lily  buffered 312 B · synthesized 0 B → "
        "0 B audio 0:00 · connecting (attempt 2 of 4: 503)"),
    (REFUSED, 80, "⠹ buffered 312B · synthesized 0B · connecting (attempt 2 of 4: 503)"),
    (REFUSED, 65, "⠹ buffered 312B · synthesized 0B · connecting (attempt 2 of 4)"),
    (REFUSED, 50, "⠹ buffered 312B · synthesized 0B · connecting"),
    (LOST, 120, "⠹ lily  buffered 312 B · synthesized 18.4 kB → "
        "1.2 MB audio 1:43 · reconnecting in 4 s (no close code) · 14×"),
    (LOST, 80, "⠹ buffered 312B · synthesized 18.4kB · reconnecting in 4 s (no close code)"),
    (LOST, 60, "⠹ buffered 312B · synthesized 18.4kB · reconnecting in 4 s"),
    (LOST, 50, "buffered 312B · synthesized 18.4kB · reconnecting"),
    (STALLED, 120, "⠹ ch07.txt  buffered 597 B · synthesized 18.4 of 29.1 kB 63 % · 0:12 left → "
        "audio 1:43 · stalled 12 s · 4.8×"),
    (STALLED, 60, "⠹ buffered 597B · synthesized 18.4kB 63% · stalled 12 s"),
    (STALLED, 50, "⠹ buffered 597B · synthesized 18.4kB · stalled"),
]  # fmt: skip


@each(
    ("snapshot", "columns", "expected"),
    [pytest.param(*case, id=f"{case[0].state.name} {case[0].name} {case[1]}") for case in LINES],
)
def test_the_line(snapshot: Snapshot, columns: int, expected: str) -> None:
    """On a terminal of this width, whose last column stays free, this is the line."""
    assert line(snapshot, columns - 1) == expected


def first_widths(snapshot: Snapshot, marks: list[str]) -> list[int]:
    """Return the least width at which each of these is shown."""
    lines = [line(snapshot, width) for width in range(200)]
    return [min(width for width in range(200) if mark in lines[width]) for mark in marks]


def test_what_goes_first() -> None:
    """First sound, ×, audio bytes, name, spaces and audio time are dropped in this order."""
    marks = ["first sound", "14×", "1.2 MB", "lily", "312 B", "1:43", "for text", "waiting", "buffered", "→"]
    widths = first_widths(WAITING, marks)

    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) >= 8


def test_what_goes_first_of_a_measured_text() -> None:
    """The total is dropped after the audio time, then the time left and the percentage."""
    marks = ["4.8×", "ch07", "597 B", "1:43", "of", "left", "63%"]
    widths = first_widths(MEASURED, marks)

    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == len(marks)


LARGE = replace(WAITING, buffered=99_949, synthesized=999_949_999, total=10**12, audio_bytes=10**10)


EVERY = [WAITING, MEASURED, PLAYING, LARGE, REFUSED]


@each("width", range(39, 140))
@each(
    "snapshot",
    [WAITING, MEASURED, PLAYING, LARGE, REFUSED],
    ids=lambda snapshot: f"{snapshot.state.name} {snapshot.total}",
)
def test_words_from_40_columns_up(snapshot: Snapshot, width: int) -> None:
    """From 40 columns up, `buffered` and `synthesized` keep their names, for any figures of a real run."""
    assert "buffered" in line(snapshot, width)
    assert "synthesized" in line(snapshot, width)


@each("state", State)
@each(
    "snapshot",
    [WAITING, MEASURED, PLAYING, LARGE, REFUSED],
    ids=lambda snapshot: f"{snapshot.state.name} {snapshot.total}",
)
def test_the_state_from_50_columns_up(snapshot: Snapshot, state: State) -> None:
    """From 50 columns up, the state is always shown."""
    for width in range(49, 140):
        assert state.value.split()[0] in line(replace(snapshot, state=state, seconds=77), width)


@each(
    ("state", "seconds", "expected"),
    [
        (State.WAITING, 1.9, "waiting for text"),
        (State.WAITING, 42.5, "waiting for text 42 s"),
        (State.STALLED, 12.0, "stalled 12 s"),
        (State.RECONNECTING, 4.9, "reconnecting in 4 s (why)"),
        (State.RECONNECTING, 0.3, "reconnecting (why)"),
        (State.CONNECTING, 3.0, "connecting (attempt 2 of 4: why)"),
        (State.PAUSED, 3.0, "output paused"),
        (State.FLUSHING, 3.0, "flushing"),
        (State.FINISHING, 3.0, "finishing"),
    ],
)
def test_states(state: State, seconds: float, expected: str) -> None:
    """Each state has its numbers, and its reason if there is trouble."""
    snapshot = replace(WAITING, state=state, seconds=seconds, attempt=2, attempts=4, why="why")

    assert f" · {expected} · " in line(snapshot, 200)


def test_the_first_attempt() -> None:
    """A first attempt is not numbered."""
    assert " · connecting · " in line(replace(WAITING, state=State.CONNECTING), 200)


def test_a_long_reason() -> None:
    """A reason of any length is truncated to fit."""
    snapshot = replace(LOST, why="it was " * 100)

    assert cells(line(snapshot, 500)) < 200
    assert "(it was it…) " not in line(snapshot, 79)
    assert "(it was" in line(snapshot, 79)
    assert line(snapshot, 79).endswith("…)")


@each(
    ("why", "shown"),
    [
        ("could not connect to api.lmnt.com:443: status 503", "503"),
        ("could not connect to api.lmnt.com:443: status 503 Service Unavailable", "503"),
        ("could not connect to api.lmnt.com:443: connection refused", "connection refused"),
        ("status unknown", "status unknown"),
        ("connection to api.lmnt.com lost: closed with 1011: 0 of 12 bytes confirmed", "closed with 1011"),
        ("timed out", "timed out"),
    ],
)
def test_the_reason_in_a_message(why: str, shown: str) -> None:
    """Only the reason in the last failure's message is shown."""
    assert f"reconnecting in 4 s ({shown}) ·" in line(replace(LOST, why=why), 200)


def test_a_long_name() -> None:
    """A file name of any length leaves room for the figures."""
    snapshot = replace(WAITING, name="chapter " * 10)

    assert line(snapshot, 200).startswith("⠹ chapter chapter chapter…  buffered")


@each(
    ("changes", "shown", "hidden"),
    [
        ({"ended": False}, "synthesized 18.4 kB →", "%"),
        ({"synthesized": 29_100}, "synthesized 29.1 kB →", "%"),
        ({"total": 29_100_000}, "synthesized 18.4 kB of 29.1 MB 0 %", "4 of"),
        ({"synthesized": 0}, "synthesized 0 B of 29.1 kB 0 % →", "left"),
        ({"speed": None}, "63 % →", "left"),
        ({"audio_seconds": None}, "63 % ·", "left"),
        ({"synthesized": 29_099}, "99 %", "100 %"),
    ],
)
def test_how_far(changes: dict[str, object], shown: str, hidden: str) -> None:
    """The total and its derived figures are shown until it is reached, and never rounded up."""
    found = line(replace(MEASURED, **changes), 200)

    assert shown in found
    assert hidden not in found


def test_playing_what_has_no_time() -> None:
    """If bytes do not indicate time, only the fact that the player plays is shown."""
    snapshot = replace(PLAYING, played=None, audio_seconds=None)

    assert line(snapshot, 200) == "⠹ lily  buffered 0 B · synthesized 29.1 kB → 1.2 MB audio · playing"


def test_ascii() -> None:
    """On a terminal without Unicode the line is ASCII, and as wide as computed."""
    for snapshot in (WAITING, MEASURED, PLAYING, REFUSED, LOST, STALLED):
        for width in range(140):
            assert line(snapshot, width, symbols=ASCII).isascii()
            assert len(line(snapshot, width, symbols=ASCII)) <= width
    assert line(WAITING, 78, symbols=ASCII) == (
        "- lily  buffered 312 B - synthesized 18.4 kB -> audio 1:43 - waiting for text"
    )


def test_roles() -> None:
    """Labels, figures and trouble have different roles, for colouring."""
    roles = {text.strip(): role for text, role in status_line(LOST, 200)}

    assert roles["buffered"] is Role.LABEL
    assert roles["312 B"] is Role.FIGURE
    assert roles["lily"] is Role.NAME
    assert roles["reconnecting in 4 s (no close code)"] is Role.TROUBLE
    assert (REFUSED, status_line(REFUSED, 200)[-1][1]) == (REFUSED, Role.TROUBLE)
    assert ("waiting for text", Role.STATE) in status_line(WAITING, 200)


@each("width", [-1, 0, 1, 2])
def test_no_room(width: int) -> None:
    """Without room there is no line."""
    assert status_line(WAITING, width) == []


def test_not_known_yet() -> None:
    """Unknown figures are omitted."""
    snapshot = replace(WAITING, audio_seconds=None, first_sound=None, speed=None)

    assert line(snapshot, 200) == (
        "⠹ lily  buffered 312 B · synthesized 18.4 kB → 1.2 MB audio · waiting for text"
    )


def test_spinner_turns() -> None:
    """Each turn shows the next spinner symbol, cyclically."""
    signs = [line(WAITING, 100, turn)[0] for turn in range(20)]

    assert signs == list(UNICODE.spinner) * 2


counts = st.integers(0, 10**16)
seconds = st.none() | st.floats(0, 1e7)
snapshots = st.builds(
    Snapshot, st.text(max_size=12), counts, counts, counts, seconds, seconds, seconds, st.sampled_from(State)
)


@properties
@given(snapshots, st.integers(-2, 200), st.integers(0, 10**6))
def test_never_wider(snapshot: Snapshot, width: int, turn: int) -> None:
    """The line is never too wide, whatever the figures and the voice."""
    assert cells(line(snapshot, width, turn)) <= max(0, width)
