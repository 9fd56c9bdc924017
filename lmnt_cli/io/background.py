"""Run a blocking function in a daemon thread, which is abandoned when its result is no longer needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ..errors import ConnectError


_T = TypeVar("_T")


class Background(Generic[_T]):
    """A function running in its own thread, which starts at once.

    `discard` is called with its result if that is abandoned. Raises ConnectError if no thread can be started.
    """

    def __init__(self, function: Callable[[], _T], discard: Callable[[_T], None] = lambda _: None) -> None:
        self._function = function
        self._discard = discard
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._result: list[_T] = []
        self._failure: BaseException | None = None
        self._wake: Callable[[], object] | None = None
        self._abandoned = False
        try:
            threading.Thread(target=self._run, daemon=True).start()
        except RuntimeError as error:
            raise ConnectError(f"could not start a thread: {error}", transient=False) from error

    def has_ended(self, limit: float) -> bool:
        """Block until the function has returned, for at most `limit` seconds; return whether it has."""
        return self._ended.wait(limit)

    def wait(self, limit: float) -> _T:
        """Block until the result is available, for at most `limit` seconds, and return it.

        Raises what the function raised, or TimeoutError.
        """
        if not self._ended.wait(limit):
            self.abandon()
            raise TimeoutError
        return self._take()

    async def result(self) -> _T:
        """Wait for the result on an event loop and return it. Raises what the function raised."""
        import asyncio

        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        with self._lock:
            if not self._ended.is_set():
                self._wake = lambda: loop.call_soon_threadsafe(ended.set)
        try:
            if self._wake is not None:
                await ended.wait()
        except BaseException:
            self.abandon()
            raise
        return self._take()

    def abandon(self) -> None:
        """Abandon the function: its result is discarded once it is available."""
        with self._lock:
            self._abandoned = True
            self._wake = None
            if self._result:
                self._discard(self._result.pop())

    def _take(self) -> _T:
        if self._failure is not None:
            raise self._failure
        return self._result.pop()

    def _run(self) -> None:
        try:
            self._result.append(self._function())
        except BaseException as error:
            self._failure = error
        with self._lock:
            self._ended.set()
            if self._abandoned and self._result:
                self._discard(self._result.pop())
            if self._wake is not None:
                self._wake()
