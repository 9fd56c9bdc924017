"""Where text comes from: a descriptor read in raw blocks, or the words of the command line."""

from __future__ import annotations

import asyncio
import os
import queue
import threading

import anyio

from ..errors import UsageError


_BLOCK = 1 << 16


class DescriptorSource:
    """Reads a descriptor as its bytes come. `name` is what errors call it."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._name = name
        self._thread: _ReadThread | None = None

    async def read(self) -> bytes:
        """The next bytes, b"" at the end. Raises UsageError if they cannot be read."""
        try:
            return await self._read()
        except OSError as error:
            raise UsageError(f"could not read {self._name}: {error.strerror}") from error

    async def _read(self) -> bytes:
        while self._thread is None:
            try:
                await anyio.wait_readable(self._descriptor)
            except (OSError, NotImplementedError):
                # epoll refuses regular files and /dev/null, and Windows waits for sockets only.
                self._thread = _ReadThread(self._descriptor)
                break
            try:
                return os.read(self._descriptor, _BLOCK)
            except BlockingIOError:
                continue
        assert self._thread is not None, "left the loop by setting it"
        return await self._thread.read()


class _ReadThread:
    """Reads a block whenever it is asked to.

    A daemon on os.read: the worker threads of anyio keep the process alive until their read returns, and a
    thread inside sys.stdin.buffer aborts the interpreter at exit.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._requests: queue.SimpleQueue[asyncio.Future[bytes]] = queue.SimpleQueue()
        self._request: asyncio.Future[bytes] | None = None
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, name="read", daemon=True).start()

    async def read(self) -> bytes:
        """The next block. Raises OSError. A block that came for a cancelled call goes to the next."""
        if self._request is None:
            self._request = self._loop.create_future()
            self._requests.put(self._request)
        try:
            block = await asyncio.shield(self._request)
        except OSError:
            self._request = None
            raise
        self._request = None
        return block

    def _run(self) -> None:
        while True:
            request = self._requests.get()
            try:
                block = os.read(self._descriptor, _BLOCK)
            except OSError as error:
                self._loop.call_soon_threadsafe(request.set_exception, error)
            else:
                self._loop.call_soon_threadsafe(request.set_result, block)


class WordsSource:
    """Text that is at hand from the start."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    async def read(self) -> bytes:
        """All of it, then b""."""
        text, self._text = self._text, b""
        return text
