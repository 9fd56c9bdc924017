"""A player process is fed through a pipe, ended with us, and its failure is explained (contract, 4)."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from lmnt_cli.core.audio.player_options import PlayerCommand
from lmnt_cli.errors import ExitCode, OutputError, UsageError
from lmnt_cli.io.audio.player import Player
from tests.doubles.loudspeaker import Loudspeaker
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio


@asynccontextmanager
async def playing(*words: str) -> AsyncIterator[Player]:
    player = Player(PlayerCommand(words))
    try:
        yield player
    finally:
        await player.end()


def python(script: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", script)


async def why(script: str, *, early: bool) -> OutputError | None:
    """The reason why a player with this script ended."""
    async with playing(*python(script)) as player:
        assert await player.ended(LIMIT)
        return await player.failure(early=early)


async def test_everything_is_heard(loudspeaker: Loudspeaker) -> None:
    """The player gets all bytes, even many more than a pipe holds, and ends with its input."""
    data = os.urandom(1 << 20)
    async with playing(*loudspeaker.words) as player:
        await player.write(data)
        player.close_input()

        assert await player.ended(LIMIT)
        assert await player.failure(early=False) is None
    assert loudspeaker.performance().ended() == data


async def test_one_that_reads_nothing_is_waited_for(loudspeaker: Loudspeaker) -> None:
    """A player that pauses delays only its own audio, and nothing else in the program."""
    async with playing(*loudspeaker.words) as player:
        loudspeaker.performance().tell("d")
        with anyio.move_on_after(0.3) as scope:
            await player.write(bytes(1 << 20))

        assert scope.cancelled_caught


async def test_it_reads_no_more(loudspeaker: Loudspeaker) -> None:
    """Writing to a player that has exited raises an error and does not kill us."""
    async with playing(*python("pass")) as player:
        assert await player.ended(LIMIT)
        with pytest.raises(OSError, match="Broken pipe"):
            await player.write(b"sound")


async def test_quit() -> None:
    """A player that exits with 0 before its input ends has quit; after that it has ended normally."""
    error = await why("pass", early=True)

    assert "quit" in f"{error}"
    assert error is not None
    assert error.code is ExitCode.OUTPUT
    assert await why("pass", early=False) is None


async def test_failed() -> None:
    """The exit status and the last line of output are reported."""
    script = "import sys; print('first\\nno such device', file=sys.stderr); sys.exit(3)"

    assert "failed with status 3: no such device" in f"{await why(script, early=False)}"


async def test_failed_silently() -> None:
    """An exit status of 0 does not hide that there was no sound."""
    script = "import sys; print('audio open failed\\nbye', file=sys.stderr)"

    assert "failed: audio open failed" in f"{await why(script, early=False)}"
    assert "failed: audio open failed" in f"{await why(script, early=True)}"


async def test_complaints_are_no_failure() -> None:
    """Complaints of a sound library on stderr are ignored if the player ends normally."""
    script = "import sys; print('ALSA lib: cannot find card 0', file=sys.stderr)"

    assert await why(script, early=False) is None


async def test_killed() -> None:
    """A player that was killed is reported as such."""
    script = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"

    assert "killed by SIGSEGV" in f"{await why(script, early=False)}"


async def test_deaf_but_alive(loudspeaker: Loudspeaker) -> None:
    """A player that has closed its input and stays alive is reported as such."""
    script = "import os, time; os.close(0); time.sleep(60)"
    async with playing(*python(script)) as player:
        with pytest.raises(OSError, match="Broken pipe"):  # noqa: PT012
            while True:
                await player.write(b"sound")
                await anyio.sleep(0.01)

        assert "stopped reading" in f"{await player.failure(early=True)}"


async def test_it_cannot_be_started() -> None:
    """A program that cannot be run is a usage error."""
    with pytest.raises(UsageError, match="could not start the player nowhere"):
        Player(PlayerCommand(("/nowhere",)))


async def test_the_whole_group_ends(loudspeaker: Loudspeaker) -> None:
    """A player that is a script ends together with the players it has started."""
    async with playing("sh", "-c", f"{loudspeaker.player}; true") as player:
        loudspeaker.performance()
        assert os.getpgid(player.pid) != os.getpgrp()  # its group is not ours
        await player.end()

        assert player.status is not None
    loudspeaker.performance().ended()


async def test_stopped_and_ended(loudspeaker: Loudspeaker) -> None:
    """A stopped player plays nothing, resumes when continued, and can be ended while stopped."""
    async with playing(*loudspeaker.words) as player:
        loudspeaker.performance().hear(0)
        player.stop()
        await player.write(b"later")
        assert os.waitid(
            os.P_PID, player.pid, os.WSTOPPED | os.WNOWAIT
        )  # it has stopped, and heard nothing yet
        assert loudspeaker.performance().heard == b""

        player.resume()
        assert await anyio.to_thread.run_sync(loudspeaker.performance().hear, 5) == b"later"
        player.stop()
        await player.end()
        assert player.status is not None


async def test_what_it_has_not_read(loudspeaker: Loudspeaker) -> None:
    """Bytes in the pipe to a player count as unread, whether it is alive or dead."""
    async with playing(*python("import os; os.read(0, 5)")) as player:
        await player.write(b"three, and more")
        assert await player.ended(LIMIT)

        assert player.unread == len(b", and more")
        player.close_input()
        assert player.unread == 0


async def test_a_talkative_player_is_not_held_up() -> None:
    """The output of a player is always read, and only the end of it is kept."""
    script = "import sys; print('x' * (1 << 20) + '\\nlast', file=sys.stderr); sys.exit(1)"
    async with playing(*python(script)) as player, anyio.create_task_group() as tasks:
        tasks.start_soon(player.collect)

        assert await player.ended(LIMIT)
        assert "status 1: last" in f"{await player.failure(early=True)}"


async def test_the_system_starts_nothing() -> None:
    """A machine that cannot start a process at the moment is exit status 7, not a usage error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) - 1, hard))
    try:
        with pytest.raises(OutputError, match="could not start the player"):
            Player(PlayerCommand((sys.executable,)))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
