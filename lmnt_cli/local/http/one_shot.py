"""Speech in one HTTP request: a whole text in, its audio out, streamed if the format allows it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..fields import read_choice, read_flag, read_number, read_sample_rate, read_speed, read_text
from ..requests import LANGUAGES, ErrorType, Refused, SessionFormat
from ..speech.sentences import SentenceSplitter
from ..speech.voices import Voice, find_voice
from ..speech_stream import SpeechStream, TimedToken
from ..workers import Workers


MAX_TEXT = 5000

MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "pcm_s16le": "application/vnd.lmnt.audio-int16",
    "pcm_f32le": "application/vnd.lmnt.audio-fp32",
    "ulaw": "audio/wav",
    "webm": "audio/webm",
    "wav": "audio/wav",
    "aac": "audio/aac",
}
_MODELS = ("aurora", "blizzard", "blizzard-2.0", "blizzard-2.1", "blizzard-dialogue")


@dataclass(frozen=True)
class SpeechOrder:
    """The text of a request, and how to speak it."""

    text: str
    voice: Voice
    format: str
    sample_rate: int
    speed: float
    times: bool
    seed: int


def read_speech_order(fields: Mapping[str, Any]) -> SpeechOrder:
    """Return the order in the fields of a request; those of a form are strings. Raises `Refused`."""
    text = read_text(fields, "text", None)
    if len(text) > MAX_TEXT:
        problem = f"text: String should have at most {MAX_TEXT} characters"
        raise Refused(ErrorType.INVALID_REQUEST, problem)
    if not text:
        raise Refused(ErrorType.INVALID_REQUEST, "text: String should have at least 1 character")
    read_choice(fields, "language", "auto", sorted(LANGUAGES))
    read_choice(fields, "model", "blizzard", _MODELS)
    read_number(fields, "top_p", 0.8, 0, 1)
    read_number(fields, "temperature", 1, 0, 5)
    names = ("return_timestamps", "return_durations", "durations")
    return SpeechOrder(
        text=text,
        voice=find_voice(read_text(fields, "voice", None)),
        format=read_choice(fields, "format", "mp3", tuple(MEDIA_TYPES)),
        sample_rate=read_sample_rate(fields, coerce=True),
        speed=read_speed(fields),
        times=True in [read_flag(fields, name, coerce=True) for name in names],
        seed=int(read_number(fields, "seed", 0, -(2**63), 2**63)),
    )


class OneShotSpeech:
    """One order, spoken once."""

    def __init__(self, workers: Workers, order: SpeechOrder) -> None:
        self._workers = workers
        self._order = order
        self._tokens: list[TimedToken] = []

    async def stream_audio(self) -> AsyncIterator[bytes]:
        """Yield the audio piece by piece, or as a whole if the format starts with its length."""
        if self._order.format != "wav":
            async for piece in self._stream(self._order.format):
                yield piece
            return
        data = b"".join([piece async for piece in self._stream(SessionFormat.PCM_S16LE)])
        yield _wav_header(self._order.sample_rate, len(data)) + data

    def timestamps(self) -> list[dict[str, Any]]:
        """Return the time of each token, once all audio has been generated."""
        return [asdict(token) for token in self._tokens]

    async def _stream(self, format_: str) -> AsyncIterator[bytes]:
        order = self._order
        encoder = await self._workers.open_encoder(format_, order.sample_rate)
        stream = SpeechStream(self._workers, encoder, order.voice, order.speed, asyncio.Event())
        sentences = SentenceSplitter()
        sentences.add(order.text)
        while (stretch := sentences.take(final=True)) is not None:
            async for chunk in stream.speak(stretch):
                self._tokens += chunk.tokens
                yield b"".join(chunk.pieces)
        last = await stream.end_utterance()
        if last is not None:
            self._tokens += last.tokens
            yield b"".join(last.pieces)


def _wav_header(rate: int, size: int) -> bytes:
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + fmt + struct.pack("<4sI", b"data", size)
