"""Everything is played in order, silencing starts a new player, failures are reported (contract, 4 and 7)."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.audio.player_options import PlayerCommand
from lmnt_cli.core.audio.wav import container_of
from lmnt_cli.errors import OutputError
from lmnt_cli.io.audio.playback import Playback
from tests.doubles.loudspeaker import Loudspeaker
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio


class Clock:
    """A clock that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def playback(
    loudspeaker: Loudspeaker,
    audio_format: AudioFormat = AudioFormat.PCM_S16LE,
    *,
    takes_header: bool = True,
    clock: Clock | None = None,
) -> AsyncIterator[Playback]:
    command = PlayerCommand(tuple(loudspeaker.words), takes_header=takes_header)
    playing = Playback(command, audio_format, 24000, clock or Clock())
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(playing.run)
            with anyio.fail_after(LIMIT):
                yield playing
            tasks.cancel_scope.cancel()
    finally:
        await playing.end()


async def hear(loudspeaker: Loudspeaker, count: int, number: int = 0) -> bytes:
    return await anyio.to_thread.run_sync(loudspeaker.performance(number).hear, count)


async def test_all_is_played(loudspeaker: Loudspeaker) -> None:
    """One player gets everything and is waited for; by the clock, it is known how much was heard."""
    clock = Clock()
    async with playback(loudspeaker, clock=clock) as playing:
        playing.put(b"one ")
        assert await hear(loudspeaker, 4) == b"one "
        playing.put(b"two ")
        playing.put(b"three ")
        await playing.drained()
        assert (playing.backlog, playing.length, playing.unsettled) == (0, 0, 14)
        clock.now += 1
        await hear(loudspeaker, 14)
        assert (playing.length, playing.unsettled) == (14, 0)
        await playing.finish()

    assert loudspeaker.performance().ended() == b"one two three "
    assert loudspeaker.performances == 1


async def test_nothing_to_play(loudspeaker: Loudspeaker) -> None:
    """A player that got no audio is ended, and its exit status ignored."""
    async with playback(loudspeaker) as playing:
        loudspeaker.performance()
        await playing.finish()

    assert loudspeaker.performance().ended() == b""


async def test_how_long_it_sounds(loudspeaker: Loudspeaker) -> None:
    """Audio sounds from when it arrives for as long as it lasts, one chunk after the other."""
    clock = Clock()
    async with playback(loudspeaker, clock=clock) as playing:
        assert not playing.sounds
        playing.put(bytes(48000))
        playing.put(bytes(48000))
        clock.now += 1.9
        assert playing.sounds
        clock.now += 1.0
        assert not playing.sounds
        playing.put(bytes(48000))
        assert playing.sounds
        playing.silence()
        assert not playing.sounds


async def test_a_stop_does_not_count(loudspeaker: Loudspeaker) -> None:
    """While the player is stopped, playing time does not advance."""
    clock = Clock()
    async with playback(loudspeaker, clock=clock) as playing:
        playing.put(bytes(48000))
        playing.stop()
        clock.now += 60
        playing.resume()

        assert playing.sounds


async def test_silence_is_a_new_player(loudspeaker: Loudspeaker) -> None:
    """Waiting audio is never heard; the next player plays what comes after."""
    async with playback(loudspeaker) as playing:
        playing.put(b"before")
        await hear(loudspeaker, 6)
        loudspeaker.performance().tell("d")
        playing.put(bytes(1 << 20))
        playing.silence()
        assert playing.backlog == 0
        playing.put(b"afterwards")
        assert await hear(loudspeaker, 10, 1) == b"afterwards"
        await playing.finish()

    loudspeaker.performance().ended()
    assert loudspeaker.performance(1).ended() == b"afterwards"


async def test_silence_before_anything(loudspeaker: Loudspeaker) -> None:
    """Silencing twice, or before the first sound, costs nothing of what follows."""
    async with playback(loudspeaker, AudioFormat.WAV) as playing:
        await hear(loudspeaker, 0)
        playing.silence()
        await hear(loudspeaker, 0, 1)
        playing.silence()
        wav = container_of(AudioFormat.WAV, 24000).feed(b"sound!")
        playing.put(wav)
        await playing.finish()

    assert loudspeaker.performance(2).ended() == wav


