"""Outputs that never block: `lmnt_cli.io.side_output`."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from lmnt_cli.io.side_output import SideOutput


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            pass  # the test closed it


def test_written_at_once(pipe: tuple[int, int]) -> None:
    """Bytes that the reader can accept are written during the call."""
    reading, writing = pipe
    SideOutput(writing).put(b"a line\n")

    assert os.read(reading, 100) == b"a line\n"


def test_a_reader_that_pauses(pipe: tuple[int, int]) -> None:
    """A full pipe blocks nothing: the rest is buffered, in order and without loss."""
    reading, writing = pipe
    output = SideOutput(writing)
    given = bytes(range(256)) * 4096
    output.put(given)
    held = output.held
    assert 0 < held < len(given)

    taken = b""
    while output.held:
        taken += os.read(reading, 1 << 16)
        output.push()
    while len(taken) < len(given):
        taken += os.read(reading, 1 << 16)

    assert taken == given
    assert output.failure is None


def test_wait_for_the_reader(pipe: tuple[int, int]) -> None:
    """`drained` returns when the reader has accepted everything."""
    reading, writing = pipe
    output = SideOutput(writing)
    output.put(bytes(1 << 18))

    async def read() -> int:
        taken = 0
        while taken < 1 << 18:
            await anyio.wait_readable(reading)
            taken += len(os.read(reading, 1 << 16))
        return taken

    async def both() -> int:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(output.drained)
            with anyio.fail_after(10):
                return await read()
        raise AssertionError("the group ends by itself")

    assert anyio.run(both) == 1 << 18
    assert output.held == 0


def test_a_reader_that_leaves(pipe: tuple[int, int]) -> None:
    """A reader that leaves ends the output, and everything after that is discarded."""
    reading, writing = pipe
    os.close(reading)
    output = SideOutput(writing)
    output.put(b"a line\n")
    output.put(b"another\n")

    assert isinstance(output.failure, BrokenPipeError)
    assert output.held == 0


def test_a_full_disk() -> None:
    """The error of the system is kept."""
    with Path("/dev/full").open("wb") as full:
        output = SideOutput(full.fileno())
        output.put(b"a line\n")

    assert output.failure is not None
    assert output.failure.errno == errno.ENOSPC


def test_a_regular_file(tmp_path: Path) -> None:
    """Everything is written at once, and `drained` need not wait."""
    with (tmp_path / "lines").open("wb") as file:
        output = SideOutput(file.fileno())
        output.put(b"x" * 100_000)
        anyio.run(output.drained)

        assert (tmp_path / "lines").stat().st_size == 100_000
