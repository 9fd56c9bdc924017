"""Where audio for a player waits until the player reads it.

Without a recording, audio waits in memory and the session proceeds at the player's pace. With a recording in
a regular file, the player is fed from that file: the recording never waits for the player, and nothing is
buffered in memory. If the recording cannot be read back (a FIFO, a device, standard output), both proceed at
the pace of the slower one, as with tee.
"""

from __future__ import annotations

import os
from collections import deque
from typing import Protocol

from .writer import AudioWriter


# Bytes per read from a recording.
_BLOCK = 64 << 10


class PlayerFeed(Protocol):
    """A queue of audio for the player. `position` is the number of bytes taken or skipped so far."""

    position: int

    @property
    def backlog(self) -> int:
        """Bytes waiting in memory."""
        ...

    def put(self, chunk: bytes) -> None:
        """Add a chunk."""
        ...

    async def take(self) -> bytes:
        """Remove and return the next bytes; b"" if there are none now."""
        ...

    def skip(self) -> None:
        """Skip everything added so far."""
        ...

    def cut(self, position: int) -> None:
        """Forget audio after this position: it was removed from the recording and will be added again."""
        ...


class MemoryFeed:
    """A feed in memory, for audio that is not recorded or cannot be read back."""

    def __init__(self, position: int = 0) -> None:
        """Start at `position`, the number of bytes before the first chunk, which are not played."""
        self.position = position
        self._chunks: deque[bytes] = deque()
        self._size = 0

    @property
    def backlog(self) -> int:
        """Bytes waiting."""
        return self._size

    def put(self, chunk: bytes) -> None:
        """Add a chunk."""
        self._chunks.append(chunk)
        self._size += len(chunk)

    async def take(self) -> bytes:
        """Remove and return the oldest chunk; b"" if there is none."""
        chunk = self._chunks.popleft() if self._chunks else b""
        self._size -= len(chunk)
        self.position += len(chunk)
        return chunk

    def skip(self) -> None:
        """Drop everything that is waiting."""
        self.position += self._size
        self._chunks.clear()
        self._size = 0

    def cut(self, position: int) -> None:
        """Do nothing: without a recording to cut, repeated audio is played again."""


class RecordingFeed:
    """A growing recording, read back at the player's pace."""

    backlog = 0

    def __init__(self, descriptor: int, writer: AudioWriter) -> None:
        """Start at the writer's current length. `descriptor` must be open for reading."""
        self.position = writer.length
        self._descriptor = descriptor
        self._writer = writer
        self._length = writer.length
        self._stale = False

    def put(self, chunk: bytes) -> None:
        """Note a chunk that the writer has been given."""
        self._length += len(chunk)
        self._stale = True

    async def take(self) -> bytes:
        """Read the next bytes that have been written; b"" if there are none."""
        while self._stale:
            # Repeated if the file was cut while we waited: we may only read bytes that will stay.
            self._stale = False
            await self._writer.drained()
        size = min(_BLOCK, self._length - self.position)
        chunk = os.pread(self._descriptor, size, self.position) if size > 0 else b""
        self.position += len(chunk)
        return chunk

    def skip(self) -> None:
        """Skip everything added so far."""
        self.position = self._length

    def cut(self, position: int) -> None:
        """Forget audio after this position; step back if it has been read."""
        self._length = min(self._length, position)
        self.position = min(self.position, position)
        self._stale = True
