"""A recording that is played while it is made: one writer for both, governed by the recording."""

from __future__ import annotations

import os

from .playback import Playback
from .player_feed import RecordingFeed
from .regular_file import Patches
from .sinks import Sink
from .writer import AudioWriter


class RecordAndPlayWriter:
    """Writes the recording and passes the same audio to the player. Ignores a failure of the player."""

    def __init__(self, sink: Sink, playback: Playback) -> None:
        """Create it inside the event loop."""
        self._recording = AudioWriter(sink)
        self._playback = playback
        descriptor = _readable(sink)
        if descriptor is not None:
            playback.feed = RecordingFeed(descriptor, self._recording)

    @property
    def backlog(self) -> int:
        """Bytes waiting to be recorded or, if more, waiting in memory for the player."""
        return max(self._recording.backlog, self._playback.backlog)

    @property
    def unsettled(self) -> int:
        """Bytes that may still be lost to the recording."""
        return self._recording.unsettled

    @property
    def length(self) -> int:
        """Bytes of the recording so far."""
        return self._recording.length

    def put(self, chunk: bytes) -> None:
        """Add bytes to write and to play; return at once."""
        self._recording.put(chunk)
        self._playback.put(chunk)

    def cut(self, offset: int) -> None:
        """Remove what was recorded after this offset."""
        self._recording.cut(offset)
        self._playback.cut(offset)

    async def drained(self) -> None:
        """Wait until everything given to `put` is recorded."""
        await self._recording.drained()

    async def complete(self, patches: Patches) -> None:
        """Complete the recording, as AudioWriter does."""
        await self._recording.complete(patches)

    async def watch(self) -> None:
        """Wait for a failure of the recording, as AudioWriter does."""
        await self._recording.watch()


def _readable(sink: Sink) -> int | None:
    """Return a descriptor for reading the recording back, None if it is not a regular file of ours."""
    if not sink.can_cut or not hasattr(os, "pread"):
        return None
    try:
        os.pread(sink.descriptor, 0, 0)
    except OSError:
        pass  # opened for writing only
    else:
        return sink.descriptor
    try:
        return os.open(sink.name, os.O_RDONLY)
    except OSError:
        return None
