"""Speech in one request: `lmnt_cli.local.http.one_shot`, with a voice of predictable length."""

from __future__ import annotations

import asyncio
import io
import wave
from typing import Any

import pytest

from lmnt_cli.local.http.one_shot import MAX_TEXT, OneShotSpeech, SpeechOrder, read_speech_order
from lmnt_cli.local.requests import ErrorType, Refused
from lmnt_cli.local.speech.voices import VOICES
from lmnt_cli.local.workers import Workers
from tests.tools.ruler import Ruler


def spoken(**fields: Any) -> tuple[list[bytes], list[dict[str, Any]]]:
    """Return the pieces of audio, and the times."""

    async def speak() -> tuple[list[bytes], list[dict[str, Any]]]:
        speech = OneShotSpeech(Workers(Ruler), read_speech_order({"voice": "lily", **fields}))
        pieces = [piece async for piece in speech.stream_audio()]
        return pieces, speech.timestamps()

    return asyncio.run(speak())


def test_audio_is_streamed_and_timed() -> None:
    """There is a piece for each chunk and a time for each token, including silence, across sentences."""
    pieces, times = spoken(text="ab c. De f.", format="pcm_s16le")

    assert len(pieces) > 1
    assert [each["text"] for each in times if each["text"]] == ["ab", "c.", "De", "f."]
    assert times[-1]["start"] + times[-1]["duration"] == pytest.approx(
        len(b"".join(pieces)) / 48000, abs=0.001
    )


def test_wav_is_whole() -> None:
    """Its header contains the length, so all of it is returned at once."""
    (piece,), _ = spoken(text="ab c", format="wav", sample_rate=16000)

    with wave.open(io.BytesIO(piece)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
        assert file.getnframes() * 2 == len(piece) - 44


def test_orders() -> None:
    """Numbers and booleans may be strings, as in forms."""
    order = read_speech_order({"text": "a", "voice": "amy", "speed": "1.5", "seed": "7", "durations": "true"})

    assert order == SpeechOrder("a", VOICES["amy"], "mp3", 24000, 1.5, True, 7)
    assert read_speech_order({"text": "x" * MAX_TEXT, "voice": "lily"}).times is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("text", "x" * (MAX_TEXT + 1)),
        ("text", None),
        ("format", "flac"),
        ("sample_rate", 44100),
        ("language", "tlh"),
        ("model", "whisper"),
        ("speed", 3),
        ("top_p", "much"),
        ("temperature", -1),
        ("seed", "1e99"),
        ("return_timestamps", "perhaps"),
    ],
)
def test_orders_that_make_no_sense(field: str, value: object) -> None:
    """An invalid order is refused, naming the field."""
    with pytest.raises(Refused) as refused:
        read_speech_order({"text": "Hi.", "voice": "lily", field: value})

    assert refused.value.type is ErrorType.INVALID_REQUEST
    assert refused.value.message.startswith(f"{field}: ")
