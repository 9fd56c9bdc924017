"""Text in, audio and word times out, in chunks that belong together, as one continuous stream.

Times are those of the bytes given out: a token starts when a decoder plays it, counted from the end of
the last utterance. Tokens are contiguous and together as long as the audio, silence included.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .speech.voices import Voice
from .workers import Workers


if TYPE_CHECKING:
    from .encoders.base import Encoder
    from .speech.hibari_engine import Samples, Speech, SpokenToken

T = TypeVar("T")

# About a quarter of a second: small enough for sound to start at once, in whole tokens.
_CHUNK = 6000

_RATE = 24000
# Less than this, in seconds, is rounding and no silence.
_LEAST = 0.0005


@dataclass(frozen=True)
class TimedToken:
    """One token of the text and when it is heard: a word, white space, punctuation, or "" for silence."""

    text: str
    start: float
    duration: float


@dataclass(frozen=True)
class Chunk:
    """Audio and the tokens in it. Seconds count from where the utterance began."""

    pieces: Sequence[bytes]
    start: float
    seconds: float
    tokens: tuple[TimedToken, ...]

    def tokens_from_chunk_start(self) -> tuple[TimedToken, ...]:
        """The tokens with times that count from where this chunk begins, as API 1.1 and before had it."""
        return tuple(
            replace(token, start=max(round(token.start - self.start, 4), 0.0)) for token in self.tokens
        )


class SpeechStream:
    """Speaks into one stream. Once interrupted, it says nothing more until `drop`."""

    def __init__(
        self, workers: Workers, encoder: Encoder, voice: Voice, speed: float, interrupted: asyncio.Event
    ) -> None:
        self._workers = workers
        self._encoder = encoder
        self._voice = voice
        self._speed = speed
        self._interrupted = interrupted
        # What could be heard when the utterance began, in seconds; the other times count from there.
        self._start = 0.0
        self._timed = 0.0
        self._given = 0.0
        self._tokens: list[TimedToken] = []
        self.is_empty = True

    async def speak(self, text: str) -> AsyncIterator[Chunk]:
        """Speak a stretch of text, chunk by chunk."""
        speech = await self._unless_interrupted(self._workers.speak(text, self._voice, self._speed))
        for tokens, samples in _chunks(speech) if speech else ():
            if self._interrupted.is_set():
                return
            self.is_empty = False
            self._time_tokens(tokens)
            pieces = await self._workers.run(partial(self._encoder.encode, samples))
            # Tokens wait for audio: an encoder may keep a short chunk back.
            if pieces:
                yield self._make_chunk(pieces)

    async def end_utterance(self) -> Chunk | None:
        """Make everything said so far audible; times start again."""
        chunk = None
        if not self.is_empty and not self._interrupted.is_set():
            pieces = await self._workers.run(self._encoder.flush_with_silence)
            self._time_silence()
            chunk = self._make_chunk(pieces) if pieces else None
        self._restart_times()
        return chunk

    async def drop(self) -> None:
        """Forget what was said and not given out; times start again."""
        await self._workers.run(self._encoder.drop_pending)
        self._restart_times()

    def replace_encoder(self, encoder: Encoder) -> None:
        """Begin a new stream."""
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
        """Note when samples about to be encoded are heard. The first token takes what delay there is."""
        end = self._encoder.next_start - self._start
        for token in tokens:
            end += token.samples / _RATE
            self._add_token(token.text, end)

    def _time_silence(self) -> None:
        """Note the silence that made the last samples audible."""
        end = self._encoder.audible - self._start
        if end - self._timed > _LEAST:
            self._add_token("", end)

    def _add_token(self, text: str, end: float) -> None:
        start = round(self._timed, 4)
        self._tokens.append(TimedToken(text, start, round(max(end - start, 0.0), 4)))
        self._timed = max(end, self._timed)

    async def _unless_interrupted(self, job: Coroutine[Any, Any, T]) -> T | None:
        """Wait for a job, but not beyond an interruption: its result is then not wanted."""
        task = asyncio.create_task(job)
        interruption = asyncio.create_task(self._interrupted.wait())
        try:
            await asyncio.wait({task, interruption}, return_when=asyncio.FIRST_COMPLETED)
            return None if self._interrupted.is_set() else await task
        finally:
            task.cancel()
            interruption.cancel()


def _chunks(speech: Speech) -> Iterator[tuple[list[SpokenToken], Samples]]:
    """Cut speech where tokens end, into chunks that are not too short."""
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
