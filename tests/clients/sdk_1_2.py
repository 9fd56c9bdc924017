"""A program for the official Python SDK 1.2, in the style of the guides of its time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable

from lmnt.api import Speech, SpeechError, StreamError


TEXT = "Hello there. This is the first generation."


async def converse(speech: Speech, **options: object) -> tuple[bytes, str, list[bool]]:
    """Hold a session; return its audio, the text of its tokens, and the time when all text was spoken."""
    connection = await speech.synthesize_streaming("lily", **options)
    audio, words, empty = b"", "", []

    async def write() -> None:
        await connection.append_text(TEXT[:15])
        await connection.append_text(TEXT[15:])
        await connection.flush()
        if not options.get("return_extras"):
            await connection.finish()

    writer = asyncio.create_task(write())
    async for message in connection:
        if not message:
            break
        audio += message["audio"]
        words += "".join(token["text"] for token in message.get("durations", []))
        if message.get("buffer_empty"):
            empty.append(True)
            await connection.finish()
    await writer
    return audio, words, empty


async def main(url: str) -> None:
    async with Speech("a key", base_url=url) as speech:
        assert "lily" in [voice["id"] for voice in await speech.list_voices(owner="system")]
        assert (await speech.voice_info("lily"))["name"] == "Lily"
        assert (await speech.account_info())["plan"]
        spoken = await speech.synthesize(
            TEXT,
            "lily",
            return_durations=True,
            return_seed=True,
            speed=1.5,
            sample_rate=16000,
            model="aurora",
        )
        assert len(spoken["audio"]) > 10_000
        assert "".join(token["text"] for token in spoken["durations"]) == TEXT
        assert isinstance(spoken["seed"], int)
        for format_ in ("mp3", "raw", "ulaw"):
            audio, words, empty = await converse(speech, format=format_, speed=1.0)
            assert len(audio) > 10_000
            assert (words, empty) == ("", [])
            again, words, empty = await converse(speech, format=format_, return_extras=True)
            assert again == audio
            assert (words, empty) == (TEXT, [True])
        refused = await failure(speech.synthesize(TEXT, "nobody"))
        assert isinstance(refused, SpeechError)
        assert refused.status == 400
        assert "Voice 'nobody' not found." in str(refused)
        connection = await speech.synthesize_streaming("nobody")
        refused = await failure(connection.__aiter__().__anext__())
        assert isinstance(refused, StreamError)
        assert refused.message == "Voice 'nobody' not found."


async def failure(job: Awaitable[object]) -> Exception | None:
    """Return what a job raises."""
    try:
        await job
    except Exception as error:
        return error
    return None


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 50))
print("all well")
