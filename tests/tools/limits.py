"""Time limits of tests: long enough for a busy machine, and used up only by a failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


LIMIT = 10.0


def wait_until(done: Callable[[], object], what: str, limit: float = LIMIT) -> None:
    """Return when `done` is true of something that nobody reports, such as the size of a file."""
    deadline = time.monotonic() + limit
    while not done():
        assert time.monotonic() < deadline, f"no {what} in {limit} s"
        threading.Event().wait(0.005)


def wait_size(path: Path, size: int) -> None:
    """Return when a file has at least this size."""
    wait_until(lambda: path.exists() and path.stat().st_size >= size, f"{path} of {size} bytes")


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Fail if this thread has used more CPU time in the block, which other programs do not affect."""
    started = time.thread_time()
    yield
    used = time.thread_time() - started

    assert used < seconds, f"it took {used:.2f} s of CPU"
