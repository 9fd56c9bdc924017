"""The processes besides the measured one: the service and the link."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.bench.service import Job, Session


ROOT = Path(__file__).parent.parent.parent
LIMIT = 60.0


class Helper:
    """A module of ours run as a process, which first prints its ports and ends with its standard input."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._process.stdout
        self.lines = self._process.stdout
        self.ports: dict[str, int] = json.loads(self.lines.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(LIMIT)


class Service(Helper):
    """The service with these jobs; `session` returns the figures of the last run's session."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        super().__init__("tests.bench.service", json.dumps({name: asdict(job) for name, job in jobs.items()}))
        self.jobs = jobs
        self._sessions: queue.Queue[Session] = queue.Queue()
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        for line in self.lines:
            fields: dict[str, Any] = json.loads(line)
            self._sessions.put(Session(**fields))

    def session(self) -> Session:
        """Return the next session that has ended."""
        return self._sessions.get(timeout=LIMIT)


class Link(Helper):
    """A link to a port, with a one-way delay in milliseconds."""

    def __init__(self, port: int, one_way: float) -> None:
        super().__init__("tests.bench.link", str(port), str(one_way))
        self.port = self.ports["link"]
