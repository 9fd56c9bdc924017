"""A child sees no key, does not outlive us, and its last output is kept (contract, 4 and 8)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import anyio
import pytest

from lmnt_cli.io.child import Child
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio


@asynccontextmanager
async def child(
    script: str, stdout: Literal["captured", "piped", "dropped"] = "captured"
) -> AsyncIterator[Child]:
    """Start a child that runs this script; it is ended with the test."""
    running = Child((sys.executable, "-I", "-S", "-c", script), stdout=stdout)
    try:
        yield running
    finally:
        await running.end()


async def said(running: Child, line: str) -> None:
    """Wait until the child has printed this line."""
    with anyio.fail_after(LIMIT):
        while line not in running.last_words():
            await anyio.sleep(0.005)


async def test_it_sees_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API key is not passed on; the rest of the environment is."""
    monkeypatch.setenv("LMNT_API_KEY", "secret")
    monkeypatch.setenv("LMNT_VOICE", "lily")
    async with child("import os; print(os.environ.get('LMNT_API_KEY'), os.environ['LMNT_VOICE'])") as running:
        assert await running.ended(LIMIT)

        assert running.last_words() == ["None lily"]


async def test_last_words() -> None:
    """The last lines are kept, whatever their line ends; of long output, only the end is."""
    async with child("print('a' * 100_000); print('b\\r\\n\\nc\\rd')") as running:
        with anyio.move_on_after(LIMIT):
            await running.collect()

        assert running.last_words()[-3:] == ["b", "c", "d"]
        assert sum(map(len, running.last_words())) <= 64 << 10


async def test_piped() -> None:
    """A piped standard output can be read by us, and is not captured."""
    async with child("import sys; print('out'); print('err', file=sys.stderr)", "piped") as running:
        assert await running.ended(LIMIT)

        assert os.read(running.output, 100) == b"out\n"
        assert running.last_words() == ["err"]


async def test_its_input_ends() -> None:
    """Its standard input is a pipe, which we hold until we close it."""
    async with child("import sys; print(len(sys.stdin.read()))") as running:
        os.write(running.input, b"words")
        running.close_input()

        assert await running.ended(LIMIT)
        assert running.last_words() == ["5"]
        running.close_input()  # nothing is closed twice


STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inner = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"])
print(inner.pid, flush=True)
inner.wait()
"""


def alive(pid: int) -> bool:
    """Return whether this process is running; a zombie is not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="reads the states of processes from /proc")
@pytest.mark.parametrize("how", ["end", "kill"])
async def test_a_stubborn_child(how: str) -> None:
    """A child that ignores SIGTERM is killed with everything it has started."""
    async with child(STUBBORN) as running:
        with anyio.fail_after(LIMIT):
            while not running.last_words():
                await anyio.sleep(0.005)
        inner = int(running.last_words()[0])
        if how == "end":
            await running.end()
        else:
            running.kill()
            assert await running.ended(LIMIT)

        assert running.status == -signal.SIGKILL
        with anyio.fail_after(LIMIT):
            while alive(inner):
                await anyio.sleep(0.005)


async def test_stopped_and_resumed() -> None:
    """A stopped child does nothing until it is resumed."""
    async with child("import os; os.write(2, b'up\\n'); os.read(0, 1); print('got it')") as running:
        await said(running, "up")
        running.stop()
        os.write(running.input, b"x")
        assert os.waitid(os.P_PID, running.pid, os.WSTOPPED | os.WNOWAIT)
        assert running.status is None

        running.resume()
        assert await running.ended(LIMIT)
        assert "got it" in running.last_words()
        running.stop()  # it is gone: nobody is stopped in its place


async def test_ended_while_stopped() -> None:
    """A stopped child is asked to end like any other, and need not be killed."""
    async with child("import os; os.write(2, b'up\\n'); os.read(0, 1)") as running:
        await said(running, "up")
        running.stop()
        assert os.waitid(os.P_PID, running.pid, os.WSTOPPED | os.WNOWAIT)

        await running.end()

        assert running.status == -signal.SIGTERM


PARENT = """
import os, sys
from lmnt_cli.io.child import Child
from tests.tools.limits import LIMIT
from tests.tools.limits import LIMIT
child = Child(["cat"], stdout="piped")
print(child.pid, flush=True)
sys.stdin.read()
"""


async def test_it_notices_our_end() -> None:
    """However we end, its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        with anyio.fail_after(LIMIT):
            while alive(pid):
                await anyio.sleep(0.005)


async def test_what_cannot_be_started() -> None:
    """A command that is not a program raises OSError, and leaves no descriptor open."""
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(FileNotFoundError):
        Child(("/nowhere",), stdout="dropped")

    assert len(os.listdir("/dev/fd")) == before
