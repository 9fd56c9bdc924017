"""Signals are recorded once there is something to keep, and take effect within a second (contract, 7)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lmnt_cli.run.signals import ENDING, not_ignored


PRELUDE = """
import os, signal, sys, time
from lmnt_cli.run.signals import Signals
signals = Signals()

def say(words):
    os.write(1, (words + "\\n").encode())

def wait():
    end = time.monotonic() + 20
    while time.monotonic() < end:
        time.sleep(0.01)

def watch(obey):
    async def main():
        say("up")
        while True:
            obey(await signals.wait())
    import anyio
    anyio.run(main)
"""


@contextmanager
def program(script: str, *under: str, **options: bool) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program that handles its signals, reports that it is ready, and runs this script."""
    command = [*under, sys.executable, "-c", PRELUDE + script]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, **options
    ) as process:  # type: ignore[call-overload]  # options are start_new_session
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            process.kill()


def end(process: subprocess.Popen[bytes]) -> tuple[int, list[bytes]]:
    """Return how it ended, and what it printed; never a traceback."""
    out, err = process.communicate(timeout=10)
    assert err == b""
    return process.returncode, out.split()


STATES = {
    "starting": 'say("up"); wait()',
    "holding": 'signals.hold(); say("up"); wait()',
    "watching": """
def obey(number):
    signals.end_by(number)
    signals.run_over()
    from lmnt_cli.run.exit import leave
    leave(-signals.killed)
signals.hold()
watch(obey)
""",
    "ending": 'signals.hold(); signals.run_over(); say("up"); wait()',
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("state", STATES)
def test_dies_of_it_within_a_second(state: str, number: signal.Signals) -> None:
    """In any state, and however busy the program is, one signal ends it in time."""
    with program(STATES[state]) as process:
        started = time.monotonic()
        process.send_signal(number)

        assert end(process) == (-number, [])
        assert time.monotonic() - started < 1


@pytest.mark.parametrize("state", STATES)
def test_usr2_never_kills(state: str) -> None:
    """SIGUSR2 never kills, in any state."""
    with program(STATES[state].replace("signals.end_by(number)", "os._exit(7)")) as process:
        process.send_signal(signal.SIGUSR2)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.3)

        assert process.returncode in (None, 7)


@pytest.mark.parametrize("state", ["holding", "ending"])
def test_what_can_be_kept_is_kept(state: str) -> None:
    """At the time limit, or at the second signal, the run is abandoned first, even if that fails."""
    script = 'signals.on_abandon(lambda: (say("kept"), 1 / 0)); ' + STATES[state]
    with program(script) as process:
        process.send_signal(signal.SIGTERM)

        assert end(process) == (-signal.SIGTERM, [b"kept"])


def test_the_second_leaves_at_once() -> None:
    """A second signal ends the process at once, with the first signal."""
    script = "signals.end_by(signal.SIGTERM); signals._LIMIT = 20; " + STATES["ending"]
    with program(script) as process:
        started = time.monotonic()
        process.send_signal(signal.SIGINT)

        assert end(process) == (-signal.SIGTERM, [])
        assert time.monotonic() - started < 0.5


def test_noted_before_anybody_looks() -> None:
    """Signals from before the run waits for them are not lost, and keep their order."""
    script = """
signals.hold()
os.kill(os.getpid(), signal.SIGUSR2)
os.kill(os.getpid(), signal.SIGCONT)
watch(lambda number: say(number.name) if number.name != "SIGCONT" else (say(number.name), os._exit(0)))
"""
    with program(script) as process:
        assert end(process) == (0, [b"SIGUSR2", b"SIGCONT"])


def test_one_that_ends_nothing_stops_the_clock() -> None:
    """An interrupt that only dropped the speech kills nothing later."""
    script = """
def obey(number):
    signals.forgive()
    say(number.name)
signals.hold()
watch(obey)
"""
    with program(script) as process:
        assert process.stdout is not None
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == b"SIGINT\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.0)


STOPS = """
signals.hold()
say("up")
signals.stop_process()
say("on")
os._exit(0)
"""


def test_stopped_and_continued() -> None:
    """Stopping ourselves lasts until we are continued."""
    with program(STOPS) as process:
        assert os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        os.kill(process.pid, signal.SIGCONT)

        assert end(process) == (0, [b"on"])


def test_a_stop_that_the_kernel_ignores() -> None:
    """If nothing could continue us, the kernel does not stop us, and we resume at once."""
    with program(STOPS, start_new_session=True) as process:
        assert end(process) == (0, [b"on"])


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "USR2"])
def test_ignored_at_start_stays_ignored(name: str) -> None:
    """A signal ignored because of nohup or a shell stays ignored to the end."""
    script = f"""
signals.hold()
say("up")
os.kill(os.getpid(), signal.SIG{name})
assert signal.getsignal(signal.SIG{name}) is signal.SIG_IGN
signals.run_over()
os._exit(3)
"""
    with program(script, "sh", "-c", f'trap "" {name}; exec "$@"', "sh") as process:
        assert end(process) == (3, [])


def test_not_ignored() -> None:
    """Signals that this system lacks are left out."""
    assert not_ignored("SIGNOWHERE", "SIGUSR1") == [signal.SIGUSR1]
    assert set(not_ignored(*ENDING)) <= {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
