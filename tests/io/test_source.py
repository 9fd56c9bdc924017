"""Text is read in raw blocks, as its bytes arrive, from any kind of descriptor (contract, 3)."""

from __future__ import annotations

import contextlib
import os
import pty
import tty
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.io.source import DescriptorSource, JoinedSource, WordsSource
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio


async def read_all(source: DescriptorSource | WordsSource | JoinedSource) -> bytes:
    """Return everything up to the end."""
    text = b""
    with anyio.fail_after(LIMIT):
        while block := await source.read():
            text += block
    return text


async def test_pipe(pipe: tuple[int, int]) -> None:
    """Bytes are returned at once, however few they are, up to the end."""
    end, write = pipe
    source = DescriptorSource(end, "standard input")
    with anyio.fail_after(LIMIT):
        os.write(write, b"a")

        assert await source.read() == b"a"
        os.write(write, b"b\xff\r")
        assert await source.read() == b"b\xff\r"
        os.close(write)
        assert await source.read() == b""
        assert await source.read() == b""


async def test_waiting_stops_nothing(pipe: tuple[int, int]) -> None:
    """Waiting for text blocks nothing else, and can be cancelled without losing a byte."""
    end, write = pipe
    source = DescriptorSource(end, "standard input")

    with anyio.move_on_after(0.01) as scope:
        await source.read()
    assert scope.cancelled_caught
    os.write(write, b"late")
    with anyio.fail_after(LIMIT):
        assert await source.read() == b"late"


async def test_reading_ahead(pipe: tuple[int, int]) -> None:
    """What is available is read before the event loop needs it, and returned once more by `read`."""
    end, write = pipe
    source = DescriptorSource(end, "standard input")
    assert (source.read_ahead(), source.held) == (b"", b"")

    os.write(write, b"One")
    assert (source.read_ahead(), source.held) == (b"One", b"One")
    os.write(write, b"two")
    with anyio.fail_after(LIMIT):
        assert await source.read() == b"One"
        assert source.held == b""
        assert await source.read() == b"two"
        os.close(write)
        assert source.read_ahead() == b""
        assert await source.read() == b""
    assert WordsSource(b"Words").read_ahead() == b"Words"


async def test_reading_ahead_what_is_no_text(pipe: tuple[int, int], tmp_path: Path) -> None:
    """Input that cannot be read, or is not text, is left to `read`, which reports it."""
    end, write = pipe
    os.write(write, b"%PDF-1.7")
    source = DescriptorSource(end, "standard input")
    assert source.read_ahead() == b""
    with pytest.raises(UsageError, match="it looks like a PDF document"):
        await source.read()

    descriptor = os.open(tmp_path, os.O_RDONLY)
    source = DescriptorSource(descriptor, "a directory")
    assert source.read_ahead() == b""
    with pytest.raises(UsageError, match="Is a directory"):
        await source.read()
    os.close(descriptor)


async def test_non_blocking_pipe(pipe: tuple[int, int]) -> None:
    """A descriptor that another program made non-blocking is waited for all the same."""
    end, write = pipe
    os.set_blocking(end, False)
    source = DescriptorSource(end, "standard input")
    got: list[bytes] = []

    async def read() -> None:
        got.append(await source.read())

    with anyio.fail_after(LIMIT):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await anyio.lowlevel.checkpoint()
            os.write(write, b"text")

    assert got == [b"text"]


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 300_000])
async def test_file(tmp_path: Path, size: int) -> None:
    """A regular file is read from its current offset to its end."""
    content = os.urandom(size).replace(b"\0", b".")
    (tmp_path / "text").write_bytes(b"skipped" + content)
    descriptor = os.open(tmp_path / "text", os.O_RDONLY)
    os.lseek(descriptor, 7, os.SEEK_SET)

    assert await read_all(DescriptorSource(descriptor, "text")) == content
    os.close(descriptor)


async def test_a_wait_that_is_given_up(tmp_path: Path) -> None:
    """A block that was read for a cancelled call goes to the next one."""
    content = os.urandom(300_000).replace(b"\0", b".")
    (tmp_path / "text").write_bytes(content)
    descriptor = os.open(tmp_path / "text", os.O_RDONLY)
    source = DescriptorSource(descriptor, "text")
    begin = await source.read()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await source.read()

    assert scope.cancelled_caught
    assert begin + await read_all(source) == content
    os.close(descriptor)


async def test_null_device() -> None:
    """/dev/null ends at once."""
    descriptor = os.open(os.devnull, os.O_RDONLY)

    assert await read_all(DescriptorSource(descriptor, "standard input")) == b""
    os.close(descriptor)


async def test_terminal() -> None:
    """A line typed on a terminal arrives when it is complete; Ctrl-D is the end."""
    master, slave = pty.openpty()
    source = DescriptorSource(slave, "standard input")
    with anyio.fail_after(LIMIT):
        os.write(master, b"typed\n")

        assert await source.read() == b"typed\n"
        os.write(master, b"\x04")
        assert await source.read() == b""
    os.close(slave)
    os.close(master)


