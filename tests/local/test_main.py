"""How the program `lmnt-local` ends, from its parent's point of view: `__main__` and `cli`."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.local_service import LIMIT, PROGRAM, LocalService, flush, text


SENTENCE = "There are many people waiting at the station for the late train. "


def test_closed_descriptors_do_not_matter() -> None:
    """With stdout or stderr closed the service still runs."""
    command = 'exec "$0" "$@" >&- 2>&-'
    service = subprocess.Popen(
        ["sh", "-c", command, *PROGRAM, "serve", "--stop-with-stdin"], stdin=subprocess.PIPE
    )
    service.communicate(timeout=LIMIT)

    assert service.returncode == 0


def test_it_ends_when_its_stdin_does() -> None:
    """The service ends immediately, so that it never outlives its parent, not even one that was killed."""
    starter = (
        "import subprocess, sys, os, signal\n"
        f"child = subprocess.Popen({[*PROGRAM, 'serve', '--stop-with-stdin']!r},"
        " stdin=subprocess.PIPE, process_group=0)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", starter], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert killed.stdout is not None
    # The service has our pipe as its stdout, so this returns when the service has ended too.
    killed.communicate(timeout=LIMIT)

    assert killed.returncode == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(select, "poll"), reason="needs poll")
def test_it_ends_while_it_loads() -> None:
    """A parent that dies before it has sent the key leaves nothing that loads a voice for nobody."""
    command = [*PROGRAM, "serve", "--port", "0", "--stop-with-stdin", "--key-from-stdin"]
    traced = subprocess.Popen(
        [sys.executable, "-X", "importtime", *command[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert traced.stderr is not None
    assert traced.stderr.readline()
    output, imports = traced.communicate(timeout=LIMIT)

    assert (traced.returncode, output) == (0, b"")
    assert b"lmnt_cli.local.cli" not in imports


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_promptly_and_silently(number: signal.Signals, voiceless: dict[str, str]) -> None:
    """The service dies of the signal in the middle of a session, of Ctrl-C even while speaking."""
    speaks = number is signal.SIGINT
    service = LocalService("--pace", "1", **({} if speaks else voiceless))
    with service.open() as conversation:
        conversation.init()
        conversation.until("ready")
        if speaks:
            conversation.send(text(SENTENCE * 20), flush(1))
            conversation.until("audio")
        service.process.send_signal(number)
        transcript = conversation.rest()
    said = service.stop()

    assert transcript.close_code is None
    assert service.process.returncode == -number
    assert [line.split("=")[0] for line in said.splitlines()] == [
        "export LMNT_BASE_URL",
        "export LMNT_API_KEY",
    ]


def test_a_signal_ignored_at_start_stays_ignored() -> None:
    """A service started with `&` in a script does not end with the script's Ctrl-C."""
    service = subprocess.Popen(
        ["sh", "-c", 'trap "" INT; exec "$0" "$@"', *PROGRAM, "serve", "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert service.stdout is not None
    service.stdout.readline()
    service.send_signal(signal.SIGINT)
    service.communicate(timeout=LIMIT)

    assert service.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_process_1(needs: Callable[[str], str], number: signal.Signals) -> None:
    """As process 1 (`docker run`), which no default action ends, it exits with 128 + the number."""
    container = [needs("unshare"), "-rpf", "--kill-child"]
    if subprocess.run([*container, "true"], capture_output=True, check=False).returncode:
        pytest.skip("namespaces are not allowed here")
    outer = subprocess.Popen(
        [*container, *PROGRAM, "serve"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert outer.stdout is not None
    outer.stdout.readline()
    (inner,) = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()

    os.kill(int(inner), number)
    try:
        _, said = outer.communicate(timeout=LIMIT)
    finally:
        outer.kill()

    assert outer.returncode == 128 + number
    assert "Traceback" not in said
