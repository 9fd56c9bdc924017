"""The thread that writes audio, so that a paused reader blocks nothing else.

Waking the thread takes longer than writing a little audio, so what a pipe accepts at once is written directly
if nothing is queued before it.
"""

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

from ...errors import OutputError, ReaderLeft, SayError
from .regular_file import Patches, could_not_write
from .sinks import Sink


# Queued chunks are joined up to this size: with many small writes the thread would mostly wait for the GIL.
_TOGETHER = 1 << 20
# Smaller chunks are appended to the last one queued: an object of its own costs more than the bytes.
_SMALL = 1 << 12
# A writable pipe accepts this many bytes whole (POSIX). Chunks a few times as long are written directly.
_AT_ONCE: int = getattr(select, "PIPE_BUF", 512)
_DIRECT = 4 * _AT_ONCE
# How often to poll a socket whose other end sends data, in seconds.
_TICK = 0.25


class AudioWriter:
    """Writes all bytes it is given, in order, to one sink. Create it inside the event loop.

    The caller bounds the `backlog` by pausing. The sink is prepared before the first byte and checked before
    each write.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._pipe = _poll_of_pipe(sink.descriptor)
        self._has_begun = False
        self._queue: queue.SimpleQueue[bytes | bytearray | Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open: bytearray | None = None  # the last item queued, while small chunks may be appended to it
        self._queued = 0
        self._written = 0
        self._length = sink.start.length
        self._failure: OSError | OutputError | None = None
        self._failed = anyio.Event()
        self._loop = asyncio.get_running_loop()
        # A daemon, because the program must be able to exit while a write is blocked.
        threading.Thread(target=self._run, name="write", daemon=True).start()

    @property
    def backlog(self) -> int:
        """Bytes given to `put` and not yet written."""
        return self._queued - self._written

    @property
    def length(self) -> int:
        """Length of the output so far, in bytes: what was written and not cut off again."""
        return self._length

    @property
    def unsettled(self) -> int:
        """Bytes that may still be lost, which are those not yet written."""
        return self.backlog

    def put(self, chunk: bytes) -> None:
        """Add bytes to write; return at once."""
        if len(chunk) <= _DIRECT:
            chunk = self._write_directly(chunk)
            if not chunk:
                return
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

    def _write_directly(self, chunk: bytes) -> bytes:
        """Write as much of a chunk as a pipe accepts now, if it is the next to write; return the rest."""
        # The thread counts its bytes last, so it is idle when nothing is left. It makes the first write.
        if self._pipe is None or self._failure is not None or not self._written or self.backlog:
            return chunk
        try:
            self._sink.check(self._length)
            while chunk and self._pipe.poll(0):
                count = os.write(self._sink.descriptor, chunk[:_AT_ONCE])
                self._length += count
                self._queued += count
                self._written += count
                chunk = chunk[count:]
        except BlockingIOError:
            pass  # another program that shares the pipe has filled it and made it non-blocking
        except (OSError, OutputError) as error:
            self._fail(error)
            return b""
        return chunk

    def cut(self, offset: int) -> None:
        """Remove what is written after this offset, once everything given so far is written.

        Only for a sink that can cut.
        """
        self._open = None
        self._queue.put(partial(self._cut, offset))

    async def drained(self) -> None:
        """Wait until everything given so far is written. After a failure this never returns."""
        done = anyio.Event()
        self._open = None
        self._queue.put(partial(self._tell, done.set))
        await done.wait()

    async def complete(self, patches: Patches) -> None:
        """Complete the sink once everything given is written. Raises OutputError or UsageError.

        Runs in the thread, so that a slow disk does not delay signals.
        """
        done = anyio.Event()
        failures: list[SayError] = []
        self._open = None
        self._queue.put(partial(self._complete, patches, failures, done.set))
        await done.wait()
        for failure in failures:
            raise failure

    async def watch(self) -> None:
        """Wait for a failure. Raises ReaderLeft when the reader has left, OutputError if writing fails."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch_reader)
            await self._failed.wait()
            tasks.cancel_scope.cancel()
        match self._failure:
            case BrokenPipeError():
                raise ReaderLeft from self._failure
            case OSError():
                raise could_not_write(self._sink.name, self._failure) from self._failure
            case failure:
                assert failure is not None, "set before the event"
                raise failure

    async def _watch_reader(self) -> None:
        """Notice a reader that leaves while there is nothing to write."""
        descriptor = self._sink.descriptor
        mode = os.fstat(descriptor).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) or not hasattr(select, "poll"):
            return
        poll = select.poll()
        poll.register(descriptor, 0)
        try:
            # The wait also ends on an error condition; nothing is ever read here.
            await anyio.wait_readable(descriptor)
        except OSError:
            return
        while not poll.poll(0):
            # A socket whose other end has sent data stays readable for ever.
            await anyio.sleep(_TICK)
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
            except (OSError, OutputError) as error:
                self._tell(partial(self._fail, error))
                return

    def _take(self) -> bytes | bytearray | Callable[[], None]:
        item = self._queue.get()
        if isinstance(item, bytearray):
            with self._lock:
                # Nothing may be appended to a chunk that is being written.
                if item is self._open:
                    self._open = None
        return item

    def _write(self, data: bytes | bytearray) -> None:
        if not data:
            return
        if not self._has_begun:
            self._sink.begin()
            self._has_begun = True
        self._sink.check(self._length)
        rest = memoryview(data)
        while rest:
            try:
                count = os.write(self._sink.descriptor, rest)
            except BlockingIOError:
                # Another program that shares the descriptor has made it non-blocking.
                select.select([], [self._sink.descriptor], [])
                continue
            self._length += count
            self._written += count
            rest = rest[count:]

    def _cut(self, offset: int) -> None:
        if offset < self._length:
            self._sink.check(self._length)
            self._sink.cut(offset)
            self._length = offset

    def _complete(self, patches: Patches, failures: list[SayError], done: Callable[[], None]) -> None:
        try:
            self._sink.complete(self._length, patches)
        except SayError as error:
            failures.append(error)
        self._tell(done)

    def _tell(self, callback: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            pass  # the event loop has ended

    def _fail(self, error: OSError | OutputError) -> None:
        if self._failure is None:
            self._failure = error
            self._failed.set()


def _poll_of_pipe(descriptor: int) -> select.poll | None:
    """Return a poll object that reports whether a pipe accepts more; None for anything else."""
    if not hasattr(select, "poll") or not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        return None
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return poll
