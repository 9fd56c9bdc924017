"""The command line of `lmnt-local`: `lmnt_cli.local.cli`, in the real program."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from lmnt_cli.local import cli
from tests.tools.local_service import FINISH, LIMIT, PROGRAM, LocalService


NO_FAULTS = "fault settings cannot be used with --key-from-stdin"


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False, **options
    )


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
