"""A program for the official Python SDKs 2.0 to 2.6, in the style of the guides of their time.

Before 2.6 the address of speech sessions was fixed; only that is redirected.
"""

from __future__ import annotations

import asyncio
import importlib
import sys

from lmnt import AsyncLmnt


TEXT = "Hello there. This is one of the second kind."


async def open_session(url: str, **options: object) -> object:
    """Open a session with this service, in the way that the SDK provides."""
    try:
        streaming = importlib.import_module("lmnt.lib.websocket_streaming")
    except ModuleNotFoundError:
        options = {
            "return_timestamps" if name == "return_extras" else name: options[name] for name in options
        }
    else:
        streaming.URL_STREAMING = f"ws{url.removeprefix('http')}/v1/ai/speech/stream"
    client = AsyncLmnt(api_key="a key", base_url=url)
    return await client.speech.sessions.create(voice="lily", sample_rate=16000, **options)


async def converse(url: str, **options: object) -> tuple[bytes, str, list[str]]:
    """Hold a session; return its audio, the text of its tokens, and the answers to flush and reset."""
    session = await open_session(url, **options)
    say = getattr(session, "send_text", None) or session.append_text
    flush = getattr(session, "send_flush", None) or session.flush
    reset = getattr(session, "send_reset", None) or getattr(session, "reset", None)
    finish = getattr(session, "send_finish", None) or session.finish
    if reset is not None:
        await say("This is dropped")
        await reset()
    await say(TEXT[:15])
    await say(TEXT[15:])
    await flush()
    await finish()
    audio, words, answers = b"", "", []
    async for message in session:
        audio += getattr(message, "audio", None) or b""
        for token in getattr(message, "durations", None) or getattr(message, "timestamps", None) or []:
            words += token["text"] if isinstance(token, dict) else token.text
        kind = getattr(message, "complete", None) or getattr(message, "type", None) or ""
        answers += [kind] if kind.split("_")[0] in ("flush", "reset") else []
    return audio, words, answers


async def main(url: str) -> None:
    for format_ in ("mp3", "pcm_s16le", "ulaw"):
        audio, words, answers = await converse(url, format=format_)
        assert len(audio) > 10_000
        assert words == ""
        assert [answer.split("_")[0] for answer in answers] in ([], ["reset", "flush"])
        again, words, _ = await converse(url, format=format_, return_extras=True, language="en")
        assert again == audio
        assert words == TEXT
    speech = AsyncLmnt(api_key="a key", base_url=url)
    assert "lily" in [voice.id for voice in await speech.voices.list()]
    assert (await speech.accounts.retrieve()).plan.type == "local"
    generated = await speech.speech.generate(text=TEXT, voice="lily")
    assert len(await generated.read()) > 10_000


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 50))
print("all well")
