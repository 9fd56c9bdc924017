"""Programs from LMNT's guides, unchanged, against the embedded service: the official SDKs of each era.

Only the base URL and the key differ, as in the two export lines that the service prints.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import lmnt
import pytest
from lmnt import AsyncLmnt, Lmnt
from lmnt.resources.sessions import SpeechSessionResponse
from lmnt.types import (
    SpeechSessionAudio,
    SpeechSessionError,
    SpeechSessionFlushComplete,
    SpeechSessionReady,
    SpeechSessionResetComplete,
    SpeechSessionTimestamps,
)

from tests.tools.decoding import decode, heard, spoken_words
from tests.tools.local_service import LocalService, shared_service
from tests.tools.option_names import ROOT


SENTENCE = "There are many people waiting at the station for the late train."
OTHER = "Here is few persons sitting on the platform by an early bus."
CLIENTS = ROOT / "tests/clients"


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> LocalService:
    """Return the service, which SDKs find through the environment."""
    service = shared_service()
    monkeypatch.setenv("LMNT_BASE_URL", service.url)
    monkeypatch.setenv("LMNT_API_KEY", "local")
    return service


@pytest.mark.usefixtures("local")
def test_python_sdk_holds_a_whole_session() -> None:
    """2.13, API 1.2: ready, audio, times, flush, reset, finish; the session ends at the close."""

    async def session() -> list[SpeechSessionResponse]:
        client = AsyncLmnt()
        session = await client.speech.sessions.create(
            voice="lily", format="pcm_s16le", sample_rate=16000, language="en", return_timestamps=True
        )
        await session.send_text(SENTENCE[:20])
        await session.send_text(SENTENCE[20:])
        assert await session.send_flush() == 1
        messages: list[SpeechSessionResponse] = []
        async for message in session:
            messages.append(message)
            if message.type == "flush_complete":
                await session.send_text("This is dropped")
                assert await session.send_reset() == 2
                await session.send_text("The end.")
                await session.send_finish()
        assert session.request_id == messages[0].request_id
        return messages

    messages = asyncio.run(session())
    answers = [
        message
        for message in messages
        if isinstance(message, SpeechSessionFlushComplete | SpeechSessionResetComplete)
    ]
    before = messages[: messages.index(answers[0])]
    audio = b"".join(message.audio for message in before if isinstance(message, SpeechSessionAudio))
    tokens = [
        token["text"] if isinstance(token, dict) else token.text
        for message in messages
        if isinstance(message, SpeechSessionTimestamps)
        for token in message.timestamps or []
    ]

    assert isinstance(messages[0], SpeechSessionReady)
    assert [(answer.type, answer.nonce) for answer in answers] == [
        ("flush_complete", 1),
        ("reset_complete", 2),
    ]
    assert "".join(tokens) == SENTENCE + "The end."
    assert heard(decode(audio, "pcm_s16le", 16000), SENTENCE, OTHER) == " ".join(spoken_words(SENTENCE))


@pytest.mark.usefixtures("local")
def test_python_sdk_writes_a_session_to_a_file(tmp_path: Path) -> None:
    """2.13: `stream_audio_to_file` with the SDK's defaults writes a whole MP3."""

    async def session() -> None:
        session = await AsyncLmnt().speech.sessions.create(voice="morgan")
        await session.send_text(SENTENCE)
        await session.send_finish()
        await session.stream_audio_to_file(tmp_path / "speech.mp3")

    asyncio.run(session())

    assert decode((tmp_path / "speech.mp3").read_bytes(), "mp3", 0).seconds > 3


@pytest.mark.usefixtures("local")
def test_python_sdk_sees_errors_of_a_session() -> None:
    """2.13: the SDK raises an error message as an error."""

    async def session() -> list[SpeechSessionResponse]:
        return [message async for message in await AsyncLmnt().speech.sessions.create(voice="nobody")]

    (error,) = asyncio.run(session())

    assert isinstance(error, SpeechSessionError)


@pytest.mark.usefixtures("local")
def test_python_sdk_uses_voices_account_and_speech(tmp_path: Path) -> None:
    """2.13: REST works, with typed errors."""
    client = Lmnt()
    speech = client.speech.generate_detailed(text="Hello.", voice="amy", return_timestamps=True)
    with client.speech.with_streaming_response.generate(text="Hello.", voice="amy") as response:
        response.stream_to_file(tmp_path / "speech.mp3")

    assert "lily" in {voice.id for voice in client.voices.list(owner="system")}
    assert client.voices.retrieve("amy").name == "Amy"
    assert client.accounts.retrieve().plan.type == "local"
    assert [token.text for token in speech.timestamps or [] if token.text] == ["Hello", "."]
    assert decode((tmp_path / "speech.mp3").read_bytes(), "mp3", 0).seconds > 0.5
    with pytest.raises(lmnt.NotFoundError, match="Voice 'foo' not found"):
        client.voices.retrieve("foo")
    with pytest.raises(lmnt.BadRequestError):
        client.speech.generate(text="x" * 5001, voice="amy")


def test_python_sdk_is_refused_with_a_wrong_key(locked: LocalService) -> None:
    """2.13: the SDK raises AuthenticationError over HTTP."""
    with pytest.raises(lmnt.AuthenticationError):
        Lmnt(api_key="wrong", base_url=locked.url).accounts.retrieve()


@pytest.mark.parametrize(
    ("variable", "program"),
    [
        ("TEST_SDK_1_2", "sdk_1_2.py"),  # lmnt==1.2.0: generation 1
        ("TEST_SDK_2_0", "sdk_2_x.py"),  # lmnt==2.0.0: generation 1, numbers and booleans as strings
        ("TEST_SDK_2_5", "sdk_2_x.py"),  # lmnt==2.5.1: generation 2
        ("TEST_SDK_2_6", "sdk_2_x.py"),  # lmnt==2.6.1: API 1.1
        (
            "TEST_PIPECAT",
            "pipecat_service.py",
        ),  # pipecat-ai==0.0.95: generation 1, a flush for every utterance
    ],
)
def test_older_sdks_and_pipecat_run_unchanged(local: LocalService, variable: str, program: str) -> None:
    """They share a name with today's SDK, so each needs its own Python, named by the variable."""
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no Python that has it")

    assert all_well([python, str(CLIENTS / program), local.url])


def test_node_sdk_runs_unchanged(local: LocalService) -> None:
    """2.12 (API 1.1), in the directory TEST_SDK_NODE, where `npm install lmnt-node` was run."""
    node, modules = shutil.which("node"), os.environ.get("TEST_SDK_NODE")
    if not node or not modules:
        pytest.skip("no node, or TEST_SDK_NODE names no directory that has lmnt-node")

    script = (CLIENTS / "sdk_node.mjs").read_text()
    assert all_well([node, "--input-type=module", "-", local.url], input=script, cwd=modules)


def all_well(command: list[str], **options: Any) -> bool:
    """Run a client's program, which reports success at its end."""
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    if ran.stdout.splitlines()[-1:] != ["all well"]:
        pytest.fail(ran.stdout + ran.stderr)
    return True
