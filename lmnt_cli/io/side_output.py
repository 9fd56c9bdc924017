"""Writes beside the audio that must never hold anything up: a tee, events, subtitles.

A write is made only when the descriptor takes it at once, and by at most PIPE_BUF bytes, which a writable
pipe takes whole (POSIX). Everything else is held here until the reader has made room.
"""

from __future__ import annotations

import os
import select

import anyio


# POSIX guarantees 512 only; a pipe that is writable has room for PIPE_BUF bytes.
_AT_ONCE: int = getattr(select, "PIPE_BUF", 512)
# A reader that pauses is looked at this often where the system cannot wait for it, in seconds.
_LOOKED_AT_EVERY = 0.05


class SideOutput:
    """Holds what its descriptor does not take yet.

    `failure` is the error that ended it, None while there is none; after it everything is discarded. A
    BrokenPipeError is a reader that left.
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
        """Bytes that were given and not written."""
        return len(self._held)

    def put(self, data: bytes) -> None:
        """Give bytes to write; write as many as are taken at once."""
        if self.failure is None:
            self._held += data
            self.push()

    def push(self) -> None:
        """Write as many of the held bytes as are taken at once."""
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
        # A reader that left is found by the write, which then fails.
        return bool(found)

    async def drained(self) -> None:
        """Wait until nothing is held, or it has failed."""
        while self._held and self.failure is None:
            try:
                await anyio.wait_writable(self.descriptor)
            except (OSError, NotImplementedError):
                await anyio.sleep(_LOOKED_AT_EVERY)  # a kind of file that cannot be waited for
            self.push()
