"""The program under test in its own process, with real pipes: run to its end, or step by step."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shlex
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from tests.tools.descriptor_reader import Collector
from tests.tools.limits import LIMIT, wait_until


PROGRAM = (sys.executable, "-m", "lmnt_cli")
PIPE = subprocess.PIPE
NULL = subprocess.DEVNULL


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without anything that could change the program's behaviour or output."""
    names = (
        "NO_COLOR",
        "FORCE_COLOR",
        "COLUMNS",
        "LINES",
        "TERM",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "SSLKEYLOGFILE",
    )

    def matters(name: str) -> bool:
        return name.startswith(("LMNT_", "PYTHON")) or name.upper().endswith("_PROXY") or name in names

    return {name: value for name, value in environment.items() if not matters(name)}


@dataclass(frozen=True)
class Result:
    """How a run ended; `elapsed` is seconds from its start, or from the signal that ended it."""

    command: Sequence[str]
    status: int
    stdout: bytes
    stderr: str
    elapsed: float

    @property
    def lines(self) -> list[str]:
        """The lines of stderr."""
        return self.stderr.splitlines()

    def __repr__(self) -> str:
        return (
            f"{shlex.join(self.command)}\n"
            f"  status {self.status} after {self.elapsed:.2f} s\n"
            f"  stdout {len(self.stdout)} bytes: {self.stdout[:80]!r}\n"
            f"  stderr {self.stderr!r}"
        )


