"""A recording that is played while it is made never waits for the player (contract, 4)."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.audio.player_options import PlayerCommand
from lmnt_cli.io.audio.playback import Playback
from lmnt_cli.io.audio.record_and_play import RecordAndPlayWriter
from lmnt_cli.io.audio.sinks import open_sink
from tests.doubles.loudspeaker import Loudspeaker
from tests.tools.descriptor_reader import Collector
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio
DATA = os.urandom(1 << 20)


def playback(loudspeaker: Loudspeaker) -> Playback:
    return Playback(PlayerCommand(tuple(loudspeaker.words)), AudioFormat.MP3, 24000, lambda: 0.0)


@pytest.mark.parametrize("part", [True, False])
async def test_a_deaf_player_holds_up_nothing(loudspeaker: Loudspeaker, tmp_path: Path, part: bool) -> None:
    """The recording is completed before the player has read anything; it then plays all of it."""
    sink = open_sink(str(tmp_path / "a.mp3"), part=part, clobber=True)
    playing = playback(loudspeaker)
    loudspeaker.performance().tell("d")
    both = RecordAndPlayWriter(sink, playing)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(playing.run)
        for start in range(0, len(DATA), 10_000):
            both.put(DATA[start : start + 10_000])
        with anyio.fail_after(LIMIT):
            await both.drained()
        await both.complete(lambda _: [])

        assert (both.backlog, both.length) == (0, len(DATA))
        assert (tmp_path / "a.mp3").read_bytes() == DATA
        loudspeaker.performance().tell("h")
        with anyio.fail_after(LIMIT):
            await playing.finish()
    await playing.end()
    assert loudspeaker.performance().ended() == DATA


async def test_cut_in_both(loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """Audio that is cut from the recording before it was played is not heard."""
    sink = open_sink(str(tmp_path / "a.mp3"), part=True, clobber=True)
    playing = playback(loudspeaker)
    both = RecordAndPlayWriter(sink, playing)
    both.put(b"whole, broken")
    both.cut(7)
    both.put(b"mended")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(playing.run)
        with anyio.fail_after(LIMIT):
            await both.drained()
            await playing.finish()
    await both.complete(lambda _: [])
    await playing.end()

    assert (tmp_path / "a.mp3").read_bytes() == b"whole, mended"
    assert loudspeaker.performance().ended() == b"whole, mended"


async def test_a_pipe_goes_at_the_players_pace(loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """Audio that cannot be read back waits in memory for the player, and is counted."""
    os.mkfifo(tmp_path / "fifo")
    reader = Collector(os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK))
    sink = open_sink(str(tmp_path / "fifo"), part=True, clobber=True)
    reader.start()
    playing = playback(loudspeaker)
    both = RecordAndPlayWriter(sink, playing)
    both.put(DATA)
    with anyio.fail_after(LIMIT):
        await both.drained()

        assert both.backlog == len(DATA)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(playing.run)
            await playing.finish()
        assert both.backlog == 0
    await playing.end()
    os.close(sink.descriptor)
    assert reader.join() == DATA
    os.close(reader.fd)
    assert loudspeaker.performance().ended() == DATA
