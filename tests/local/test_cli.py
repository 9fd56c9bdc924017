"""The command line of `lmnt-local`: `lmnt_cli.local.cli`, in the real program."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from lmnt_cli.local import cli
from lmnt_cli.local.requests import ErrorType
from tests.tools.local_service import FINISH, LIMIT, PROGRAM, LocalService


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


def test_it_prints_its_url_and_what_to_export(voiceless: dict[str, str]) -> None:
    """Stdout has one line, stderr two that a shell can evaluate; then nothing, whatever happens."""
    service = LocalService("--key", "it's", **voiceless)
    assert service.talk(key="wrong").close_code == 1002
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", service.url)
    said = service.stop()

    assert said == f"export LMNT_BASE_URL={service.url}\nexport LMNT_API_KEY='it'\"'\"'s'\n"
    assert service.process.returncode == 0
    shell = subprocess.run(
        ["sh", "-c", said + 'echo "$LMNT_API_KEY"'], capture_output=True, text=True, check=True
    )
    assert shell.stdout == "it's\n"


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


@pytest.mark.parametrize("missing", ["hibari", "av", "h11"])
def test_without_the_extra_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    """The error is one line with status 2, before anything from the extra is imported."""
    find = importlib.util.find_spec
    monkeypatch.setattr(cli, "find_spec", lambda name: None if name == missing else find(name))

    with pytest.raises(SystemExit) as ended:
        cli.main(["serve"])

    assert ended.value.code == 2
    assert capsys.readouterr() == (
        "",
        f"lmnt-local: {missing} is not installed: pip install 'lmnt-say[local]'\n",
    )


@pytest.mark.parametrize("host", ["127.0.0.2", "::1", "localhost"])
def test_loopback_needs_none(host: str, voiceless: dict[str, str]) -> None:
    """Loopback needs no key, in any notation."""
    with LocalService("--host", host, **voiceless) as service:
        assert service.talk(FINISH).close_code == 1000


def test_an_address_in_use_is_reported_once() -> None:
    """The error has address and port once, and the system's reason without Python's additions."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("serve", "--port", str(port))

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"lmnt-local: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


def test_a_key_file_shows_nowhere(tmp_path: Path, voiceless: dict[str, str]) -> None:
    """The key is neither in `ps` nor in the output, which a shell can still evaluate."""
    file = tmp_path / "key"
    file.write_text("a-secret\n")
    service = LocalService("--key-file", str(file), **voiceless)
    shown = Path(f"/proc/{service.process.pid}/cmdline").read_bytes()
    codes = [service.talk(FINISH, key=key).close_code for key in ("a-secret", "another")]
    said = service.stop()

    assert codes == [1000, 1002]
    assert b"a-secret" not in shown
    assert "a-secret" not in said
    shell = subprocess.run(
        ["sh", "-c", said + 'echo "$LMNT_API_KEY"'], capture_output=True, text=True, check=True
    )
    assert shell.stdout == "a-secret\n"


def test_a_child_of_the_client(voiceless: dict[str, str]) -> None:
    """With the key on standard input, the service prints only its URL."""
    service = LocalService("--key-from-stdin", first_line="of-this-run", **voiceless)
    shown = Path(f"/proc/{service.process.pid}/cmdline").read_bytes()
    environment = Path(f"/proc/{service.process.pid}/environ").read_bytes()
    codes = [service.talk(FINISH, key=key).close_code for key in ("of-this-run", "local")]
    with pytest.raises(InvalidStatus) as by_query, service.open("cut_after=1"):
        pass
    with (
        pytest.raises(InvalidStatus) as by_header,
        service.open(additional_headers={"LMNT-Local": "cut_after=1"}),
    ):
        pass
    said = service.stop()

    assert codes == [1000, 1002]
    assert b"of-this-run" not in shown + environment
    assert [by_query.value.response.status_code, by_header.value.response.status_code] == [400, 400]
    assert said == ""


def test_a_child_of_the_client_takes_no_fault_settings() -> None:
    """A client's child accepts no fault settings on its command line."""
    reading, writing = os.pipe()
    os.write(writing, b"key\n")  # and kept open: the child would end with its parent
    ran = run("serve", "--key-from-stdin", "--faults-from-clients", stdin=reading)
    os.close(writing)
    os.close(reading)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"lmnt-local: {NO_FAULTS}\n"


def test_settings_of_clients_need_an_option(mute: LocalService) -> None:
    """Without the option, settings are refused with 400, naming it: no rehearsal succeeds by accident."""
    refused = []
    for query, headers in (
        ("cut_after=1", {}),
        ("cut_aftr=1", {}),
        ("", {"LMNT-Local": "cut_after=1"}),
        ("", {"lmnt-local": ""}),
    ):
        with pytest.raises(InvalidStatus) as each, mute.open(query, additional_headers=headers):
            pass
        refused.append(each.value.response)

    assert mute.talk(FINISH).close_code == 1000
    assert [each.status_code for each in refused] == [400] * 4
    assert all("--faults-from-clients" in json.loads(each.body)["detail"] for each in refused)
