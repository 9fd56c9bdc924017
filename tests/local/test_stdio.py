"""Standard descriptors that are closed or full: `lmnt_cli.local.stdio`, in the real program."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.local_service import LIMIT, PROGRAM


LOCAL = shlex.join(PROGRAM)


def shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=LIMIT, check=False)


@pytest.mark.parametrize(
    ("arguments", "target", "reason"),
    [
        ("--help", ">/dev/full", "No space left on device"),
        ("--version", ">&-", "it is closed"),
        ("serve --help", ">/dev/full", "No space left on device"),
    ],
)
def test_what_cannot_be_printed_is_one_line(arguments: str, target: str, reason: str) -> None:
    """The exit status is 7, as in lmnt-say; all three print in the same way."""
    ran = shell(f"{LOCAL} {arguments} {target}")

    assert ran.returncode == 7
    assert ran.stderr == f"lmnt-local: cannot write to standard output: {reason}\n"


def test_a_reader_that_leaves() -> None:
    """The program ends as by SIGPIPE, silently."""
    ran = shell(f"{LOCAL} serve --help | true; echo ${{PIPESTATUS[0]}}")

    assert (ran.stdout in ("141\n", "0\n"), ran.stderr) == (True, "")


@pytest.mark.parametrize("closed", ["<&-", "<&- >&-", "<&- >&- 2>&-", "2>&-"])
def test_closed_descriptors_are_opened(closed: str) -> None:
    """Closed descriptors are opened, so that sockets do not become standard input, output or error."""
    script = "import os; from lmnt_cli.local.stdio import open_closed_descriptors as mend; found = mend()"
    check = "assert all(os.fstat(each) for each in (0, 1, 2)); os._exit(len(found))"
    ran = shell(f"{shlex.join([sys.executable, '-c', f'{script}; {check}'])} {closed}")

    assert ran.returncode == len(closed.split())


@pytest.mark.parametrize("count", [5, 6])
def test_too_few_descriptors(count: int) -> None:
    """A system that refuses an event loop is reported in one line after the URLs, without a traceback."""
    ran = shell(f"ulimit -n {count}; exec {LOCAL} serve")

    assert ran.returncode == 2
    assert ran.stderr.splitlines()[2:] == ["lmnt-local: cannot serve: Too many open files"]


def test_no_descriptor_for_a_library(tmp_path: Path) -> None:
    """The same holds if it is the loader of shared libraries that finds no descriptor."""
    reason = "Too many open files"
    message = f"/lib/_random.so: cannot open shared object file: {reason}"
    (tmp_path / "secrets.py").write_text(f"raise ImportError({message!r})\n")
    ran = shell(f"PYTHONPATH={tmp_path} exec {LOCAL} serve")

    assert ran.returncode == 2
    assert ran.stderr.splitlines()[2:] == [f"lmnt-local: cannot serve: {reason}"]
