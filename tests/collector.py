"""Reading a descriptor beside the test, so that a test can wait for what it should bring."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable


LIMIT = 10.0


class Collector:
    """Reads a descriptor to its end in a thread of its own, from the moment it is told to."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.data = bytearray()
        self.started = False
        self.ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self.started = True
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # EIO is how a pty ends; EBADF when the test closed it
            while block := os.read(self.fd, 65536):
                with self._changed:
                    self.data += block
                    self._changed.notify_all()
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def wait(self, question: Callable[[bytearray], object], what: str, limit: float = LIMIT) -> bytes:
        """All that was read, as soon as `question` is true of it."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended or question(self.data), limit)
            if not question(self.data):
                raise AssertionError(f"waited {limit} s in vain for {what}; read {bytes(self.data[-400:])!r}")
            return bytes(self.data)

    def join(self, limit: float = LIMIT) -> bytes:
        """All that was read, once the other end is closed; nothing if reading never began."""
        if self.started:
            self._thread.join(limit)
        return bytes(self.data)
