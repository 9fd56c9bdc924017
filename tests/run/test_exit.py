"""The process ends with a documented exit status, or with a signal (contract, 7)."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from lmnt_cli.errors import (
    ConnectError,
    Killed,
    LocalProtocolError,
    NothingToSay,
    OutputError,
    ReaderLeft,
    UsageError,
)
from lmnt_cli.run.exit import status_of


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (None, 0),
        (UsageError("x"), 2),
        (ConnectError("x"), 5),
        (OutputError("x"), 7),
        (NothingToSay("x"), 9),
        (ValueError("x"), 1),
        (LocalProtocolError("x"), 1),
        (Killed(2), -signal.SIGINT),
        (Killed(15), -signal.SIGTERM),
        (ReaderLeft(), -signal.SIGPIPE),
    ],
    ids=repr,
)
def test_status(failure: BaseException | None, status: int) -> None:
    """Each failure has its status or signal; an error that is not ours is a bug."""
    assert status_of(failure) == status


LEAVE = """
import sys, threading
from lmnt_cli.run.exit import leave
threading.Thread(target=threading.Event().wait).start()
print("said", end="")
leave(int(sys.argv[1]))
"""


def left(status: int, *under: str) -> subprocess.CompletedProcess[bytes]:
    """Run a process that leaves with this status while one of its threads waits for ever."""
    return subprocess.run(
        [*under, sys.executable, "-c", LEAVE, str(status)], capture_output=True, timeout=10, check=False
    )


@pytest.mark.parametrize("status", [0, 7, -signal.SIGINT, -signal.SIGTERM, -signal.SIGPIPE])
def test_leave(status: int) -> None:
    """The process ends at once, with a status or the signal itself, and waits for no thread."""
    result = left(status)

    assert (result.returncode, result.stderr) == (status, b"")
    assert result.stdout == b"said" or status < 0


AS_PROCESS_1 = ("unshare", "--pid", "--fork", "--kill-child")


@pytest.fixture
def process_1() -> tuple[str, ...]:
    """The command to start a program as process 1 of a container: needs root, or user namespaces."""
    for command in (AS_PROCESS_1, (*AS_PROCESS_1, "--user")):
        try:
            subprocess.run([*command, "true"], check=True, capture_output=True, timeout=5)
        except (OSError, subprocess.SubprocessError):
            continue
        return command
    pytest.skip("no process can be the first of its namespace here")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE])
def test_process_1(process_1: tuple[str, ...], number: signal.Signals) -> None:
    """Process 1, which its own signals do not kill, exits with the status a shell would report."""
    assert left(-number, *process_1).returncode == 128 + number
