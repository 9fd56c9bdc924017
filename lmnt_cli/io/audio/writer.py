"""The one thread that writes audio, so that a reader who pauses stops nothing else."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import stat
import threading
from collections.abc import Callable
from functools import partial

import anyio

from ...errors import OutputError, ReaderLeft


# Chunks that wait are written together, up to this: with small ones the thread would mostly wait for the GIL.
_TOGETHER = 1 << 20
# Chunks below this join the one before while it waits: an object for each would cost more than its bytes.
_SMALL = 1 << 12
# A talking reader is looked at this often, in seconds.
_LOOKED_AT_EVERY = 0.25


class AudioWriter:
    """Writes all bytes it is given, in order, to one descriptor. Create it inside the event loop.

    `backlog` is the number of bytes that wait. The bound is the caller's: it stops giving. `begin` is called
    before the first byte is written, and may raise OSError.
    """

    def __init__(self, descriptor: int, name: str, begin: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._name = name
        self._begin: Callable[[], None] | None = begin
        self._queue: queue.SimpleQueue[bytes | bytearray | Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open: bytearray | None = None  # the last of the queue, while small chunks may join it
        self._queued = 0
        self._written = 0
        self._length = 0
        self._failure: OSError | None = None
        self._failed = anyio.Event()
        self._loop = asyncio.get_running_loop()
        # A daemon: no end of the program waits for a write that may never return.
        threading.Thread(target=self._run, name="write", daemon=True).start()

    @property
    def backlog(self) -> int:
        """Bytes given and not yet written."""
        return self._queued - self._written

    @property
    def length(self) -> int:
        """Bytes of the output so far: what was written and not cut off again."""
        return self._length

    def put(self, chunk: bytes) -> None:
        """Give bytes to write; returns at once."""
        self._queued += len(chunk)
        if len(chunk) >= _SMALL:
            self._open = None
            self._queue.put(chunk)
            return
        with self._lock:
            if self._open is not None and len(self._open) < _TOGETHER:
                self._open += chunk
                return
            self._open = bytearray(chunk)
        self._queue.put(self._open)

    def cut(self, offset: int) -> None:
        """Take back what was written behind this offset, once everything given is written.

        Counts from the start of the descriptor's file, which must be a regular one.
        """
        self._open = None
        self._queue.put(partial(self._cut, offset))

    async def drained(self) -> None:
        """Wait until everything given is written; never returns after a failure."""
        done = anyio.Event()
        self._open = None
        self._queue.put(partial(self._tell, done.set))
        await done.wait()

    async def watch(self) -> None:
        """Wait for trouble. Raises ReaderLeft when nobody reads any more, OutputError when writing fails."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch_reader)
            await self._failed.wait()
            tasks.cancel_scope.cancel()
        assert self._failure is not None, "set before the event"
        if isinstance(self._failure, BrokenPipeError):
            raise ReaderLeft from self._failure
        raise OutputError(f"could not write {self._name}: {self._failure.strerror}") from self._failure

    async def _watch_reader(self) -> None:
        """Notice a reader that leaves while there is nothing to write to it."""
        mode = os.fstat(self._descriptor).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) or not hasattr(select, "poll"):
            return
        poll = select.poll()
        poll.register(self._descriptor, 0)
        try:
            # The wait ends for an error whatever it was for; nothing is ever read here.
            await anyio.wait_readable(self._descriptor)
        except OSError:
            return
        while not poll.poll(0):
            # A socket whose other end has said something: it would be readable for ever.
            await anyio.sleep(_LOOKED_AT_EVERY)
        self._fail(BrokenPipeError())

    def _run(self) -> None:
        while True:
            item = self._take()
            chunks: list[bytes | bytearray] = []
            size = 0
            while not callable(item):
                chunks.append(item)
                size += len(item)
                if size >= _TOGETHER or self._queue.empty():
                    break
                item = self._take()
            try:
                self._write(b"".join(chunks) if len(chunks) > 1 else chunks[0] if chunks else b"")
                if callable(item):
                    item()
            except OSError as error:
                self._tell(partial(self._fail, error))
                return

    def _take(self) -> bytes | bytearray | Callable[[], None]:
        item = self._queue.get()
        if isinstance(item, bytearray):
            with self._lock:
                # Nothing may join what is being written.
                if item is self._open:
                    self._open = None
        return item

    def _write(self, data: bytes | bytearray) -> None:
        if data and self._begin is not None:
            self._begin()
            self._begin = None
        rest = memoryview(data)
        while rest:
            try:
                count = os.write(self._descriptor, rest)
            except BlockingIOError:
                # Somebody we share the descriptor with made it non-blocking.
                select.select([], [self._descriptor], [])
                continue
            self._written += count
            self._length += count
            rest = rest[count:]

    def _cut(self, offset: int) -> None:
        if offset < self._length:
            os.ftruncate(self._descriptor, offset)
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            self._length = offset

    def _tell(self, callback: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            pass  # the loop is gone, and so is whoever would have been told

    def _fail(self, error: OSError) -> None:
        if self._failure is None:
            self._failure = error
            self._failed.set()