async def test_terminal_that_hangs_up() -> None:
    """A terminal that disappears is the end of the text, or a clear error, never a traceback."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.close(master)

    text = b""
    with contextlib.suppress(UsageError):
        text = await read_all(DescriptorSource(slave, "standard input"))

    assert text == b""
    os.close(slave)


async def test_directory(tmp_path: Path) -> None:
    """A descriptor that cannot be read is a usage error that names it."""
    descriptor = os.open(tmp_path, os.O_RDONLY)

    with pytest.raises(UsageError, match="could not read here: ") as raised:
        await read_all(DescriptorSource(descriptor, "here"))
    assert raised.value.code is ExitCode.USAGE
    os.close(descriptor)


async def test_not_open_for_reading(tmp_path: Path) -> None:
    """A write-only descriptor is a usage error too."""
    descriptor = os.open(tmp_path / "new", os.O_WRONLY | os.O_CREAT)

    with pytest.raises(UsageError, match="Bad file descriptor"):
        await read_all(DescriptorSource(descriptor, "standard input"))
    os.close(descriptor)


async def test_first_block_that_is_no_text(pipe: tuple[int, int]) -> None:
    """The first block is refused if it is not text; a later NUL is accepted."""
    end, write = pipe
    os.write(write, b"%PDF-1.7")
    with pytest.raises(UsageError, match="it looks like a PDF document") as raised:
        await DescriptorSource(end, "standard input").read()
    assert raised.value.hint == "extract its text first: pdftotext - - | lmnt-say"

    source = DescriptorSource(end, "standard input")
    os.write(write, b"text")
    assert await source.read() == b"text"
    os.write(write, b"a\0")
    assert await source.read() == b"a\0"


async def test_file_that_is_no_text(tmp_path: Path) -> None:
    """A regular file is checked before it is read, from its current offset."""
    (tmp_path / "my book.pdf").write_bytes(b"text%PDF-1.7")
    descriptor = os.open(tmp_path / "my book.pdf", os.O_RDONLY)
    source = DescriptorSource(descriptor, "my book.pdf")
    source.judge()
    os.lseek(descriptor, 4, os.SEEK_SET)

    with pytest.raises(UsageError) as raised:
        source.judge()
    assert raised.value.hint == "extract its text first: pdftotext 'my book.pdf' - | lmnt-say"
    os.close(descriptor)


@pytest.mark.parametrize(("length", "notices"), [(4094, 0), (4095, 1), (5000, 1)])
async def test_long_line_on_a_terminal(length: int, notices: int) -> None:
    """A line at the limit of the terminal causes a notice: its end may be lost."""
    master, slave = pty.openpty()
    noticed: list[str] = []
    source = DescriptorSource(slave, "standard input", noticed.append)
    with anyio.fail_after(LIMIT):
        os.write(master, b"x" * length + b"\n")
        block = await source.read()

    assert len(block) == min(length, 4095) + 1
    assert len(noticed) == notices
    os.close(slave)
    os.close(master)


async def test_words() -> None:
    """The words on the command line are returned at once."""
    assert await read_all(WordsSource(b"Hello there.")) == b"Hello there."


def joined(directory: Path, *contents: bytes) -> JoinedSource:
    """The joined source of files with these contents."""
    sources = []
    for number, content in enumerate(contents):
        path = directory / str(number)
        path.write_bytes(content)
        sources.append(DescriptorSource(os.open(path, os.O_RDONLY), str(path)))
    return JoinedSource(sources)


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ([b"One.", b"Two."], b"One.\n\nTwo."),
        ([b"One.\n", b"", b"Two.\n"], b"One.\n\n\nTwo.\n"),
        ([b"", b""], b""),
        ([b"\xef\xbb\xbfOne.", b"\xef\xbb\xbfTwo."], b"One.\n\nTwo."),
        (["Grüße".encode("utf-16"), b"Two."], "Grüße\n\nTwo.".encode()),
        ([b"One.", b"\xfe\xff" + "Grüße 🎈".encode("utf-16-be")], "One.\n\nGrüße 🎈".encode()),
        ([b"One\xc3", b"\xbctwo"], b"One\xc3\n\n\xbctwo"),
        ([b"\xff", b"Two."], b"\xff\n\nTwo."),
    ],
    ids=range(8),
)
async def test_files_in_order(tmp_path: Path, contents: list[bytes], expected: bytes) -> None:
    """Several files are one text, separated by blank lines, each with its own mark and encoding.

    An empty file adds nothing, so that input which is all empty is known to be empty.
    """
    assert await read_all(joined(tmp_path, *contents)) == expected


async def test_a_mark_that_comes_in_pieces(pipe: tuple[int, int]) -> None:
    """A split byte order mark is recognised, and text is passed on as it arrives."""
    end, write = pipe
    source = JoinedSource([DescriptorSource(end, "standard input")])
    text: list[bytes] = []

    async def read() -> None:
        while block := await source.read():
            text.append(block)

    with anyio.fail_after(LIMIT):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            for byte in "🎈!".encode("utf-16"):
                os.write(write, bytes([byte]))
                await anyio.wait_all_tasks_blocked()
            os.close(write)

    assert b"".join(text) == "🎈!".encode()
    assert len(text) > 1
