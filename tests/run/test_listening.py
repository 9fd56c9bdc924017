"""During playback, a failing player is handled and its end waited for (contract, 4 and 6)."""

from __future__ import annotations

import anyio
import pytest

from lmnt_cli.core.figures.snapshot import Snapshot, State
from lmnt_cli.core.value import replace
from lmnt_cli.errors import OutputError
from lmnt_cli.io.status import Display
from lmnt_cli.run.listening import Listening


pytestmark = pytest.mark.anyio


class Page(Display):
    """Keeps what is reported and shown."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.states: list[State] = []
        self.shown: list[Snapshot] = []

    def _line(self, data: bytes, wait: float) -> bool:
        self.lines.append(data.decode())
        return True

    def show(self, snapshot: Snapshot, now: float) -> None:
        self.states.append(snapshot.state)
        self.shown.append(snapshot)


SNAPSHOT = Snapshot("lily", 0, 0, 0, 0.0, None, None, State.WAITING)


class Speech:
    """A conversation in this state."""

    def __init__(self, state: State, total: int = 0, *, ended: bool = False) -> None:
        self._snapshot = replace(SNAPSHOT, state=state, total=total, ended=ended)

    def snapshot(self, now: float) -> Snapshot:
        return self._snapshot


class Player:
    """A playback that fails or plays to its end."""

    seconds = (1.5, 3.0)

    def __init__(self, *, sounds: bool = True, fails: bool = False) -> None:
        self.sounds = sounds
        self._fails = fails

    async def run(self) -> None:
        if self._fails:
            raise OutputError("the player p failed")

    async def finish(self) -> None:
        await anyio.sleep(0.05)


def listening(
    player: Player | None,
    page: Page,
    *,
    records: bool = True,
    quiet: bool = False,
    state: State = State.WAITING,
) -> Listening:
    return Listening(Speech(state), player, page, records=records, quiet=quiet)  # type: ignore[arg-type]  # the parts that are used


async def test_trouble_beside_a_recording() -> None:
    """With a recording, a player that fails causes a notice, which -q silences."""
    page = Page()
    await listening(Player(fails=True), page, quiet=True).feed()
    assert page.lines == []

    side = listening(Player(fails=True), page)
    await side.feed()
    side.recorded = True
    await side.feed()

    assert [line.rpartition("; ")[2] for line in page.lines] == [
        "the recording continues\n",
        "the recording is complete\n",
    ]


async def test_trouble_without_a_recording() -> None:
    """Without a recording, a player that fails ends the run."""
    with pytest.raises(OutputError):
        await listening(Player(fails=True), Page(), records=False).feed()


async def test_the_rest_is_shown_while_it_is_played() -> None:
    """While the rest is played the status line is drawn, and says so."""
    page = Page()
    side = listening(Player(), page, state=State.FINISHING)
    side.recorded = True
    await side.play_out()

    assert set(page.states) == {State.PLAYING}


async def test_without_a_player() -> None:
    """Without a player there is nothing to wait for."""
    page = Page()
    side = listening(None, page)
    await side.feed()
    await side.play_out()

    assert (page.lines, page.states) == ([], [])


@pytest.mark.parametrize(
    ("state", "sounds", "shown"),
    [
        (State.WAITING, True, State.PLAYING),
        (State.WAITING, False, State.WAITING),
        (State.FINISHING, True, State.PLAYING),
        (State.FLUSHING, True, State.FLUSHING),
    ],
)
async def test_what_is_shown(state: State, sounds: bool, shown: State) -> None:
    """Playing is shown when nothing else is happening."""
    page = Page()
    listening(Player(sounds=sounds), page, state=state).show(0.0)

    assert page.states == [shown]


async def test_the_position() -> None:
    """The seconds heard are shown only while the player is playing."""
    page = Page()
    listening(Player(), page).show(0.0)
    listening(Player(sounds=False), page).show(0.0)

    assert [snapshot.played for snapshot in page.shown] == [1.5, None]


@pytest.mark.parametrize(
    ("size", "read", "ended", "expected"),
    [
        (100, 30, False, (100, True)),
        (20, 30, False, (30, True)),
        (100, 30, True, (30, True)),
        (None, 30, False, (30, False)),
    ],
)
async def test_how_far(size: int | None, read: int, ended: bool, expected: tuple[int, bool]) -> None:
    """If the size of the text is known it is shown as the total, until the end gives the exact one."""
    page = Page()
    side = Listening(
        Speech(State.WAITING, total=read, ended=ended),  # type: ignore[arg-type]  # the part that is used
        None,
        page,
        records=True,
        quiet=False,
        name="ch07.txt",
        text_size=size,
    )
    side.show(0.0)

    assert (page.shown[0].total, page.shown[0].ended) == expected
    assert page.shown[0].name == "ch07.txt"
