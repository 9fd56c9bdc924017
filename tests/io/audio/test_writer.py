"""One thread writes all bytes in order; a reader that pauses blocks nothing else (contract, 4)."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import anyio
import anyio.lowlevel
import pytest

from lmnt_cli.core.audio.formats import NEW
from lmnt_cli.errors import ExitCode, OutputError, ReaderLeft, SayError, UsageError
from lmnt_cli.io.audio.regular_file import Patches
from lmnt_cli.io.audio.writer import AudioWriter
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio


class PlainSink:
    """A plain descriptor that records the calls made."""

    name = "the output"
    can_cut = True
    start = NEW

    def __init__(self, descriptor: int, begin: Callable[[], object] = list) -> None:
        self.descriptor = descriptor
        self.begun = begin
        self.checked: list[int] = []
        self.completed: list[object] = []
        self.fails: SayError | None = None

    def begin(self) -> None:
        self.begun()

    def check(self, length: int) -> None:
        self.checked.append(length)
        if self.fails:
            raise self.fails

    def complete(self, length: int, patches: Patches) -> None:
        if self.fails:
            raise self.fails
        self.completed.append((length, patches(length), threading.current_thread().name))

    def cut(self, offset: int) -> None:
        os.ftruncate(self.descriptor, offset)
        os.lseek(self.descriptor, offset, os.SEEK_SET)

    def keep(self, patches: Patches) -> str | None:
        raise AssertionError("the writer never gives up")


def writer_to(descriptor: int, begin: Callable[[], object] = list) -> AudioWriter:
    return AudioWriter(PlainSink(descriptor, begin))


class Reader:
    """Reads a descriptor to its end in a thread, some bytes at a time."""

    def __init__(self, descriptor: int, size: int = 65536) -> None:
        self.data = bytearray()
        self._descriptor = descriptor
        self._size = size
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while block := os.read(self._descriptor, self._size):
            self.data += block

    def join(self) -> bytes:
        self._thread.join(LIMIT)
        return bytes(self.data)


@pytest.mark.parametrize("blocking", [True, False])
async def test_all_bytes_in_order(pipe: tuple[int, int], blocking: bool) -> None:
    """Everything is written in order, although the pipe accepts parts and may be non-blocking."""
    end, write = pipe
    os.set_blocking(write, blocking)
    chunks = [bytes([n % 251]) * (n * 3001 % 70_000) for n in range(60)]
    reader = Reader(end, 1000)
    writer = writer_to(write)
    for chunk in chunks:
        writer.put(chunk)
    with anyio.fail_after(LIMIT):
        await writer.drained()

    assert writer.backlog == 0
    assert writer.length == sum(map(len, chunks))
    os.close(write)
    assert reader.join() == b"".join(chunks)


async def test_a_paused_reader_stops_nothing(pipe: tuple[int, int]) -> None:
    """While the reader pauses, `put` returns at once, and what is waiting is counted."""
    end, write = pipe
    writer = writer_to(write)
    for _ in range(100):
        writer.put(b"x" * 100_000)
        await anyio.lowlevel.checkpoint()

    assert writer.backlog >= 10_000_000 - (1 << 17)
    reader = Reader(end)
    with anyio.fail_after(LIMIT):
        await writer.drained()
    os.close(write)
    assert len(reader.join()) == 10_000_000


async def test_written_at_once(pipe: tuple[int, int]) -> None:
    """Each chunk is written when it is given, without waiting for more."""
    end, write = pipe
    writer = writer_to(write)
    for chunk in (b"a", b"bc"):
        writer.put(chunk)
        with anyio.fail_after(LIMIT):
            await anyio.wait_readable(end)

        assert os.read(end, 100) == chunk


async def test_drained_tells_the_truth(pipe: tuple[int, int]) -> None:
    """Drained means written: it waits while the reader pauses."""
    _, write = pipe
    writer = writer_to(write)
    writer.put(b"x" * 1_000_000)

    with anyio.move_on_after(0.05) as scope:
        await writer.drained()
    assert scope.cancelled_caught


async def test_nothing_to_write(pipe: tuple[int, int]) -> None:
    """With nothing given, everything is written."""
    writer = writer_to(pipe[1])

    with anyio.fail_after(LIMIT):
        await writer.drained()
    assert writer.length == 0


async def test_begin(tmp_path: Path) -> None:
    """`begin` is called once, before the first byte, and not at all without any."""
    calls: list[int] = []
    descriptor = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    writer = writer_to(descriptor, lambda: calls.append(os.fstat(descriptor).st_size))
    with anyio.fail_after(LIMIT):
        writer.put(b"")
        await writer.drained()
        assert calls == []
        writer.put(b"abc")
        writer.put(b"def")
        await writer.drained()

    assert calls == [0]
    os.close(descriptor)


async def test_begin_fails(pipe: tuple[int, int]) -> None:
    """An error of `begin` is an output error."""

    def fail() -> None:
        raise OSError(28, os.strerror(28))

    writer = writer_to(pipe[1], fail)
    writer.put(b"abc")

    with anyio.fail_after(LIMIT), pytest.raises(OutputError, match="No space left"):
        await writer.watch()


async def test_checked_before_each_write(tmp_path: Path) -> None:
    """The sink is checked before each write, and not written if the check fails."""
    descriptor = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    sink = PlainSink(descriptor)
    writer = AudioWriter(sink)
    with anyio.fail_after(LIMIT):
        for chunk in (b"abc", b"de"):
            writer.put(chunk)
            await writer.drained()
        assert sink.checked == [0, 3]
        sink.fails = OutputError("somebody cut it")
        writer.put(b"f")
        with pytest.raises(OutputError, match="somebody cut it"):
            await writer.watch()

    assert (tmp_path / "out").read_bytes() == b"abcde"
    os.close(descriptor)


async def test_complete(pipe: tuple[int, int]) -> None:
    """The sink is completed after everything is written, in the thread, which may block on a disk."""
    sink = PlainSink(pipe[1])
    writer = AudioWriter(sink)
    writer.put(b"abc")
    with anyio.fail_after(LIMIT):
        await writer.complete(lambda length: [(length, b"x")])

    assert sink.completed == [(3, [(3, b"x")], "write")]


@pytest.mark.parametrize("error", [OutputError("late"), UsageError("taken")], ids=["late", "taken"])
async def test_complete_fails(pipe: tuple[int, int], error: SayError) -> None:
    """An error of the sink is raised."""
    sink = PlainSink(pipe[1])
    sink.fails = error
    writer = AudioWriter(sink)

    with anyio.fail_after(LIMIT), pytest.raises(type(error), match=error.message):
        await writer.complete(lambda _: [])


async def test_full_device() -> None:
    """An output that accepts nothing is exit status 7, with its name and the reason."""
    descriptor = os.open("/dev/full", os.O_WRONLY)
    writer = writer_to(descriptor)
    writer.put(b"abc")

    with anyio.fail_after(LIMIT), pytest.raises(OutputError, match="the output: No space left") as raised:
        await writer.watch()
    assert raised.value.code is ExitCode.OUTPUT
    os.close(descriptor)


async def test_never_drained_after_a_failure() -> None:
    """After a failure, `drained` never returns."""
    descriptor = os.open("/dev/full", os.O_WRONLY)
    writer = writer_to(descriptor)
    writer.put(b"abc")

    with anyio.move_on_after(0.1) as scope:
        await writer.drained()
    assert scope.cancelled_caught
    os.close(descriptor)


@pytest.mark.parametrize("busy", [True, False])
async def test_the_reader_leaves(pipe: tuple[int, int], busy: bool) -> None:
    """A reader that leaves is noticed while we write, and while there is nothing to write."""
    end, write = pipe
    writer = writer_to(write)
    if busy:
        writer.put(b"x" * 1_000_000)

    with anyio.fail_after(LIMIT), pytest.raises(ReaderLeft):
        async with _unpacked(writer):
            os.close(end)


async def test_the_reader_has_left_already(pipe: tuple[int, int]) -> None:
    """A reader that has already left is noticed too."""
    end, write = pipe
    os.close(end)
    writer = writer_to(write)

    with anyio.fail_after(LIMIT), pytest.raises(ReaderLeft):
        await writer.watch()


async def test_the_reader_of_a_socket_leaves() -> None:
    """The reader of a socket on standard output, as set up by some programs, is watched too."""
    ours, theirs = socket.socketpair()
    writer = writer_to(ours.fileno())

    with anyio.fail_after(LIMIT), pytest.raises(ReaderLeft):
        async with _unpacked(writer):
            theirs.close()
    ours.close()


async def test_a_socket_that_says_something() -> None:
    """Data that the reader sends on its socket is ignored, and does not hide that it leaves."""
    ours, theirs = socket.socketpair()
    theirs.send(b"not for us")
    writer = writer_to(ours.fileno())

    with anyio.move_on_after(2.0) as scope, pytest.raises(ReaderLeft):
        await _leave_later(writer, theirs)
    assert not scope.cancelled_caught
    ours.close()


async def _leave_later(writer: AudioWriter, reader: socket.socket) -> None:
    async with _unpacked(writer):
        for _ in range(50):  # what it said has been seen by then
            await anyio.lowlevel.checkpoint()
        reader.close()


async def test_cut(tmp_path: Path) -> None:
    """Written audio can be removed once it is written; what follows replaces it."""
    descriptor = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    writer = writer_to(descriptor)
    writer.put(b"kept dropped")
    writer.cut(5)
    writer.put(b"new")
    with anyio.fail_after(LIMIT):
        await writer.drained()

    assert (tmp_path / "out").read_bytes() == b"kept new"
    assert (writer.length, writer.backlog) == (8, 0)
    os.close(descriptor)


async def test_cut_behind_the_end(tmp_path: Path) -> None:
    """A cut beyond the end removes nothing, and adds nothing."""
    descriptor = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    writer = writer_to(descriptor)
    writer.put(b"abc")
    writer.cut(10)
    writer.put(b"d")
    with anyio.fail_after(LIMIT):
        await writer.drained()

    assert (tmp_path / "out").read_bytes() == b"abcd"
    os.close(descriptor)


async def test_watching_a_file(tmp_path: Path) -> None:
    """A file has no reader that could leave."""
    descriptor = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    writer = writer_to(descriptor)

    with anyio.move_on_after(0.05) as scope:
        await writer.watch()
    assert scope.cancelled_caught
    os.close(descriptor)


class _unpacked:  # noqa: N801 - reads as a verb where it is used
    """Watches the writer while the block runs, and raises what the watch raises."""

    def __init__(self, writer: AudioWriter) -> None:
        self._writer = writer
        self._tasks = anyio.create_task_group()

    async def __aenter__(self) -> None:
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._writer.watch)
        await anyio.lowlevel.checkpoint()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._tasks.__aexit__(kind, error, trace)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


async def first_bytes(writer: AudioWriter, read: int) -> None:
    """The thread makes the first write."""
    writer.put(b"begin")
    with anyio.fail_after(LIMIT):
        await writer.drained()
    assert os.read(read, 100) == b"begin"


@pytest.mark.parametrize("size", [1, 1000, 4096, 4097, 16384])
async def test_a_little_is_written_at_once(size: int) -> None:
    """What a pipe accepts is in it when `put` returns, in the same turn of the event loop."""
    read, write = os.pipe()
    writer = writer_to(write)
    await first_bytes(writer, read)

    writer.put(bytes(size))

    assert (writer.backlog, writer.length) == (0, size + 5)
    assert len(os.read(read, 1 << 16)) == size


async def test_a_full_pipe_is_left_to_the_thread() -> None:
    """Nothing blocks, and nothing overtakes what waits: all bytes arrive in order."""
    read, write = os.pipe()
    writer = writer_to(write)
    await first_bytes(writer, read)
    chunks = [bytes([number]) * 3000 for number in range(100)]

    for chunk in chunks:
        writer.put(chunk)
    waiting = writer.backlog
    reader = Reader(read)
    with anyio.fail_after(LIMIT):
        await writer.drained()
    os.close(write)

    assert waiting > 0
    assert writer.backlog == 0
    assert reader.join() == b"".join(chunks)


async def test_a_reader_that_leaves_before_a_direct_write() -> None:
    """That is reported like any other reader that leaves, and further audio is harmless."""
    read, write = os.pipe()
    writer = writer_to(write)
    await first_bytes(writer, read)
    os.close(read)

    writer.put(b"nobody")
    writer.put(b"reads this")

    with anyio.fail_after(LIMIT), pytest.raises(ReaderLeft):
        await writer.watch()


async def test_a_direct_write_is_checked() -> None:
    """The sink is asked first, as before every write; its failure is the writer's."""
    read, write = os.pipe()
    sink = PlainSink(write)
    writer = AudioWriter(sink)
    await first_bytes(writer, read)
    sink.fails = OutputError("someone truncated it")

    writer.put(b"more")

    with anyio.fail_after(LIMIT), pytest.raises(OutputError, match="truncated"):
        await writer.watch()
    assert sink.checked == [0, 5]
