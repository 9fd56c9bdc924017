"""Outputs beside the audio, which must never block anything: the tee, events and subtitles.

A write is made only when the descriptor is writable, and with at most PIPE_BUF bytes, which a writable pipe
accepts whole (POSIX). Everything else is buffered here until the reader makes room.
"""

from __future__ import annotations

import os
import select

import anyio


# POSIX guarantees only 512 bytes.
_AT_ONCE: int = getattr(select, "PIPE_BUF", 512)
# How often a paused reader is polled where the event loop cannot wait for it, in seconds.
_LOOKED_AT_EVERY = 0.05


class SideOutput:
    """Buffers what its descriptor does not accept yet.

    `failure` is the error that ended writing, None so far; afterwards everything is discarded. It is a
    BrokenPipeError if the reader has left.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.failure: OSError | None = None
        self._held = bytearray()
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(descriptor, select.POLLOUT)

    @property
    def held(self) -> int:
        """Bytes given to `put` and not yet written."""
        return len(self._held)

    def put(self, data: bytes) -> None:
        """Add bytes to write, and write as many as are accepted now."""
        if self.failure is None:
            self._held += data
            self.push()

    def push(self) -> None:
        """Write as many of the buffered bytes as are accepted now."""
        while self._held and self.failure is None and self._takes_more():
            try:
                count = os.write(self.descriptor, self._held[:_AT_ONCE])
            except BlockingIOError:
                return
            except OSError as error:
                self.failure = error
                self._held.clear()
                return
            del self._held[:count]

    def _takes_more(self) -> bool:
        if self._poll is None:
            return True  # Windows: files and consoles do not block
        found = self._poll.poll(0)
        # An error is reported here too; the write then raises it.
        return bool(found)

    async def drained(self) -> None:
        """Wait until everything is written or writing has failed."""
        while self._held and self.failure is None:
            try:
                await anyio.wait_writable(self.descriptor)
            except (OSError, NotImplementedError):
                await anyio.sleep(_LOOKED_AT_EVERY)  # the event loop cannot wait for this kind of file
            self.push()
