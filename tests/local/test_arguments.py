"""The options of `lmnt-local` and usage errors: `lmnt_cli.local.arguments`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from lmnt_cli.local.requests import ErrorType
from tests.tools.local_service import LIMIT, PROGRAM


INVALID = "invalid value"
NO_FAULTS = "fault settings cannot be used with --key-from-stdin"
NEEDS_KEY = "--host {} is reachable from other machines: add --key-file FILE (or --key KEY)\n"
OTHER_MACHINES = ("0.0.0.0", "::", "192.0.2.1", "", "a.host.invalid")


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False, **options
    )


# Runs the command several times in one process, because a usage error takes longer to start than to find.
COMMANDS = """
import contextlib, io, json, sys
from lmnt_cli.local.cli import main

for arguments in json.load(sys.stdin):
    said = [io.StringIO(), io.StringIO()]
    with contextlib.redirect_stdout(said[0]), contextlib.redirect_stderr(said[1]):
        try:
            main(arguments)
        except SystemExit as end:
            status = end.code
    print(json.dumps([status, *(each.getvalue() for each in said)]))
"""


def run_each(commands: Sequence[Sequence[str]]) -> list[list[Any]]:
    """Return the exit status, standard output and standard error of each of these commands."""
    ran = subprocess.run(
        [sys.executable, "-c", COMMANDS],
        input=json.dumps(commands), capture_output=True, text=True, timeout=LIMIT, check=True,
    )  # fmt: skip
    assert ran.stderr == ""
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_version() -> None:
    """The version is that of the package."""
    assert re.fullmatch(r"lmnt-local \d+\.\d+\.\d+\n", run("--version").stdout)


USAGE_ERRORS: list[tuple[tuple[str, ...], str]] = [
    (
        ("serve", "--cut-after", "x"),
        "--cut-after: invalid value 'x': expected an integer from 0 to 1000000\n",
    ),
    (
        ("serve", "--error", "foo"),
        f"--error: {INVALID} 'foo': expected one of {', '.join(ErrorType)}\n",
    ),
    (("serve", "--error-after", "1", "--error"), "--error: expected one argument\n"),
    (
        ("serve", "--fragments", "0"),
        "--fragments: invalid value '0': expected an integer from 1 to 1000\n",
    ),
    (("serve", "--key", "k", "--key-file", "f"), "--key-file: not allowed with argument --key\n"),
    (("serve", "--key", ""), "--key: expected a key of printable ASCII characters\n"),
    (("serve", "--key-file", "/nowhere"), "--key-file /nowhere: No such file or directory\n"),
    (
        ("serve", "--allow-origins", "null"),
        "no such option: --allow-origins (did you mean --allow-origin?)\n",
    ),
    (("serve", "extra"), "unexpected argument: extra\n"),
    (("sevre",), "unknown command 'sevre'; use: serve\n"),
    (
        ("serve", "--port", "x"),
        "--port: invalid value 'x': expected a port from 0 to 65535\n",
    ),
    (
        ("serve", "--cut-aftr", "1"),
        "no such option: --cut-aftr (did you mean --cut-after?)\n",
    ),
    (
        ("serve", "--port", "70000"),
        "--port: invalid value '70000': expected a port from 0 to 65535\n",
    ),
    (("serve", "--host", "192.0.2.1", "--key", "k"), "cannot listen on 192.0.2.1 port 0: "),
    (
        ("serve", "--host", "999.1.1.1", "--key", "k"),
        "cannot listen on 999.1.1.1 port 0: it is not an address of this machine\n",
    ),
    ((), "missing command: serve\n"),
    (("serve", "--key-from-stdin", "--cut-after", "1"), f"{NO_FAULTS}\n"),
    (("serve", "--key-from-stdin", "--error", "foo"), f"{NO_FAULTS}\n"),
    *((("serve", "--host", host), NEEDS_KEY.format(host)) for host in OTHER_MACHINES),
]


def test_usage_errors_are_one_line() -> None:
    """A usage error has status 2 and one line, and nothing on stdout; so has a host that needs a key."""
    found = run_each([arguments for arguments, _ in USAGE_ERRORS])

    wrong = [
        (arguments, ran)
        for (arguments, message), ran in zip(USAGE_ERRORS, found, strict=True)
        if ran[:2] != [2, ""] or not ran[2].startswith(f"lmnt-local: {message}") or ran[2].count("\n") != 1
    ]
    assert wrong == []


def test_a_usage_error_of_the_program() -> None:
    """The program as a whole ends in the same way."""
    arguments, message = USAGE_ERRORS[0]
    ran = run(*arguments)

    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"lmnt-local: {message}")
