"""One run of one way: started, fed, read to its end, and timed from outside."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO


KEY = "k" * 20
LIMIT = 300.0

# The largest resident size counts from the fork on, so a small program forks the run that is measured.
_SMALL = "import os,sys; p=os.posix_spawnp(sys.argv[2],sys.argv[2:],os.environ); s,u=os.wait4(p,0)[1:]; \
open(sys.argv[1],'w').write(str(u.ru_maxrss)); os._exit(os.waitstatus_to_exitcode(s)&255)"


class Failed(Exception):
    """A run did not do its job, so its figures are meaningless."""


def environment(base_url: str, **more: str) -> dict[str, str]:
    """Return the environment for every way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LMNT_", "PYTHON"))}
    return {**kept, "LMNT_BASE_URL": base_url, "LMNT_API_KEY": KEY, "NO_PROXY": "*", **more}


@dataclass(frozen=True)
class Run:
    """Figures of a run: times of time.monotonic(), CPU seconds. Without audio `first` and `last` are 0."""

    started: float
    first: float
    last: float
    ended: float
    audio: int
    cpu: float


class Process:
    """A run in progress; `end` waits for it. Raises Failed if it ends with a status other than 0."""

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], stdout: int | IO[bytes] = subprocess.PIPE
    ) -> None:
        self._command = command
        self.peak = (
            0  # bytes; at least the size of the bench itself, which is below that of any Python program
        )
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            command, env=dict(variables), stdin=subprocess.PIPE, stdout=stdout, stderr=self._errors
        )
        assert self._process.stdin
        self.stdin = self._process.stdin.fileno()
        self.stdout = self._process.stdout.fileno() if self._process.stdout else -1
        self._limit = threading.Timer(LIMIT, self._process.kill)
        self._limit.daemon = True
        self._limit.start()

    def close_input(self) -> None:
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def feed(self, blocks: Iterable[bytes]) -> None:
        """Write these and close standard input, concurrently with the caller."""

        def write() -> None:
            with suppress(BrokenPipeError):
                for block in blocks:
                    while block:
                        block = block[os.write(self.stdin, block) :]
            self.close_input()

        threading.Thread(target=write, daemon=True).start()

    def read(self, preamble: int = 0) -> tuple[float, float, int]:
        """Read all audio after a preamble; return the times of its first and last bytes, and its size."""
        first = last = 0.0
        count = -preamble
        while block := os.read(self.stdout, 1 << 20):
            count += len(block)
            if count > 0:
                last = time.monotonic()
                first = first or last
        return first, last, count

    def write(self, block: bytes) -> None:
        """Write a block that fits into a pipe."""
        os.write(self.stdin, block)

    def settle(self, quiet: float = 0.5) -> None:
        """Read audio until none has arrived for this many seconds."""
        while select.select([self.stdout], [], [], quiet)[0]:
            if not os.read(self.stdout, 1 << 20):
                return

    def ask(self, text: bytes, count: int) -> tuple[float, float]:
        """Write a text and read this many bytes; return when it was written and when the first arrived."""
        asked = time.monotonic()
        os.write(self.stdin, text)
        came = 0.0
        while count > 0:
            if not select.select([self.stdout], [], [], LIMIT)[0]:
                raise Failed(f"{self._command[0]} gave no audio")
            block = os.read(self.stdout, count)
            came = came or time.monotonic()
            if not block:
                self.end()
                raise Failed(f"{self._command[0]} ended early")
            count -= len(block)
        return asked, came

    def end(self) -> tuple[float, float]:
        """Wait for the end; return its time and the CPU time, in seconds. `peak` is known afterwards."""
        _, status, usage = os.wait4(self._process.pid, 0)
        ended = time.monotonic()
        self.peak = usage.ru_maxrss * 1024
        self._limit.cancel()
        self._process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        self._errors.close()
        if self._process.returncode:
            raise Failed(f"{' '.join(self._command)}: exit {self._process.returncode}: {said[-500:]}")
        return ended, usage.ru_utime + usage.ru_stime


def run(command: Sequence[str], variables: Mapping[str, str], text: bytes, preamble: int = 0) -> Run:
    """Speak a text to the end; this many bytes at the start of the output are not audio."""
    process = Process(command, variables)
    process.feed([text])
    first, last, audio = process.read(preamble)
    ended, cpu = process.end()
    return Run(process.started, first, last, ended, audio, cpu)


def peak(command: Sequence[str], variables: Mapping[str, str], blocks: Iterable[bytes]) -> int:
    """Return the largest resident size of a run with this text, in bytes."""
    with tempfile.NamedTemporaryFile("r") as figure:
        small = [sys.executable, "-I", "-S", "-c", _SMALL, figure.name, *command]
        process = Process(small, variables)
        process.feed(blocks)
        process.read()
        process.end()
        return int(figure.read()) * 1024
