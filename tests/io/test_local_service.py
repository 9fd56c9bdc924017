"""The embedded service is started for `--local`, and ends with us (contract, 4 and 8)."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.io.local_service import _HOME, LocalService, _environment


NEEDED = ["hibari", "av", "h11"]


@pytest.mark.parametrize("missing", NEEDED)
def test_a_missing_extra(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """A missing package is reported before anything is started, with the remedy: exit status 2."""
    monkeypatch.setitem(sys.modules, missing, None)  # how Python itself marks what cannot be imported

    with pytest.raises(UsageError) as raised:
        LocalService()
    assert raised.value.code is ExitCode.USAGE
    assert "lmnt-say[local]" in f"{raised.value.message} {raised.value.hint}"


SCRIPT = """
import os, select, sys, anyio
from lmnt_cli.io.local_service import LocalService

service = LocalService()
print(bool(select.select([service.output], [], [], 1.0)[0]), flush=True)
service.begin()

async def main():
    print(await service.url(30.0), flush=True)
    print(await service.url(30.0), flush=True)
    service.stop()
    print("stopped", flush=True)
    service.resume()
    print("continued", flush=True)
    sys.stdin.read()
    os._exit(0)

anyio.run(main)
"""


@pytest.mark.skipif(
    os.environ.get("CI") != "true" and not all(map(find_spec, NEEDED)), reason="the extra is not installed"
)
def test_it_lives_as_long_as_we_do(voiceless: dict[str, str]) -> None:
    """It waits for `begin`, reports its URL, can be stopped and continued, and ends however we end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **voiceless},
    )
    assert process.stdout is not None
    early, url, again, stopped, continued = [process.stdout.readline().strip() for _ in range(5)]

    assert early == "False"
    assert url.startswith("http://127.0.0.1:")
    assert (again, stopped, continued) == (url, "stopped", "continued")
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(b"GET /health_check HTTP/1.1\r\nHost: x\r\n\r\n")

        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        process.kill()
        process.communicate(timeout=10)
        with contextlib.suppress(ConnectionResetError):
            while connection.recv(1000):
                pass


@pytest.mark.parametrize("entry", ["", ".", "here", os.pathsep])
def test_no_module_of_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """Whatever way PYTHONPATH names the current directory, the service does not get it; the rest it does."""
    monkeypatch.chdir(tmp_path)
    here = str(tmp_path) if entry == "here" else entry
    other = str(tmp_path.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([here, other, _HOME, "/nowhere", "relative"]))

    assert _environment()["PYTHONPATH"].split(os.pathsep) == [other, _HOME, "/nowhere"]


def test_where_the_package_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory with the package is left, even if it is the current one."""
    monkeypatch.chdir(_HOME)
    monkeypatch.setenv("PYTHONPATH", _HOME)

    assert _environment()["PYTHONPATH"] == _HOME
    assert find_spec("lmnt_cli") is not None
