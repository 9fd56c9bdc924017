"""Where the audio for a player waits until the player takes it.

Without a recording it waits in memory, and the session keeps the player's pace. Beside a recording in a
regular file the player is fed from that file: a recording never waits for a player, however slow, and nothing
waits in memory. Where a recording cannot be read back (a FIFO, a device, standard output) both keep the pace
of the slower one, as with tee.
"""

from __future__ import annotations

import os
from collections import deque
from typing import Protocol

from .writer import AudioWriter


# Bytes read back from a recording in one go.
_BLOCK = 64 << 10


class PlayerFeed(Protocol):
    """Where the player's audio waits. `position` is how much of it was taken or passed over."""

    position: int

    @property
    def backlog(self) -> int:
        """Bytes that wait in memory."""
        ...

    def put(self, chunk: bytes) -> None:
        """Add what has come."""
        ...

    async def take(self) -> bytes:
        """Return the next bytes, b"" if there are none now."""
        ...

    def skip(self) -> None:
        """Pass over everything that has come."""
        ...

    def cut(self, position: int) -> None:
        """Forget what came after this position: it was taken back, and comes again."""
        ...


class MemoryFeed:
    """Audio that only the player gets, or that cannot be read back."""

    def __init__(self, position: int = 0) -> None:
        """The first chunk follows so many bytes that are not played."""
        self.position = position
        self._chunks: deque[bytes] = deque()
        self._size = 0

    @property
    def backlog(self) -> int:
        """Bytes that wait."""
        return self._size

    def put(self, chunk: bytes) -> None:
        """Keep the chunk."""
        self._chunks.append(chunk)
        self._size += len(chunk)

    async def take(self) -> bytes:
        """Return the oldest chunk, b"" if none waits."""
        chunk = self._chunks.popleft() if self._chunks else b""
        self._size -= len(chunk)
        self.position += len(chunk)
        return chunk

    def skip(self) -> None:
        """Drop everything that waits."""
        self.position += self._size
        self._chunks.clear()
        self._size = 0

    def cut(self, position: int) -> None:
        """Nothing is taken back here: what comes again is heard again."""


class RecordingFeed:
    """A recording that grows, read as it grows at the player's pace."""

    backlog = 0

    def __init__(self, descriptor: int, writer: AudioWriter) -> None:
        """Read from this descriptor what the writer writes from now on."""
        self.position = writer.length
        self._descriptor = descriptor
        self._writer = writer
        self._length = writer.length
        self._stale = False

    def put(self, chunk: bytes) -> None:
        """Note that the chunk is on its way to the file."""
        self._length += len(chunk)
        self._stale = True

    async def take(self) -> bytes:
        """Read on, up to what is written by now."""
        while self._stale:
            # Once more, if the file was cut while we waited: what is read must be what will stay.
            self._stale = False
            await self._writer.drained()
        size = min(_BLOCK, self._length - self.position)
        chunk = os.pread(self._descriptor, size, self.position) if size > 0 else b""
        self.position += len(chunk)
        return chunk

    def skip(self) -> None:
        """Continue after all that has come."""
        self.position = self._length

    def cut(self, position: int) -> None:
        """Go back, if more was read than stays."""
        self._length = min(self._length, position)
        self.position = min(self.position, position)
        self._stale = True
