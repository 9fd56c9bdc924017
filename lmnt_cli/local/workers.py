"""The threads that synthesize speech, so that the event loop never waits.

The voice is loaded in threads of its own from the start; the first speech waits until that is done.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from .threads import run_in_thread


if TYPE_CHECKING:
    from .encoders.base import Encoder
    from .speech.hibari_engine import Engine, Speech
    from .speech.voices import Voice

T = TypeVar("T")


def load_voice() -> Engine:
    """Load the offline voice. Takes half a second or more."""
    from .speech.hibari_engine import Hibari

    return Hibari()


class Workers:
    """Synthesizes speech for all sessions, first come, first served: one stretch at a time for each."""

    def __init__(self, load: Callable[[], Engine] = load_voice) -> None:
        """Start loading the voice."""
        self._engine = run_in_thread(load)
        # Not earlier: imports take turns, and the voice's come first. Nothing waits for this; opening an
        # encoder imports the same modules, and gets the error if there is one.
        self._engine.add_done_callback(lambda _: run_in_thread(_import_encoders))
        self._engine.add_done_callback(_collect_garbage)
        self.characters = 0
        # More stretches at once than cores would only delay all of them.
        self._pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)

    async def speak(self, text: str, voice: Voice, speed: float) -> Iterator[Speech]:
        """Return the parts of a spoken stretch of text. `next` synthesizes each of them: call it in `run`."""
        self.characters += len(text)
        return await self.run(lambda: self._engine.result().speak(text, voice, speed))

    async def open_encoder(self, format_: str, rate: int) -> Encoder:
        """Return a new encoder for a session, for the service's name of a format."""
        return await self.run(lambda: _open_encoder(format_, rate))

    async def run(self, job: Callable[[], T]) -> T:
        """Run a job in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)


def _collect_garbage(_: object) -> None:
    """Enable what `__main__` disabled, if it did."""
    if not gc.isenabled():
        gc.freeze()  # otherwise the first collection goes through everything that was imported
        gc.enable()


def _import_encoders() -> None:
    from .encoders import codecs  # noqa: F401 - imported to be ready for the first session


def _open_encoder(format_: str, rate: int) -> Encoder:
    from .encoders.codecs import open_encoder

    return open_encoder(format_, rate)
