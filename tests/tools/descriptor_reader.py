"""Read a descriptor in a thread, so that a test can wait for expected bytes."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Callable

from tests.tools.limits import LIMIT


class Collector:
    """Reads a descriptor to its end in its own thread, once started."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.data = bytearray()
        self.started = False
        self.ended = False
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self.started = True
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # a pty ends with EIO
            while self._wanted() and (block := os.read(self.fd, 65536)):
                with self._changed:
                    self.data += block
                    self._changed.notify_all()
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def _wanted(self) -> bool:
        """Wait until there is something to read; return False when stopped."""
        while not self._stop.is_set():
            if select.select([self.fd], [], [], 0.05)[0]:
                return True
        return False

    def stop(self) -> None:
        """Stop reading, so that the descriptor can be closed."""
        self._stop.set()
        self._thread.join(LIMIT)

    def wait(self, question: Callable[[bytearray], object], what: str, limit: float = LIMIT) -> bytes:
        """Return everything read so far, as soon as `question` is true of it."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended or question(self.data), limit)
            if not question(self.data):
                raise AssertionError(f"waited {limit} s in vain for {what}; read {bytes(self.data[-400:])!r}")
            return bytes(self.data)

    def join(self, limit: float = LIMIT) -> bytes:
        """Return everything read, once the other end is closed; nothing if reading never started."""
        if self.started:
            self._thread.join(limit)
        return bytes(self.data)
