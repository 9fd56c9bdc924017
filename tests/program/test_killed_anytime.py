"""Runs of every kind, killed at random moments, end with the signal and leave nothing (contract, 7).

LMNT_SOAK=500 makes that many runs; the seed of a failure is in its report.
"""

from __future__ import annotations

import contextlib
import os
import pty
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from signal import Signals

import pytest

from tests.doubles.behaviours import Behaviour
from tests.doubles.fake_service import FakeService


RUNS = int(os.environ.get("LMNT_SOAK", "8"))
AT_ONCE = 2
# The range of moments at which a run is killed, in seconds after its first line.
LONGEST = 1.2
WITHIN = 1.0
ENDING = (Signals.SIGINT, Signals.SIGTERM, Signals.SIGHUP)
# Closes the gate as soon as the program handles signals itself; before that, Python does.
PROGRAM = """
import os, sys
import lmnt_cli.__main__ as program
fill, gate = program.fill_closed_descriptors, int(sys.argv.pop(1))
program.fill_closed_descriptors = lambda: (os.close(gate), fill())[1]
program.main()
"""
STUBBORN = "sh -c 'trap \"\" TERM; cat >/dev/null; exec sleep 60'"
KINDS = {
    "pipe": [],
    "file": ["-o", "story.wav"],
    "play": ["-p", "--player", STUBBORN],
    "record and play": ["-o", "story.wav", "-p", "--player", STUBBORN],
    "typed": ["-o", "story.wav"],
    "fifo": ["-f", "text", "-o", "story.wav"],
    "list": ["--list-voices"],
    "local": ["--local", "-o", "story.wav"],
}


@dataclass(frozen=True)
class Fate:
    """What happened to one run."""

    kind: str
    signals: tuple[Signals, ...]
    after: float
    status: int
    elapsed: float
    stderr: str
    left: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Check that it ended, or was killed by one of its signals in time, and left nothing."""
        died = self.status in [-number for number in self.signals if number in ENDING]
        words = [line for line in self.stderr.splitlines() if not line.startswith("lmnt-say: ")]
        return (self.status == 0 or died) and self.elapsed < WITHIN and not self.left and not words


@pytest.fixture
def silent() -> Iterator[int]:
    """A port whose server never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def with_service(base: dict[str, str], kind: str, service: FakeService, silent: int) -> dict[str, str]:
    url = f"http://127.0.0.1:{silent}" if kind == "list" else service.url
    return {**base, "LMNT_BASE_URL": url}


def descendants(pid: int) -> set[int]:
    """Return the processes below this one."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found |= {int(child)} | descendants(int(child))
    return found


def runs_still(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    return False


def drops(process: subprocess.Popen[bytes], stderr: int) -> bool:
    """Return whether a typed run takes its first Ctrl-C as a request to drop the speech."""
    deadline = time.monotonic() + WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        if b"dropped" in os.pread(stderr, 1 << 16, 0):
            return True
        threading.Event().wait(0.01)
    return False


def kill_one(kind: str, seed: int, env: dict[str, str], directory: Path) -> Fate:
    """Start a run of this kind and kill it at a random moment; sometimes twice, or with SIGUSR2 first."""
    chance = random.Random(seed)
    numbers = tuple(chance.choices([*ENDING, Signals.SIGUSR2], k=chance.choice([1, 1, 2])))
    after = chance.uniform(0, LONGEST)
    os.mkfifo(directory / "text")
    gate, opened = os.pipe()
    terminal, ours = pty.openpty() if kind == "typed" else (-1, -1)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(opened), *KINDS[kind]],
            stdin=ours if kind == "typed" else subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=env,
            cwd=directory,
            pass_fds=[opened],
            process_group=0,
        )
        os.close(opened)
        with contextlib.suppress(BrokenPipeError):
            os.write(terminal if kind == "typed" else process.stdin.fileno(), b"Some words.\n\n")  # type: ignore[union-attr]  # a pipe
        assert os.read(gate, 1) == b""
        threading.Event().wait(after)  # the random moment
        below = descendants(process.pid)
        started = time.monotonic()
        for number in numbers:
            process.send_signal(number)
            threading.Event().wait(chance.choice([0, 0, 0.05]))
        if not set(numbers) & set(ENDING):
            numbers += (Signals.SIGTERM,)
            started = time.monotonic()
            process.send_signal(Signals.SIGTERM)
        elif kind == "typed" and drops(process, errors.fileno()):
            started = time.monotonic()
            process.send_signal(Signals.SIGINT)
        try:
            status = process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait(5)
        elapsed = time.monotonic() - started
        for descriptor in (gate, terminal, ours):
            if descriptor >= 0:
                os.close(descriptor)
        if process.stdin is not None:
            process.stdin.close()
        deadline = time.monotonic() + 2
        while any(map(runs_still, below)) and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        errors.seek(0)
        told = errors.read().decode(errors="replace")
    left = [f"process {pid}" for pid in below if runs_still(pid)]
    left += [path.name for path in directory.glob("*.part") if not path.stat().st_size]
    for pid in below:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return Fate(kind, numbers, after, status, elapsed, told, tuple(left))


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="looks at processes in /proc")
@pytest.mark.timeout(60 + 2 * RUNS)
def test_killed_at_any_moment(
    service: FakeService, environment: dict[str, str], silent: int, tmp_path: Path
) -> None:
    """At any moment, a signal ends a run in time: no traceback, no orphan, no empty part."""
    service.does(Behaviour(at_once=True, waits={"flush_complete", "close"}))
    seed = random.randrange(1 << 30)
    kinds = [kind for kind in KINDS if kind != "local" or find_spec("hibari")]

    def run(number: int) -> Fate:
        kind = kinds[number % len(kinds)]
        directory = tmp_path / str(number)
        directory.mkdir()
        env = with_service(environment, kind, service, silent)
        return kill_one(kind, seed + number, env, directory)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        fates = list(pool.map(run, range(RUNS)))

    assert [(seed, fate) for fate in fates if not fate.is_right] == []
