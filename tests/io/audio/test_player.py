"""A player as a process: fed through a pipe, ended with us, and asked why it ended (contract, 4)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest

from lmnt_cli.core.audio.players import PlayerCommand
from lmnt_cli.errors import ExitCode, OutputError, UsageError
from lmnt_cli.io.audio.player import Player
from tests.doubles.loudspeaker import Loudspeaker


pytestmark = pytest.mark.anyio
LIMIT = 10.0


@pytest.fixture
def anyio_backend() -> str:
    """The program runs on asyncio."""
    return "asyncio"


@pytest.fixture
def loudspeaker() -> Iterator[Loudspeaker]:
    with Loudspeaker() as running:
        yield running


@contextmanager
def playing(*words: str) -> Iterator[Player]:
    player = Player(PlayerCommand(words))
    try:
        yield player
    finally:
        player.end()


def python(script: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", script)


async def why(script: str, *, early: bool) -> OutputError | None:
    """Why a player with this script ended."""
    with playing(*python(script)) as player:
        assert await player.ended(LIMIT)
        return await player.why(early=early)


async def test_everything_is_heard(loudspeaker: Loudspeaker) -> None:
    """All bytes reach it, also many more than a pipe holds, and it ends when no more come."""
    data = os.urandom(1 << 20)
    with playing(*loudspeaker.words) as player, anyio.fail_after(LIMIT):
        await player.write(data)
        player.no_more()

        assert await player.ended()
        assert await player.why(early=False) is None
    assert loudspeaker.performance().ended() == data


async def test_one_that_reads_nothing_is_waited_for(loudspeaker: Loudspeaker) -> None:
    """A player that pauses holds up the writing of its audio, and of nothing else in the program."""
    with playing(*loudspeaker.words) as player:
        loudspeaker.performance().tell("d")
        with anyio.move_on_after(0.3) as scope:
            await player.write(bytes(1 << 20))

        assert scope.cancelled_caught


async def test_it_reads_no_more(loudspeaker: Loudspeaker) -> None:
    """Writing to a player that has gone is an error, not our death."""
    with playing(*python("pass")) as player, pytest.raises(OSError, match="Broken pipe"):  # noqa: PT012
        assert await player.ended(LIMIT)
        await player.write(b"sound")


async def test_quit() -> None:
    """A player that ended well before its time was quit; at its time, it is as it should be."""
    error = await why("pass", early=True)

    assert "quit" in f"{error}"
    assert error is not None
    assert error.code is ExitCode.OUTPUT
    assert await why("pass", early=False) is None


async def test_failed() -> None:
    """The status and its last words are told."""
    script = "import sys; print('first\\nno such device', file=sys.stderr); sys.exit(3)"

    assert "failed with status 3: no such device" in f"{await why(script, early=False)}"


async def test_failed_silently() -> None:
    """An exit status of 0 does not hide that there was no sound."""
    script = "import sys; print('audio open failed\\nbye', file=sys.stderr)"

    assert "failed: audio open failed" in f"{await why(script, early=False)}"
    assert "failed: audio open failed" in f"{await why(script, early=True)}"


async def test_complaints_are_no_failure() -> None:
    """What a sound library complains about on stderr is nothing while the player ends well."""
    script = "import sys; print('ALSA lib: cannot find card 0', file=sys.stderr)"

    assert await why(script, early=False) is None


async def test_killed() -> None:
    """A player that was killed is told apart."""
    script = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"

    assert "killed by SIGSEGV" in f"{await why(script, early=False)}"


async def test_deaf_but_alive(loudspeaker: Loudspeaker) -> None:
    """A player that closed its input and stays is told apart, too."""
    script = "import os, time; os.close(0); time.sleep(60)"
    with playing(*python(script)) as player:
        with pytest.raises(OSError, match="Broken pipe"):  # noqa: PT012
            while True:
                await player.write(b"sound")
                await anyio.sleep(0.01)

        assert "reads no more" in f"{await player.why(early=True)}"


async def test_it_cannot_be_started() -> None:
    """A program that cannot be run is wrong usage."""
    with pytest.raises(UsageError, match="could not start the player nowhere"):
        Player(PlayerCommand(("/nowhere",)))


async def test_the_whole_group_ends(loudspeaker: Loudspeaker) -> None:
    """A player that is a script ends with the players it has started."""
    with playing("sh", "-c", f"{loudspeaker.player}; true") as player:
        loudspeaker.performance()
        assert os.getpgid(player.pid) != os.getpgrp()  # its group is not ours
        player.end()

        assert not player.is_alive
    loudspeaker.performance().ended()


async def test_stopped_and_ended(loudspeaker: Loudspeaker) -> None:
    """A player that is stopped plays nothing, goes on when told, and can be ended while stopped."""
    with playing(*loudspeaker.words) as player:
        loudspeaker.performance().hear(0)
        player.stop()
        await player.write(b"later")
        assert os.waitid(
            os.P_PID, player.pid, os.WSTOPPED | os.WNOWAIT
        )  # it has stopped, and heard nothing yet
        assert loudspeaker.performance().heard == b""

        player.go_on()
        assert await anyio.to_thread.run_sync(loudspeaker.performance().hear, 5) == b"later"
        player.stop()
        player.end()
        assert not player.is_alive