async def test_the_header_again(loudspeaker: Loudspeaker) -> None:
    """A new player gets the format's header, then whole samples."""
    maker = container_of(AudioFormat.WAV, 24000)
    async with playback(loudspeaker, AudioFormat.WAV) as playing:
        playing.put(maker.feed(b"abc"))
        header = (await hear(loudspeaker, 47))[:44]
        playing.silence()
        playing.put(b"d")
        playing.put(maker.feed(b"efgh"))
        await playing.finish()

    assert header[:4] == b"RIFF"
    assert loudspeaker.performance(1).ended() == header + b"efgh"


@pytest.mark.parametrize("audio_format", [AudioFormat.WAV, AudioFormat.ULAW])
async def test_bare_samples(loudspeaker: Loudspeaker, audio_format: AudioFormat) -> None:
    """A player that takes samples never gets a header."""
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 0, b"WAVE", b"fmt ", 16, 7, 1, 8000, 8000, 1, 8, b"data", 0
    )
    async with playback(loudspeaker, audio_format, takes_header=False) as playing:
        playing.put(header + b"once")
        await hear(loudspeaker, 4)
        playing.silence()
        playing.put(b"more")
        await playing.finish()

    assert loudspeaker.performance(0).ended() == b"once"
    assert loudspeaker.performance(1).ended() == b"more"


async def test_webm_goes_on(loudspeaker: Loudspeaker) -> None:
    """WebM cannot be joined in the middle: its player is left alone."""
    async with playback(loudspeaker, AudioFormat.WEBM) as playing:
        assert not playing.can_silence
        playing.put(b"one ")
        await hear(loudspeaker, 4)
        playing.silence()
        playing.put(b"two")
        await playing.finish()

    assert loudspeaker.performance().ended() == b"one two"
    assert loudspeaker.performances == 1


async def test_silence_at_the_end(loudspeaker: Loudspeaker) -> None:
    """Silencing while the rest is played ends the playback."""
    async with playback(loudspeaker) as playing:
        loudspeaker.performance().tell("d")
        playing.put(bytes(1 << 20))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(playing.finish)
            await anyio.lowlevel.checkpoint()
            playing.silence()

    loudspeaker.performance().ended()
    assert loudspeaker.performances == 1


async def test_taken_back(loudspeaker: Loudspeaker) -> None:
    """Audio that was removed arrives again at a whole sample, for a player that had part of one."""
    async with playback(loudspeaker) as playing:
        playing.put(b"abc")
        await hear(loudspeaker, 3)
        playing.cut(2)
        playing.put(b"cdef")
        await playing.finish()

    assert loudspeaker.performance().ended() == b"abc\0cdef"


@pytest.mark.parametrize(
    ("order", "words"), [("f", "failed with status 3"), ("s", "audio open failed"), ("q", "quit")]
)
async def test_trouble_while_idle(loudspeaker: Loudspeaker, order: str, words: str) -> None:
    """A player that ends while there is nothing to play is noticed; what it had not played was not heard."""
    clock = Clock()
    with pytest.raises(ExceptionGroup) as raised:  # noqa: PT012 - a task group raises where it is left
        async with playback(loudspeaker, clock=clock) as playing:
            playing.put(b"sound")
            await hear(loudspeaker, 5)
            loudspeaker.performance().tell(order)
            await anyio.sleep_forever()

    error = raised.value.exceptions[0]
    assert isinstance(error, OutputError)
    assert words in error.message
    clock.now += 60.0
    assert playing.length == 0


async def test_after_trouble_nothing_waits(loudspeaker: Loudspeaker) -> None:
    """After a failure nothing is kept, and nothing waits."""
    command = PlayerCommand(tuple(loudspeaker.words))
    playing = Playback(command, AudioFormat.MP3, 24000, Clock())
    loudspeaker.performance().tell("f")
    with pytest.raises(OutputError), anyio.fail_after(LIMIT):
        await playing.run()
    playing.put(bytes(1000))

    assert (playing.backlog, playing.sounds) == (0, False)
    with anyio.fail_after(LIMIT):
        await playing.drained()
        await playing.finish()
    await playing.end()
