"""The threads that synthesize speech: `lmnt_cli.local.workers`."""

from __future__ import annotations

import asyncio
import threading

import pytest

from lmnt_cli.local.speech.voices import VOICES
from lmnt_cli.local.workers import Workers
from tests.tools.ruler import Ruler


def test_a_voice_that_fails_to_load_fails_whoever_speaks() -> None:
    """Every attempt to speak raises the same error."""

    def load() -> Ruler:
        raise RuntimeError("no voice today")

    async def speak() -> None:
        workers = Workers(load)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="no voice today"):
                await workers.speak("a", VOICES["lily"], 1.0)

    asyncio.run(speak())


def test_nothing_waits_for_the_voice_but_speech() -> None:
    """While the voice loads, encoders are opened and other work is done."""
    loading = threading.Event()
    go = threading.Event()

    def load() -> Ruler:
        loading.set()
        assert go.wait(10)
        return Ruler()

    async def use() -> None:
        workers = Workers(load)
        assert await asyncio.to_thread(loading.wait, 10)
        assert (await workers.open_encoder("pcm_s16le", 24000)).audible == 0
        assert await workers.run(lambda: 7) == 7
        speech = asyncio.create_task(workers.speak("abc", VOICES["lily"], 1.0))
        await asyncio.sleep(0)
        assert not speech.done()
        go.set()
        (part,) = await speech
        assert len(part.samples) == 12000
        assert workers.characters == 3

    asyncio.run(use())
