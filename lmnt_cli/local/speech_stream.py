"""Turns text into audio and word times: one continuous stream, in chunks of both.

Times are those of the bytes: a token starts when a decoder plays it, in seconds from the end of the last
utterance. Tokens are contiguous, and together as long as the audio, including silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from .speech.voices import Voice
from .workers import Workers


if TYPE_CHECKING:
    from .encoders.base import Encoder
    from .speech.hibari_engine import Samples, Speech, SpokenToken

T = TypeVar("T")

# A quarter of a second, in samples: short enough for sound to start at once, in whole tokens.
_CHUNK = 6000

_RATE = 24000
# In seconds; anything shorter is a rounding error, not silence.
_LEAST = 0.0005


@dataclass(frozen=True)
class TimedToken:
    """A token of the text with its time in seconds: a word, white space, punctuation, or "" for silence."""

    text: str
    start: float
    duration: float


@dataclass(frozen=True)
class Chunk:
    """Audio and the tokens in it. `start` is in seconds from the start of the utterance."""

    pieces: Sequence[bytes]
    start: float
    seconds: float
    tokens: tuple[TimedToken, ...]

    def tokens_from_chunk_start(self) -> tuple[TimedToken, ...]:
        """Return the tokens with times from the start of this chunk, as in API 1.1 and earlier."""
        return tuple(
            replace(token, start=max(round(token.start - self.start, 4), 0.0)) for token in self.tokens
        )


class SpeechStream:
    """One stream of speech. Once `interrupted` is set, it yields nothing until `drop`."""

    def __init__(
        self, workers: Workers, encoder: Encoder, voice: Voice, speed: float, interrupted: asyncio.Event
    ) -> None:
        self._workers = workers
        self._encoder = encoder
        self._voice = voice
        self._speed = speed
        self._interrupted = interrupted
        # The start of the utterance, in seconds of the stream; the times below count from it.
        self._start = 0.0
        self._timed = 0.0
        self._given = 0.0
        self._tokens: list[TimedToken] = []
        self.is_empty = True

    async def speak(self, text: str) -> AsyncIterator[Chunk]:
        """Speak a stretch of text; yield it chunk by chunk."""
        parts = await self._workers.speak(text, self._voice, self._speed)
        part = self._begin_part(parts)
        try:
            while speech := await self._unless_interrupted(part):
                following = False
                for tokens, samples in _chunks(speech):
                    if self._interrupted.is_set():
                        return
                    self.is_empty = False
                    self._time_tokens(tokens)
                    pieces = await self._encode(samples)
                    if not following:
                        # Synthesized while this one is sent: until then it takes more memory than its audio.
                        part, following = self._begin_part(parts), True
                    # Tokens wait for audio: an encoder may hold back a short chunk, and a mark may have none.
                    if pieces:
                        yield self._make_chunk(pieces)
                if not following:
                    part = self._begin_part(parts)
        finally:
            part.cancel()

    async def _encode(self, samples: Samples) -> list[bytes]:
        return await self._workers.run(partial(self._encoder.encode, samples)) if len(samples) else []

    def _begin_part(self, parts: Iterator[Speech]) -> asyncio.Task[Speech | None]:
        return asyncio.create_task(self._workers.run(partial(next, parts, None)))

    async def end_utterance(self) -> Chunk | None:
        """Return the audio that makes all speech so far audible, and restart the times."""
        chunk = None
        if not self.is_empty and not self._interrupted.is_set():
            pieces = await self._workers.run(self._encoder.flush_with_silence)
            self._time_silence()
            chunk = self._make_chunk(pieces) if pieces else None
        self._restart_times()
        return chunk

    async def drop(self) -> None:
        """Drop the speech that was not yielded, and restart the times."""
        await self._workers.run(self._encoder.drop_pending)
        self._restart_times()

    def replace_encoder(self, encoder: Encoder) -> None:
        """Start a new stream."""
        self._encoder = encoder
        self._restart_times()

    def _restart_times(self) -> None:
        self._start = self._encoder.audible
        self._timed = self._given = 0.0
        self.is_empty = True
        self._tokens.clear()

    def _make_chunk(self, pieces: Sequence[bytes]) -> Chunk:
        start, self._given = self._given, self._encoder.audible - self._start
        tokens = tuple(self._tokens)
        self._tokens.clear()
        return Chunk(pieces, start, self._given - start, tokens)

    def _time_tokens(self, tokens: Sequence[SpokenToken]) -> None:
        """Add the times of samples about to be encoded. The first token includes the encoder's delay."""
        end = self._encoder.next_start - self._start
        for token in tokens:
            end += token.samples / _RATE
            self._add_token(token.text, end)

    def _time_silence(self) -> None:
        """Add the silence that made the last samples audible."""
        end = self._encoder.audible - self._start
        if end - self._timed > _LEAST:
            self._add_token("", end)

    def _add_token(self, text: str, end: float) -> None:
        start = round(self._timed, 4)
        self._tokens.append(TimedToken(text, start, round(max(end - start, 0.0), 4)))
        self._timed = max(end, self._timed)

    async def _unless_interrupted(self, task: asyncio.Task[T]) -> T | None:
        """Return the result of a task, or None, and cancel it, as soon as the stream is interrupted."""
        interruption = asyncio.create_task(self._interrupted.wait())
        try:
            await asyncio.wait({task, interruption}, return_when=asyncio.FIRST_COMPLETED)
            return None if self._interrupted.is_set() else await task
        finally:
            task.cancel()
            interruption.cancel()


def _chunks(speech: Speech) -> Iterator[tuple[list[SpokenToken], Samples]]:
    """Yield the speech cut between tokens, into chunks that are not too short."""
    tokens: list[SpokenToken] = []
    start = end = 0
    for token in speech.tokens:
        tokens.append(token)
        end += token.samples
        if end - start >= _CHUNK:
            yield tokens, speech.samples[start:end]
            tokens, start = [], end
    if tokens:
        yield tokens, speech.samples[start:end]
