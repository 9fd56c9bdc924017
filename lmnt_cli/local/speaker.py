"""The speaking side of a session: text in, audio and word times out, in chunks that belong together.

Times are those of the bytes sent: a token starts when a decoder plays it, counted from the end of the
last flush or reset. Tokens are contiguous and together as long as the audio, silence included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .dialects import Dialect, TimedToken
from .messages import Init
from .outlet import Outlet
from .studio import Studio
from .voices import VOICES


if TYPE_CHECKING:
    from .encoders import Encoder
    from .engine import Samples, Speech, Token

T = TypeVar("T")

# About a quarter of a second: small enough for sound to start at once, in whole tokens.
_CHUNK = 6000

_RATE = 24000
# Less than this, in seconds, is rounding and no silence.
_LEAST = 0.0005


class Speaker:
    """Speaks for one session, in order. An interruption ends what is being said, between pieces."""

    def __init__(
        self,
        dialect: Dialect,
        init: Init,
        encoder: Encoder,
        outlet: Outlet,
        studio: Studio,
        interrupted: asyncio.Event,
    ) -> None:
        self._dialect = dialect
        self._init = init
        self._encoder = encoder
        self._outlet = outlet
        self._studio = studio
        self._interrupted = interrupted
        # All in seconds. `_start`: what could be heard when the utterance began; the others count from there.
        self._start = 0.0
        self._timed = 0.0
        self._sent = 0.0
        self._said = False
        self._tokens: list[TimedToken] = []

    async def say(self, text: str) -> None:
        """Speak a stretch of text."""
        voice = VOICES[self._init.voice]
        speech = await self._unless_interrupted(self._studio.speak(text, voice, self._init.speed))
        for tokens, samples in _chunks(speech) if speech else ():
            if self._interrupted.is_set():
                return
            self._said = True
            self._time(tokens)
            await self._send(await self._studio.run(partial(self._encoder.encode, samples)))

    async def end_utterance(self, all_said: bool = False) -> None:
        """Make everything said so far audible; times start again."""
        if self._interrupted.is_set():
            return
        if self._said:
            pieces = await self._studio.run(self._encoder.settle)
            self._time_silence()
            await self._send(pieces, all_said)
        self._begin()

    async def drop(self) -> None:
        """Forget what was said and not sent; times start again."""
        await self._studio.run(self._encoder.cut)
        self._begin()

    def _begin(self) -> None:
        self._start = self._encoder.heard
        self._timed = self._sent = 0.0
        self._said = False
        self._tokens.clear()

    def _time(self, tokens: Sequence[Token]) -> None:
        """Note when samples about to be encoded are heard. The first token takes what delay there is."""
        end = self._encoder.next - self._start
        for token in tokens:
            end += token.samples / _RATE
            self._tokens.append(TimedToken(token.text, self._timed, end - self._timed))
            self._timed = end

    def _time_silence(self) -> None:
        """Note the silence that made the last samples audible."""
        silence = self._encoder.heard - self._start - self._timed
        if silence > _LEAST:
            self._tokens.append(TimedToken("", self._timed, silence))
            self._timed += silence

    async def _send(self, pieces: Sequence[bytes], all_said: bool = False) -> None:
        """Send a chunk and its times. Tokens wait for audio: encoders may keep a short chunk back."""
        if not pieces:
            return
        times = self._times(all_said) if self._init.timestamps else None
        self._sent = self._encoder.heard - self._start
        if self._dialect.times_first:
            await self._outlet.message(times)
        await self._outlet.audio(pieces, self._interrupted)
        if not self._dialect.times_first:
            await self._outlet.message(times)

    def _times(self, all_said: bool) -> str:
        zero = 0.0 if self._dialect.cumulative else self._sent
        tokens = [
            TimedToken(token.text, round(max(token.start - zero, 0.0), 4), round(max(token.duration, 0.0), 4))
            for token in self._tokens
        ]
        self._tokens.clear()
        return self._dialect.times(tokens, all_said)

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


def _chunks(speech: Speech) -> Iterator[tuple[list[Token], Samples]]:
    """Cut speech where tokens end, into chunks that are not too short."""
    tokens: list[Token] = []
    start = end = 0
    for token in speech.tokens:
        tokens.append(token)
        end += token.samples
        if end - start >= _CHUNK:
            yield tokens, speech.samples[start:end]
            tokens, start = [], end
    if tokens:
        yield tokens, speech.samples[start:end]
