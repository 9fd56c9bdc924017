"""Where text comes from: a descriptor read in raw blocks, or the words of the command line."""

from __future__ import annotations

import codecs
import os
import queue
import stat
import threading
from collections.abc import Callable, Sequence

from ..core.text.sniffing import FIRST_BLOCK, not_text
from ..errors import UsageError


# What errors call descriptor 0.
STANDARD_INPUT = "standard input"
_BLOCK = 1 << 16
# The longest line, without its end, that a terminal's line editor passes on (Linux: N_TTY_BUF_SIZE - 1).
_TYPED_LINE = 4095


class DescriptorSource:
    """Reads a descriptor as its bytes come. `name` is what errors call it.

    The first block is refused if it is no text. `notice` is called with a line about what a terminal may have
    cut off.
    """

    def __init__(self, descriptor: int, name: str, notice: Callable[[str], None] | None = None) -> None:
        self._descriptor = descriptor
        self._name = name
        self._thread: _ReadThread | None = None
        self._judged = False
        self._notice = notice if notice is not None and os.isatty(descriptor) else None

    async def read(self) -> bytes:
        """Return the next bytes, b"" at the end. Raises UsageError if they cannot be read, or are no text."""
        try:
            block = await self._read()
        except OSError as error:
            raise UsageError(f"could not read {self._name}: {error.strerror}") from error
        if not self._judged:
            self._judged = True
            refuse_binary(block, self._name)
        if self._notice is not None and len(block.rstrip(b"\n")) >= _TYPED_LINE:
            self._notice(f"a terminal passes on {_TYPED_LINE:,} bytes of a line, and this one was as long")
        return block

    def judge(self) -> None:
        """Look at the first block of a regular file before it is read. Raises UsageError, or OSError."""
        if stat.S_ISREG(os.fstat(self._descriptor).st_mode) and hasattr(os, "pread"):
            begin = os.lseek(self._descriptor, 0, os.SEEK_CUR)
            refuse_binary(os.pread(self._descriptor, FIRST_BLOCK, begin), self._name)
            self._judged = True

    async def _read(self) -> bytes:
        while self._thread is None:
            try:
                import anyio

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


def refuse_binary(block: bytes, name: str) -> None:
    """Raise UsageError if an input that begins with `block` is no text; `name` is what errors call it."""
    found = not_text(block)
    if found is None:
        return
    import shlex

    hint = None
    if found.extractor is not None:
        file = "-" if name == STANDARD_INPUT else shlex.quote(name)
        hint = f"extract its text first: {found.extractor.format(file)} | lmnt-say"
    raise UsageError(f"could not read {name} as text: it looks like {found.kind}", hint=hint)


class _ReadThread:
    """Reads a block whenever it is asked to.

    A daemon on os.read: the worker threads of anyio keep the process alive until their read returns, and a
    thread inside sys.stdin.buffer aborts the interpreter at exit.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._requests: queue.SimpleQueue[asyncio.Future[bytes]] = queue.SimpleQueue()
        self._request: asyncio.Future[bytes] | None = None
        import asyncio

        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, name="read", daemon=True).start()

    async def read(self) -> bytes:
        """The next block. Raises OSError. A block that came for a cancelled call goes to the next."""
        if self._request is None:
            self._request = self._loop.create_future()
            self._requests.put(self._request)
        try:
            import asyncio

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


class JoinedSource:
    """Several sources in their order, with a blank line between two of them.

    Each may have a byte order mark and an encoding of its own: UTF-16 is passed on as UTF-8.
    """

    def __init__(self, sources: Sequence[DescriptorSource]) -> None:
        self._sources = list(sources)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = False

    async def read(self) -> bytes:
        """Return the next bytes, b"" at the end of the last source. Raises UsageError like the sources."""
        while self._sources:
            block = await self._sources[0].read()
            if not self._begun and block:
                block = await self._begin(block)
            text = self._as_utf8(block, final=not block)
            if not block:
                del self._sources[0]
                self._begun, self._decoder = False, None
                text += b"\n\n" if self._sources else b""
            if text:
                return text
        return b""

    async def _begin(self, block: bytes) -> bytes:
        """Look at the mark at the beginning, which a read may have cut, and return what follows it."""
        while len(block) < len(codecs.BOM_UTF8) and (more := await self._sources[0].read()):
            block += more
        self._begun = True
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        return block.removeprefix(codecs.BOM_UTF8)

    def _as_utf8(self, block: bytes, *, final: bool = False) -> bytes:
        return block if self._decoder is None else self._decoder.decode(block, final).encode()
