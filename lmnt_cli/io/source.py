"""Sources of text: a descriptor that is read in raw blocks, or the words on the command line."""

from __future__ import annotations

import codecs
import os
import queue
import select
import stat
import threading
from collections.abc import Callable, Sequence

from ..core.text.sniffing import FIRST_BLOCK, not_text
from ..errors import UsageError


# The name of descriptor 0 in messages.
STANDARD_INPUT = "standard input"
_BLOCK = 1 << 16
# The longest line, without its newline, that a terminal's line editor accepts (Linux: N_TTY_BUF_SIZE - 1).
_TYPED_LINE = 4095


class DescriptorSource:
    """Reads a descriptor as bytes arrive. `name` is its name in messages.

    The first block is refused if it is not text. `notice` is called with a line if a terminal may have
    truncated the input.
    """

    def __init__(self, descriptor: int, name: str, notice: Callable[[str], None] | None = None) -> None:
        self._descriptor = descriptor
        self._name = name
        self._thread: _ReadThread | None = None
        self._judged = False
        self._ahead: bytes | None = None
        self._notice = notice if notice is not None and os.isatty(descriptor) else None

    async def read(self) -> bytes:
        """Return the next bytes, b"" at the end. Raises UsageError if they cannot be read or are not text."""
        try:
            block = await self._read()
        except OSError as error:
            raise UsageError(f"could not read {self._name}: {error.strerror}") from error
        if not self._judged:
            self._judged = True
            refuse_binary(block, self._name)
        if self._notice is not None and len(block.rstrip(b"\n")) >= _TYPED_LINE:
            self._notice(f"terminals limit a line to {_TYPED_LINE:,} bytes; the end of this one may be lost")
        return block

    def judge(self) -> None:
        """Check the first block of a regular file before it is read. Raises UsageError or OSError."""
        if stat.S_ISREG(os.fstat(self._descriptor).st_mode) and hasattr(os, "pread"):
            begin = os.lseek(self._descriptor, 0, os.SEEK_CUR)
            refuse_binary(os.pread(self._descriptor, FIRST_BLOCK, begin), self._name)
            self._judged = True

    def read_ahead(self) -> bytes:
        """Read the first block if that waits for nothing, and return it; `read` will return it again.

        Returns b"" if there is none, or if there is something about it that `read` should report.
        """
        try:
            if os.isatty(self._descriptor) or not _is_readable(self._descriptor):
                return b""
            self._ahead = os.read(self._descriptor, _BLOCK)
        except OSError:
            return b""
        return b"" if not self._judged and not_text(self._ahead) else self._ahead

    @property
    def held(self) -> bytes:
        """What was read ahead and not returned by `read` yet."""
        return self._ahead or b""

    async def _read(self) -> bytes:
        if self._ahead is not None:
            block, self._ahead = self._ahead, None
            return block
        while self._thread is None:
            try:
                import anyio

                await anyio.wait_readable(self._descriptor)
            except (OSError, NotImplementedError):
                # epoll rejects regular files and /dev/null, and Windows can wait only for sockets.
                self._thread = _ReadThread(self._descriptor)
                break
            try:
                return os.read(self._descriptor, _BLOCK)
            except BlockingIOError:
                continue
        assert self._thread is not None, "the loop ends by setting it"
        return await self._thread.read()


def _is_readable(descriptor: int) -> bool:
    """Return whether a read would not wait; False on Windows, which cannot say."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def refuse_binary(block: bytes, name: str) -> None:
    """Raise UsageError if an input that begins with `block` is not text. `name` is its name in messages."""
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
    """A thread that reads one block per request.

    It is a daemon thread that uses os.read: the worker threads of anyio keep the process alive until their
    read returns, and a thread inside sys.stdin.buffer aborts the interpreter at exit.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._requests: queue.SimpleQueue[asyncio.Future[bytes]] = queue.SimpleQueue()
        self._request: asyncio.Future[bytes] | None = None
        import asyncio

        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, name="read", daemon=True).start()

    async def read(self) -> bytes:
        """Return the next block. A block read for a cancelled call goes to the next one. Raises OSError."""
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
    """Text that is available from the start."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def read_ahead(self) -> bytes:
        """Return the text; `read` will return it again."""
        return self._text

    async def read(self) -> bytes:
        """Return the whole text, then b""."""
        text, self._text = self._text, b""
        return text


class JoinedSource:
    """Several sources in order, separated by a blank line.

    Each may have its own byte order mark and encoding; UTF-16 is converted to UTF-8.
    """

    def __init__(self, sources: Sequence[DescriptorSource]) -> None:
        self._sources = list(sources)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = False

    async def read(self) -> bytes:
        """Return the next bytes, b"" at the end of the last source. Raises UsageError as its sources do."""
        while self._sources:
            block = await self._sources[0].read()
            if not self._begun and block:
                block = await self._begin(block)
            text = self._as_utf8(block, final=not block)
            if not block:
                del self._sources[0]
                # An empty file needs no blank line after it, and leaves the input empty.
                text += b"\n\n" if self._sources and self._begun else b""
                self._begun, self._decoder = False, None
            if text:
                return text
        return b""

    async def _begin(self, block: bytes) -> bytes:
        """Detect a byte order mark, which a read may have split, and return the block without a UTF-8 one."""
        while len(block) < len(codecs.BOM_UTF8) and (more := await self._sources[0].read()):
            block += more
        self._begun = True
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        return block.removeprefix(codecs.BOM_UTF8)

    def _as_utf8(self, block: bytes, *, final: bool = False) -> bytes:
        return block if self._decoder is None else self._decoder.decode(block, final).encode()
