"""Expensive preparations, made by the first worker that needs them and shared by all."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path


class Once:
    """`once("wheel", build)` returns a directory filled by `build`; other workers wait for it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, name: str, build: Callable[[Path], None]) -> Path:
        directory, built = self._root / name, self._root / f"{name}.built"
        with (self._root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not built.exists():
                directory.mkdir(exist_ok=True)
                build(directory)
                built.touch()
        return directory
