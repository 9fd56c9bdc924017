"""Text to chunks of audio and times: `lmnt_cli.local.speech_stream`, with a voice of predictable length."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from lmnt_cli.local.speech.hibari_engine import Speech, SpokenToken
from lmnt_cli.local.speech.voices import VOICES, Voice
from lmnt_cli.local.speech_stream import Chunk, SpeechStream
from lmnt_cli.local.workers import Workers
from tests.tools.ruler import Ruler


class Stuck(Ruler):
    """The same voice, but it waits for `go` before it speaks."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()

    def speak(self, text: str, voice: Voice, speed: float) -> Iterator[Speech]:
        self.asked.set()
        assert self.go.wait(10)
        yield from super().speak(text, voice, speed)


async def stream(
    format_: str = "pcm_s16le", voice: Ruler | None = None
) -> tuple[SpeechStream, asyncio.Event]:
    workers = Workers(lambda: voice or Ruler())
    interrupted = asyncio.Event()
    return SpeechStream(
        workers, await workers.open_encoder(format_, 24000), VOICES["lily"], 1.0, interrupted
    ), interrupted


class Two(Ruler):
    """The same voice, but it speaks in two parts, of which the first ends with a mark that takes no time."""

    def speak(self, text: str, voice: Voice, speed: float) -> Iterator[Speech]:
        for part in super().speak(text, voice, speed):
            first = sum(token.samples for token in part.tokens[:3])
            yield Speech(part.samples[:first], (*part.tokens[:3], SpokenToken("!", 0)))
            yield Speech(part.samples[first:], part.tokens[3:])


async def said(by: SpeechStream, text: str) -> list[Chunk]:
    return [chunk async for chunk in by.speak(text)]


def test_chunks_are_whole_tokens_with_their_audio() -> None:
    """Chunks are whole tokens of about a quarter of a second; times count from the utterance's start."""

    async def speak() -> list[Chunk]:
        one, _ = await stream()
        chunks = await said(one, "ab c defgh")
        assert await one.end_utterance() is None
        return chunks

    chunks = asyncio.run(speak())

    assert [[token.text for token in chunk.tokens] for chunk in chunks] == [["", "ab"], ["c", "defgh"], [""]]
    assert [chunk.start for chunk in chunks] == pytest.approx([0, 0.3, 0.9])
    assert [chunk.seconds for chunk in chunks] == pytest.approx([0.3, 0.6, 0.1])
    assert [sum(map(len, chunk.pieces)) for chunk in chunks] == [14400, 28800, 4800]
    assert [token.start for token in chunks[1].tokens] == pytest.approx([0.3, 0.4])
    assert [token.start for token in chunks[1].tokens_from_chunk_start()] == pytest.approx([0, 0.1])


@pytest.mark.parametrize("format_", ["mp3", "webm", "pcm_s16le"])
def test_speech_in_parts(format_: str) -> None:
    """The audio and its times are those of the same speech in one part, whatever begins or ends a part."""

    async def speak(voice: Ruler) -> list[Chunk]:
        one, _ = await stream(format_, voice)
        chunks = await said(one, "ab c defgh")
        last = await one.end_utterance()
        return [*chunks, *([last] if last else [])]

    parts, whole = (asyncio.run(speak(voice)) for voice in (Two(), Ruler()))
    tokens = [
        [token for chunk in chunks for token in chunk.tokens if token.text != "!"]
        for chunks in (parts, whole)
    ]

    assert [token.text for token in tokens[0]] == [token.text for token in tokens[1]]
    assert [each.start for each in tokens[0]] == pytest.approx([each.start for each in tokens[1]], abs=0.001)
    assert "!" in [token.text for chunk in parts for token in chunk.tokens]


@pytest.mark.parametrize("format_", ["mp3", "webm", "pcm_s16le"])
def test_times_are_those_of_the_bytes(format_: str) -> None:
    """Times are contiguous from 0, and in total as long as the utterance's audio; then start at 0 again."""

    async def speak() -> list[list[Chunk]]:
        one, _ = await stream(format_)
        utterances = []
        for _ in range(3):
            chunks = [*await said(one, "ab c"), *await said(one, "defgh ij")]
            last = await one.end_utterance()
            utterances.append([*chunks, *([last] if last else [])])
        return utterances

    for chunks in asyncio.run(speak()):
        tokens = [token for chunk in chunks for token in chunk.tokens]
        ends = [token.start + token.duration for token in tokens]

        assert tokens[0].start == 0
        assert [token.start for token in tokens[1:]] == pytest.approx(ends[:-1], abs=0.0002)
        assert ends[-1] == pytest.approx(sum(chunk.seconds for chunk in chunks), abs=0.001)
        assert chunks[-1].start + chunks[-1].seconds == pytest.approx(ends[-1], abs=0.001)


def test_an_interruption_does_not_wait_for_the_voice() -> None:
    """The speech in progress is abandoned at once, and nothing is spoken until it is dropped."""

    async def speak() -> None:
        voice = Stuck()
        one, interrupted = await stream(voice=voice)
        saying = asyncio.create_task(said(one, "abc"))
        await asyncio.to_thread(voice.asked.wait, 10)
        interrupted.set()

        assert await asyncio.wait_for(saying, 10) == []
        assert await one.end_utterance() is None
        voice.go.set()
        interrupted.clear()
        await one.drop()
        assert (await said(one, "abc"))[0].start == 0

    asyncio.run(speak())


def test_an_interruption_ends_between_chunks() -> None:
    """A chunk that was returned stands, and the next is not returned."""

    async def speak() -> int:
        one, interrupted = await stream()
        count = 0
        async for _ in one.speak("abcdef ghijkl mnopqr"):
            count += 1
            interrupted.set()
        return count

    assert asyncio.run(speak()) == 1
