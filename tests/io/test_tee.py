"""Text is copied as it is read: `lmnt_cli.io.tee`."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest

from lmnt_cli.errors import OutputError
from lmnt_cli.io.tee import TeeSource


class Blocks:
    """A source of these blocks that counts how many were read."""

    def __init__(self, *blocks: bytes) -> None:
        self.blocks = list(blocks)

    async def read(self) -> bytes:
        return self.blocks.pop(0) if self.blocks else b""


async def everything(source: TeeSource) -> bytes:
    text = b""
    while block := await source.read():
        text += block
    await source.finish()
    return text


@pytest.mark.parametrize(
    "blocks",
    [
        (b"One.\r\n\r\nTwo",),
        (b"invalid \xff\xfe", b"\x00 after it"),
        (b"\xc3", b"\xa4 split", b"\x1b[31mred"),
        tuple(bytes([byte]) for byte in b"byte by byte\n"),
    ],
)
def test_byte_for_byte(blocks: tuple[bytes, ...], tmp_path: Path) -> None:
    """Nothing is decoded, stripped or added, and the same bytes are spoken."""
    with (tmp_path / "copy").open("wb") as copy:
        text = anyio.run(everything, TeeSource(Blocks(*blocks), copy.fileno(), "the copy"))

    assert text == b"".join(blocks)
    assert (tmp_path / "copy").read_bytes() == text


def test_a_reader_that_pauses() -> None:
    """While the reader pauses no more text is read."""
    reading, writing = os.pipe()
    blocks = Blocks(bytes(1 << 18), b"more")
    source = TeeSource(blocks, writing, "the pipe")

    async def take() -> None:
        taken = 0
        while taken < 1 << 18:
            await anyio.wait_readable(reading)
            taken += len(os.read(reading, 1 << 16))

    async def run() -> bytes:
        assert len(await source.read()) == 1 << 18
        with anyio.move_on_after(0):
            await source.read()
        assert blocks.blocks == [b"more"]
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(take)
            with anyio.fail_after(10):
                return await source.read()
        raise AssertionError("the read returns")

    assert anyio.run(run) == b"more"
    os.close(reading)
    os.close(writing)


def test_a_reader_that_leaves() -> None:
    """The run continues without the reader."""
    reading, writing = os.pipe()
    os.close(reading)

    assert anyio.run(everything, TeeSource(Blocks(b"One.", b"Two."), writing, "the pipe")) == b"One.Two."
    os.close(writing)


def test_a_full_disk() -> None:
    """All text is read, and the failure is reported at the end."""
    blocks = Blocks(b"One.", b"Two.")
    with Path("/dev/full").open("wb") as full, pytest.raises(OutputError, match="No space left on device"):
        anyio.run(everything, TeeSource(blocks, full.fileno(), "the copy"))

    assert blocks.blocks == []
