"""System calls that fail as on some file systems, for a program run under them."""

from __future__ import annotations

import subprocess
from pathlib import Path


_SOURCE = Path(__file__).with_suffix(".c")


class FaultySystem:
    """A library for LD_PRELOAD, compiled in a directory unless it is there."""

    def __init__(self, gcc: str, directory: Path) -> None:
        self._library = directory / "faulty_system.so"
        if not self._library.exists():
            command = [gcc, "-shared", "-fPIC", "-o", str(self._library), str(_SOURCE), "-ldl"]
            subprocess.run(command, check=True, timeout=60)

    def __call__(self, path: str, **faults: int) -> dict[str, str]:
        """Return the environment in which these calls fail for paths containing `path`.

        `threads` is the number of threads that the system starts.
        """
        calls = "".join(f" {name}={number}" for name, number in faults.items())
        return {"LD_PRELOAD": str(self._library), "FAULTS": calls, "FAULTS_IN": path}
