"""The threads in which speech is made, so that the event loop is never kept waiting.

The voice is loaded in a thread of its own, at once; whoever speaks first waits for the rest of that.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar


if TYPE_CHECKING:
    from .encoders.base import Encoder
    from .speech.hibari_engine import Engine, Speech
    from .speech.voices import Voice

T = TypeVar("T")


def load_voice() -> Engine:
    """Load what is heavy: the voice, and PyAV beside it."""
    encoders = threading.Thread(target=_load_encoders, daemon=True)
    encoders.start()
    from .speech.hibari_engine import Hibari

    engine = Hibari()
    encoders.join()
    return engine


def _load_encoders() -> None:
    from .encoders import codecs as encoders  # noqa: F401 - imported here so that it overlaps with the voice


class Workers:
    """Makes speech for all sessions: one stretch at a time for each, first come first served."""

    def __init__(self, load: Callable[[], Engine] = load_voice) -> None:
        self._engine: Future[Engine] = Future()
        threading.Thread(target=self._load, args=(load,), daemon=True).start()
        self.characters = 0
        # Two stretches of speech at once per core would only make both late.
        self._pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)

    async def speak(self, text: str, voice: Voice, speed: float) -> Speech:
        """Speak a stretch of text. Cancelled before its turn, it is not spoken."""
        self.characters += len(text)
        return await self.run(lambda: self._engine.result().speak(text, voice, speed))

    async def open_encoder(self, format_: str, rate: int) -> Encoder:
        """Return a new encoder for a session."""
        return await self.run(lambda: _new_encoder(format_, rate))

    async def run(self, job: Callable[[], T]) -> T:
        """Do something in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)

    def _load(self, load: Callable[[], Engine]) -> None:
        try:
            self._engine.set_result(load())
        except BaseException as error:
            self._engine.set_exception(error)


def _new_encoder(format_: str, rate: int) -> Encoder:
    from .encoders.codecs import open_encoder

    return open_encoder(format_, rate)
