"""The entry point: descriptors and signals are prepared before anything else (contract, 7)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from lmnt_cli.__main__ import fill_closed_descriptors
from tests.tools.each import each


def run(*arguments: str, shell: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program, its descriptors redirected by the shell."""
    command = ["sh", "-c", f'exec "$@" {shell}', "sh", sys.executable, "-m", "lmnt_cli", *arguments]
    return subprocess.run(
        command, capture_output=True, timeout=20, check=False, env={**os.environ, **environment}
    )


def test_nothing_to_fill() -> None:
    """Open descriptors are left alone."""
    assert fill_closed_descriptors() == frozenset()


# Fills descriptors in a child for each combination of closed ones, and reports where that was wrong.
FILL = """
import os
from lmnt_cli.__main__ import fill_closed_descriptors

def is_right(closed):
    for number in closed:
        os.close(number)
    found = fill_closed_descriptors()
    null = os.stat("/dev/null").st_rdev
    return sorted(found) == closed and all(
        os.fstat(number).st_rdev == null and os.get_inheritable(number) for number in closed
    )

wrong = []
for closed in [0], [1], [2], [0, 1], [1, 2], [0, 1, 2]:
    child = os.fork()
    if not child:
        status = 1
        try:
            status = 42 if is_right(closed) else 1
        finally:
            os._exit(status)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 42:
        wrong.append(closed)
print(wrong)
"""


def test_filled() -> None:
    """Each closed descriptor of 0 to 2 becomes the null device, so that nothing else takes its number."""
    result = subprocess.run([sys.executable, "-c", FILL], capture_output=True, timeout=10, check=False)

    assert (result.returncode, result.stdout, result.stderr) == (0, b"[]\n", b"")


@each(("shell", "status"), [("<&-", 2), (">&-", 7)])
def test_closed_at_start(shell: str, status: int) -> None:
    """A closed stdin is exit status 2, a closed stdout without `-o` is 7."""
    result = run(shell=shell, LMNT_API_KEY="k", LMNT_BASE_URL="http://127.0.0.1:9")

    assert result.returncode == status
    assert b"it is closed" in result.stderr


def test_closed_stderr() -> None:
    """With stderr closed the program works as before, and its messages are lost."""
    result = run("--voise", shell="2>&-")

    assert (result.returncode, result.stdout, result.stderr) == (2, b"", b"")


def test_the_reader_of_help_leaves() -> None:
    """A reader that leaves during the help: killed by SIGPIPE, silently."""
    end, write = os.pipe()
    os.close(end)
    process = subprocess.Popen(
        [sys.executable, "-m", "lmnt_cli", "--help"], stdout=write, stderr=subprocess.PIPE
    )
    os.close(write)
    _, told = process.communicate(timeout=20)

    assert process.returncode == -signal.SIGPIPE
    assert told == b""


FULL = os.path.exists("/dev/full")


@pytest.mark.skipif(not FULL, reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("option", "shell", "reason"),
    [("--help", ">/dev/full", b"No space left"), ("--version", "1<&0", b"Bad file")],
    ids=["a full disk", "for reading only"],
)
def test_help_cannot_be_printed(option: str, shell: str, reason: bytes) -> None:
    """Output that cannot be printed is one line and exit status 7."""
    result = run(option, shell=f"</dev/null {shell}")

    assert (result.returncode, result.stdout) == (7, b"")
    assert reason in result.stderr
    assert result.stderr.count(b"\n") == 1


UNEXPECTED = """
import sys, lmnt_cli.cli, lmnt_cli.__main__
def say(*_):
    raise eval(sys.argv[1])
lmnt_cli.cli.say = say
lmnt_cli.__main__.main()
"""


@each(
    ("error", "status", "lines"),
    [("OSError(24, 'Too many')", 5, 1), ("KeyError(1)", 1, 2)],
)
def test_what_nobody_expected(error: str, status: int, lines: int) -> None:
    """An error outside a run is one line with a documented status, or two lines for a bug.

    Which errors are the system's is tested in tests/run/test_outcome.py.
    """
    result = subprocess.run(
        [sys.executable, "-c", UNEXPECTED, error], capture_output=True, timeout=20, check=False
    )

    assert (result.returncode, result.stderr.count(b"\n")) == (status, lines)
    assert b"Traceback" not in result.stderr


SIGNALS = (
    "import signal, sys; import lmnt_cli.cli, lmnt_cli.__main__ as m; "
    "lmnt_cli.cli.say = lambda closed, signals, local: print([int(signal.getsignal(n)) for n in (2, 13)]); "
    "m.main()"
)


@each(("trap", "expected"), [("", b"[0, 0]\n"), ("trap '' INT; ", b"[1, 0]\n")])
def test_signals(trap: str, expected: bytes) -> None:
    """SIGINT and SIGPIPE kill until there is something to save; a signal ignored at start stays ignored."""
    result = subprocess.run(
        ["sh", "-c", f'{trap}exec "$@"', "sh", sys.executable, "-c", SIGNALS],
        capture_output=True,
        timeout=10,
        check=False,
    )

    assert result.stdout == expected