@dataclass
class Running:
    """A run in progress. Standard input stays open until `end_input`.

    stdout is read by a thread. If `paused`, it is read only by `take`, or by that thread after `resume`.
    """

    command: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float
    paused: bool = False
    _out: Collector | None = field(init=False, default=None)
    _err: Collector | None = field(init=False, default=None)
    _feeder: threading.Thread | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.process.stdout:
            self._out = Collector(self.process.stdout.fileno())
            if not self.paused:
                self._out.start()
        if self.process.stderr:
            self._err = Collector(self.process.stderr.fileno())
            self._err.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def type(self, data: bytes) -> None:
        """Write all of this to standard input."""
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def wait_taken(self, limit: float = LIMIT) -> None:
        """Return when the program has read everything typed so far."""
        stdin = self.process.stdin
        assert stdin
        wait_until(
            lambda: not any(fcntl.ioctl(stdin, termios.FIONREAD, bytes(4))), "read of all input", limit
        )

    def feed(self, data: bytes) -> None:
        """Write this to standard input and close it, without waiting for the program to read it."""
        self._feeder = threading.Thread(target=self._feed, args=(data,), daemon=True)
        self._feeder.start()

    def _feed(self, data: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.type(data)
        self.end_input()

    def end_input(self) -> None:
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def read(self, count: int, limit: float = LIMIT) -> bytes:
        """Return all of stdout so far, as soon as it has at least `count` bytes."""
        assert self._out
        return self._out.wait(lambda data: len(data) >= count, f"{count} bytes of audio", limit)

    def read_errors(self, text: str, limit: float = LIMIT) -> str:
        """Return all of stderr so far, as soon as it contains `text`."""
        assert self._err
        return self._err.wait(lambda data: text.encode() in data, repr(text), limit).decode()

    def resume(self) -> None:
        """Start reading stdout."""
        assert self._out
        self._out.start()

    def take(self, count: int, limit: float = LIMIT) -> bytes:
        """Read exactly this many bytes of a paused stdout."""
        assert self.process.stdout
        taken = b""
        while len(taken) < count:
            assert select.select([self.process.stdout], [], [], limit)[0], f"only {taken!r} came in {limit} s"
            block = os.read(self.process.stdout.fileno(), count - len(taken))
            assert block, f"stdout ended after {taken!r}"
            taken += block
        return taken

    def leave(self) -> None:
        """Close the reading end of a paused stdout, like a reader that has enough."""
        assert self.process.stdout
        assert self.paused
        self.process.stdout.close()

    def signal(self, number: Signals) -> None:
        self.process.send_signal(number)

    def stop_with(self, number: Signals, limit: float = LIMIT) -> Result:
        """Send a signal and wait; `elapsed` counts from the signal."""
        self.started = time.monotonic()
        self.signal(number)
        return self.wait(limit)

    def wait(self, limit: float = LIMIT) -> Result:
        try:
            status = _end_of(self.process, limit)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"still running after {limit} s; it was killed\n{self.result(-9)!r}"
            ) from None
        return self.result(status)

    def result(self, status: int) -> Result:
        elapsed = time.monotonic() - self.started
        out = self._out.join() if self._out else b""
        err = self._err.join() if self._err else b""
        return Result(self.command, status, out, err.decode(errors="replace"), elapsed)

    def kill(self) -> None:
        """Kill the run and everything it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LIMIT)

    def close(self) -> None:
        """Clean up; kill whatever is still running."""
        self.kill()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()


def _end_of(process: subprocess.Popen[bytes], limit: float) -> int:
    """Return the exit status as soon as the process ends. Raises TimeoutExpired after the limit."""
    if process.poll() is not None or not hasattr(os, "pidfd_open"):
        return process.wait(limit)  # looks every 50 ms
    end = os.pidfd_open(process.pid)
    try:
        select.select([end], [], [], limit)
    finally:
        os.close(end)
    return process.wait(0)


class Say:
    """`say(...)` runs the program to its end; `say.start(...)` starts a run that the test controls."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self.environment = dict(environment)
        self.directory = directory
        self.results: list[Result] = []
        self.runs: list[Running] = []

    def __call__(
        self,
        *args: str | Path,
        stdin: bytes | int | Path = b"",
        env: Mapping[str, str | None] | None = None,
        limit: float = LIMIT,
        stdout: int = PIPE,
        stderr: int = PIPE,
        under: Sequence[str] = (),
    ) -> Result:
        """Run to the end, with `stdin` as text, as a descriptor or as a file."""
        with _opened(stdin) as source:
            running = self.start(*args, stdin=source, stdout=stdout, stderr=stderr, env=env, under=under)
            if isinstance(stdin, bytes):
                running.feed(stdin)
            return self.end(running, limit)

    def start(
        self,
        *args: str | Path,
        stdin: int = PIPE,
        stdout: int = PIPE,
        stderr: int = PIPE,
        env: Mapping[str, str | None] | None = None,
        paused: bool = False,
        under: Sequence[str] = (),
        pass_fds: Sequence[int] = (),
        new_session: bool = False,
    ) -> Running:
        """Start a run; `under` is a command that starts the program given as its last arguments."""
        command = [*under, *PROGRAM, *map(str, args)]
        environment = {n: v for n, v in {**self.environment, **(env or {})}.items() if v is not None}
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=environment,
            cwd=self.directory,
            process_group=None if new_session else 0,
            start_new_session=new_session,
            pass_fds=pass_fds,
        )
        running = Running(command, process, time.monotonic(), paused)
        self.runs.append(running)
        return running

    def end(self, running: Running, limit: float = LIMIT) -> Result:
        """Wait for the end, and keep the result for the report of a failing test."""
        result = running.wait(limit)
        self.results.append(result)
        return result

    def story(self) -> str:
        ended = {tuple(result.command) for result in self.results}
        parts = [repr(result) for result in self.results]
        for running in self.runs:
            if tuple(running.command) not in ended:
                running.kill()
                parts.append(repr(running.result(running.process.returncode)))
        return "\n".join(parts)

    def close(self) -> None:
        for running in self.runs:
            running.close()


@contextlib.contextmanager
def _opened(stdin: bytes | int | Path) -> Iterator[int]:
    if isinstance(stdin, bytes):
        yield PIPE
    elif isinstance(stdin, int):
        yield stdin
    else:
        with stdin.open("rb") as file:
            yield file.fileno()
