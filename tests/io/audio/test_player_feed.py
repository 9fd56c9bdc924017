"""Where the audio for a player waits: in memory, or in the recording (contract, 4)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmnt_cli.io.audio.player_feed import InFile, InMemory, Supply
from lmnt_cli.io.audio.writer import AudioWriter


pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The program runs on asyncio."""
    return "asyncio"


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    """A recording, open for writing and reading."""
    number = os.open(tmp_path / "recording", os.O_RDWR | os.O_CREAT)
    yield number
    os.close(number)


async def taken(supply: Supply) -> bytes:
    """All that can be taken now."""
    data = b""
    while chunk := await supply.take():
        data += chunk
    return data


async def test_in_memory() -> None:
    """What is put is taken once, in order; the backlog is what waits."""
    supply = InMemory()
    supply.put(b"abc")
    supply.put(b"de")

    assert supply.backlog == 5
    assert await supply.take() == b"abc"
    assert (supply.backlog, supply.position) == (2, 3)
    assert await taken(supply) == b"de"
    assert (supply.backlog, supply.position) == (0, 5)
    assert await supply.take() == b""


async def test_passing_over_what_waits() -> None:
    """What is passed over is never taken, and counts as taken."""
    supply = InMemory()
    supply.put(b"abc")
    supply.skip()
    supply.put(b"de")

    assert (supply.backlog, supply.position) == (2, 3)
    assert await taken(supply) == b"de"


async def test_in_a_file(descriptor: int) -> None:
    """What is recorded is read back, as it comes; nothing waits in memory."""
    writer = AudioWriter(descriptor, "a file", lambda: None)
    supply = InFile(descriptor, writer)
    for chunk in (b"abc", b"de"):
        writer.put(chunk)
        supply.put(chunk)

    assert supply.backlog == 0
    assert await taken(supply) == b"abcde"
    writer.put(b"f" * 200_000)
    supply.put(b"f" * 200_000)
    assert len(await supply.take()) < 200_000
    supply.skip()
    assert supply.position == 200_005
    assert await supply.take() == b""


async def test_cut_behind_what_was_taken(descriptor: int) -> None:
    """Where the recording is cut before it was taken, nobody hears what was cut."""
    writer = AudioWriter(descriptor, "a file", lambda: None)
    supply = InFile(descriptor, writer)
    writer.put(b"heard and broken")
    supply.put(b"heard and broken")
    writer.cut(6)
    supply.cut(6)
    writer.put(b"mended")
    supply.put(b"mended")

    assert await taken(supply) == b"heard mended"


async def test_cut_before_what_was_taken(descriptor: int) -> None:
    """What was taken and then cut is taken again, as it is now."""
    writer = AudioWriter(descriptor, "a file", lambda: None)
    supply = InFile(descriptor, writer)
    writer.put(b"heard and broken")
    supply.put(b"heard and broken")
    await taken(supply)
    writer.cut(6)
    supply.cut(6)
    writer.put(b"mended")
    supply.put(b"mended")

    assert await taken(supply) == b"mended"
