"""Audio for a player waits in memory, or in the recording (contract, 4)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmnt_cli.io.audio.player_feed import MemoryFeed, PlayerFeed, RecordingFeed
from lmnt_cli.io.audio.sinks import Sink, open_sink
from lmnt_cli.io.audio.writer import AudioWriter


pytestmark = pytest.mark.anyio


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """A recording that can be read back."""
    sink = open_sink(str(tmp_path / "recording"), part=True, clobber=True)
    yield sink
    os.close(sink.descriptor)


async def taken(feed: PlayerFeed) -> bytes:
    """Everything that can be taken now."""
    data = b""
    while chunk := await feed.take():
        data += chunk
    return data


async def test_in_memory() -> None:
    """Chunks are taken once, in order; the backlog is what is waiting."""
    feed = MemoryFeed()
    feed.put(b"abc")
    feed.put(b"de")

    assert feed.backlog == 5
    assert await feed.take() == b"abc"
    assert (feed.backlog, feed.position) == (2, 3)
    assert await taken(feed) == b"de"
    assert (feed.backlog, feed.position) == (0, 5)
    assert await feed.take() == b""


async def test_passing_over_what_waits() -> None:
    """Skipped audio is never taken, and counts as taken."""
    feed = MemoryFeed()
    feed.put(b"abc")
    feed.skip()
    feed.put(b"de")

    assert (feed.backlog, feed.position) == (2, 3)
    assert await taken(feed) == b"de"


async def test_in_a_file(sink: Sink) -> None:
    """Recorded audio is read back as it is written; nothing waits in memory."""
    writer = AudioWriter(sink)
    feed = RecordingFeed(sink.descriptor, writer)
    for chunk in (b"abc", b"de"):
        writer.put(chunk)
        feed.put(chunk)

    assert feed.backlog == 0
    assert await taken(feed) == b"abcde"
    writer.put(b"f" * 200_000)
    feed.put(b"f" * 200_000)
    assert len(await feed.take()) < 200_000
    feed.skip()
    assert feed.position == 200_005
    assert await feed.take() == b""


async def test_cut_behind_what_was_taken(sink: Sink) -> None:
    """Audio that is cut from the recording before it was taken is never heard."""
    writer = AudioWriter(sink)
    feed = RecordingFeed(sink.descriptor, writer)
    writer.put(b"heard and broken")
    feed.put(b"heard and broken")
    writer.cut(6)
    feed.cut(6)
    writer.put(b"mended")
    feed.put(b"mended")

    assert await taken(feed) == b"heard mended"


async def test_cut_before_what_was_taken(sink: Sink) -> None:
    """Audio that was taken and then cut is taken again, as rewritten."""
    writer = AudioWriter(sink)
    feed = RecordingFeed(sink.descriptor, writer)
    writer.put(b"heard and broken")
    feed.put(b"heard and broken")
    await taken(feed)
    writer.cut(6)
    feed.cut(6)
    writer.put(b"mended")
    feed.put(b"mended")

    assert await taken(feed) == b"mended"
