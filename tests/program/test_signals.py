"""Signals end the program within a second, whatever it is doing (contract, 7).

Elsewhere: while it waits for text, between attempts, with text backed up (test_tty.py); with a player
(test_play.py); with a stalled reader (test_output.py); what is kept of a recording (test_continue.py).
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import Signals

import pytest

from tests.doubles.behaviours import Behaviour, Fails, HangsUp, Refuses
from tests.doubles.fake_service import FakeService
from tests.tools.limits import LIMIT, wait_size, wait_until
from tests.tools.program import PIPE, Running, Say


SIGNALS = (Signals.SIGINT, Signals.SIGTERM, Signals.SIGHUP)
WITHIN_A_SECOND = 1.0
NEEDS_PROC = pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="looks at processes in /proc")


def dies_of(say: Say, running: Running, number: Signals) -> None:
    """Check that the program is killed by the signal in time, and prints nothing like a bug."""
    result = running.stop_with(number, limit=5)
    say.results.append(result)

    assert result.status == -number
    assert result.elapsed < WITHIN_A_SECOND
    assert "Traceback" not in result.stderr


def test_before_any_text(say: Say, service: FakeService, tmp_path: Path, needs: Callable[[str], str]) -> None:
    """While nobody has written to the FIFO that is read; no empty part is left."""
    subprocess.run([needs("mkfifo"), tmp_path / "text"], check=True, timeout=5)
    with (tmp_path / "text").open("r+b", buffering=0):
        running = say.start("-f", "text", "-o", "story.mp3")
        service.session()

        dies_of(say, running, Signals.SIGINT)

    assert list(tmp_path.glob("story*")) == []


def test_in_a_flood(say: Say, service: FakeService) -> None:
    """While audio arrives as fast as it can be read."""
    service.does("floods")
    running = say.start(stdout=subprocess.DEVNULL)
    running.type(b"Go.")
    service.session().wait_audio(1_000_000)

    dies_of(say, running, Signals.SIGHUP)


def test_while_the_upgrade_is_unanswered(say: Say, silent_port: socket.socket) -> None:
    """While the server has accepted the TCP connection and does not answer."""
    running = say.start("--base-url", f"http://127.0.0.1:{silent_port.getsockname()[1]}")
    with silent_port.accept()[0] as connection:
        assert connection.recv(4) == b"GET "

        dies_of(say, running, Signals.SIGTERM)


def test_while_tls_is_unanswered(say: Say, silent_port: socket.socket) -> None:
    """While the TLS handshake is never answered."""
    running = say.start("--base-url", f"https://127.0.0.1:{silent_port.getsockname()[1]}")
    with silent_port.accept()[0] as connection:
        assert connection.recv(1) == b"\x16"

        dies_of(say, running, Signals.SIGINT)


@contextmanager
def silent_resolver(directory: Path) -> Iterator[tuple[tuple[str, ...], socket.socket]]:
    """A name server that never answers, and the command that makes the program use it; needs root."""
    file = directory / "resolv.conf"
    file.write_text("nameserver 127.0.0.53\noptions timeout:30 attempts:3\n")
    command = ("unshare", "-m", "sh", "-c", f'mount --bind {file} /etc/resolv.conf && exec "$@"', "sh")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind(("127.0.0.53", 53))
            subprocess.run([*command, "true"], check=True, capture_output=True, timeout=5)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no name server can be put in the program's way here: {error}")
        server.settimeout(10)
        yield command, server


def test_while_dns_is_unanswered(say: Say, tmp_path: Path) -> None:
    """While the name is being resolved without an answer."""
    with silent_resolver(tmp_path) as (command, server):
        running = say.start("--base-url", "https://speech.example", under=command)
        assert b"speech" in server.recv(512)

        dies_of(say, running, Signals.SIGTERM)


@pytest.mark.parametrize("module", ["typer", "lmnt_cli.cli"])
def test_while_starting(say: Say, service: FakeService, module: str) -> None:
    """While the program itself is being loaded: no traceback even then."""
    running = say.start(env={"PYTHONPROFILEIMPORTTIME": "1"})
    running.read_errors(f" {module}\n")

    dies_of(say, running, Signals.SIGINT)


def ignoring(*names: str) -> tuple[str, ...]:
    """Start the program with these signals ignored, as `nohup` and `&` in a script do."""
    return ("sh", "-c", f'trap "" {" ".join(names)}; exec "$@"', "sh")


def test_ignored_at_start_stays_ignored(say: Say, service: FakeService) -> None:
    """Signals that were ignored at start do not end the program."""
    running = say.start(under=ignoring("INT", "TERM", "HUP"))
    running.type(b"One.\n\n")
    running.read(6)

    for number in SIGNALS:
        running.signal(number)
    running.type(b"Two.")
    service.session().wait_text("One.\n\nTwo.")
    running.end_input()

    result = say.end(running)
    assert (result.status, result.stdout) == (0, b"One.\n\nTwo.")


def test_a_shell_stops_its_script(say: Say, service: FakeService, needs: Callable[[str], str]) -> None:
    """Ctrl-C also ends a script that runs the program, because it ends with the signal itself."""
    running = say.start(under=(needs("bash"), "-c", '"$@"; echo after', "bash"))
    service.session()

    os.killpg(running.pid, signal.SIGINT)

    result = say.end(running, limit=5)
    assert (result.status, result.stdout) == (-signal.SIGINT, b"")


def test_reader_left_while_idle(say: Say, service: FakeService) -> None:
    """A reader that leaves is noticed even with nothing to write and the input open: killed by SIGPIPE."""
    running = say.start(paused=True)
    running.type(b"One.\n\n")
    assert running.take(6) == b"One.\n\n"

    running.leave()

    result = say.end(running, limit=5)
    assert (result.status, result.stderr) == (-signal.SIGPIPE, "")


def test_reader_left_before_the_first_sound(say: Say, service: FakeService) -> None:
    """A reader that leaves is noticed without waiting for the first text."""
    running = say.start(paused=True)
    service.session()

    running.leave()

    assert say.end(running, limit=5).status == -signal.SIGPIPE


def test_head(say: Say, service: FakeService, needs: Callable[[str], str]) -> None:
    """`| head -c 5` in a flood gets its five bytes, and the shell sees 141, at once and silently."""
    service.does("floods")
    script = '"$@" | head -c 5; echo ":${PIPESTATUS[0]}"'
    running = say.start(under=(needs("bash"), "-c", script, "bash"))
    running.type(b"Go.")

    result = say.end(running, limit=5)

    assert result.stdout == bytes(5) + b":141\n"
    assert result.stderr == ""


def test_fifo_reader_left(
    say: Say, service: FakeService, tmp_path: Path, needs: Callable[[str], str]
) -> None:
    """A reader of a FIFO that leaves ends the program too."""
    service.does("floods")
    subprocess.run([needs("mkfifo"), tmp_path / "audio"], check=True, timeout=5)
    running = say.start("-o", "audio", stdin=PIPE)
    with (tmp_path / "audio").open("rb") as reader:
        running.type(b"Go.")
        assert reader.read(5) == bytes(5)

    result = say.end(running, limit=5)
    assert result.status in (-signal.SIGPIPE, 7)


# A player that does not end when it is asked to, but reports it in a file.
STUBBORN = """sh -c 'trap ": >asked" TERM; cat >/dev/null; while :; do sleep 60; done'"""


def children(pid: int) -> list[int]:
    """Return the processes started by this one."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_gone(pids: list[int]) -> None:
    """Return when none of these processes is running."""
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), f"end of {pids}")


@NEEDS_PROC
@pytest.mark.parametrize("asked", [False, True], ids=["at the same time", "once the player is asked"])
def test_a_second_one_while_the_player_ends(
    say: Say, service: FakeService, tmp_path: Path, asked: bool
) -> None:
    """After two signals there is no traceback, a recording with sizes and subtitles, and no player left."""
    service.does(Behaviour(audio=lambda _: bytes(9001), at_once=True, waits={"close"}))
    running = say.start("-o", "story.wav", "--subtitles", "story.jsonl", "-p", "--player", STUBBORN)
    running.type(b"So far.\n\nAnd on.\n\n")
    service.session().wait_audio(18002)
    wait_size(tmp_path / "story.wav.part", 18046)
    wait_size(tmp_path / "story.jsonl.part", 1)
    pids = children(running.pid)

    running.signal(Signals.SIGINT)
    if asked:
        wait_size(tmp_path / "asked", 0)
    result = running.stop_with(Signals.SIGTERM, limit=5)
    say.results.append(result)

    # Simultaneous signals have no order.
    assert result.status in (-Signals.SIGINT, *([] if asked else [-Signals.SIGTERM]))
    assert result.elapsed < WITHIN_A_SECOND
    assert "story.wav.part, its subtitles are in story.jsonl.part" in result.stderr
    words = (tmp_path / "story.jsonl.part").read_text().splitlines()
    assert [json.loads(word)["text"] for word in words[:2]] == ["So", "far."]
    data = (tmp_path / "story.wav.part").read_bytes()
    assert int.from_bytes(data[40:44], "little") == len(data) - 44 == 18002
    wait_gone(pids)


@NEEDS_PROC
def test_while_an_error_ends_the_run(say: Say, service: FakeService, tmp_path: Path) -> None:
    """After a signal during the cleanup of a failed run, the error is still reported."""
    service.does(Fails("invalid_request_error", "No such thing.", after_audio=True))
    running = say.start("-o", "story.wav", "-p", "--player", STUBBORN)
    service.session()
    pids = children(running.pid)
    running.type(b"So far.\n\n")
    wait_size(tmp_path / "asked", 0)

    result = running.stop_with(Signals.SIGINT, limit=5)
    say.results.append(result)
    assert result.status == -Signals.SIGINT
    assert result.elapsed < WITHIN_A_SECOND
    assert "No such thing." in result.stderr
    assert "story.wav.part" in result.stderr
    wait_gone(pids)


@pytest.mark.parametrize(
    ("module", "number"),
    [
        ("lmnt_cli.run.run", Signals.SIGINT),
        ("lmnt_cli.io.audio.part_file", Signals.SIGTERM),
        ("anyio", Signals.SIGHUP),
        ("asyncio", Signals.SIGINT),
    ],
)
def test_between_the_file_and_the_loop(
    say: Say, service: FakeService, tmp_path: Path, module: str, number: Signals
) -> None:
    """While outputs are opened and the rest is loaded: no empty part is left."""
    service.does("speaks when told")
    running = say.start("-o", "story.wav", "Words.", env={"PYTHONPROFILEIMPORTTIME": "1"})
    running.read_errors(f" {module}\n")
    running.signal(number)
    result = say.end(running)

    assert result.status == -number
    assert list(tmp_path.glob("story*")) == []


def test_dropped_while_starting(say: Say, service: FakeService) -> None:
    """SIGUSR2 never kills, whatever is being loaded."""
    service.does("speaks when told")
    running = say.start("-o", "story.wav", "Words.", env={"PYTHONPROFILEIMPORTTIME": "1"})
    for module in ("typer", "lmnt_cli.cli", "lmnt_cli.io.audio.part_file", "anyio", "lmnt_cli.run.run"):
        running.read_errors(f" {module}\n")
        running.signal(Signals.SIGUSR2)
    service.let("audio", 2)

    assert say.end(running).status == 0


@NEEDS_PROC
def test_a_stop_nobody_would_continue(say: Say) -> None:
    """If the kernel ignores our stop, neither the player nor the embedded service is left stopped."""
    running = say.start("--local", "-p", "--player", "cat", new_session=True)
    running.type(b"One.\n\n")
    wait_until(lambda: len(children(running.pid)) == 2, "player and service")
    running.signal(Signals.SIGTSTP)
    running.end_input()

    assert say.end(running).status == 0


AS_PROCESS_1 = ("unshare", "--pid", "--fork", "--kill-child")


@pytest.fixture
def process_1() -> tuple[str, ...]:
    """The command to start a program as process 1 of a container: needs root."""
    try:
        subprocess.run([*AS_PROCESS_1, "true"], check=True, capture_output=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("no process can be the first of its namespace here")
    return AS_PROCESS_1


@NEEDS_PROC
@pytest.mark.parametrize(
    ("doing", "number"),
    [
        ("waiting for text", Signals.SIGINT),
        ("at a FIFO", Signals.SIGTERM),
        ("listing", Signals.SIGHUP),
    ],
)
def test_as_process_1(
    say: Say,
    service: FakeService,
    silent_port: socket.socket,
    tmp_path: Path,
    process_1: tuple[str, ...],
    doing: str,
    number: Signals,
) -> None:
    """Process 1 of a container, which a default action does not end, exits as a shell reports it."""
    os.mkfifo(tmp_path / "text")
    url = f"http://127.0.0.1:{silent_port.getsockname()[1]}"
    args = {
        "waiting for text": [],
        "at a FIFO": ["-f", "text"],
        "listing": ["--list-voices", "--base-url", url],
    }
    running = say.start(*args[doing], under=process_1, env={"PYTHONPROFILEIMPORTTIME": "1"})
    if doing == "listing":
        # The request is not answered: the connection waits in the listener's queue.
        assert select.select([silent_port], [], [], LIMIT)[0]
    elif doing == "at a FIFO":
        running.read_errors(" lmnt_cli.io.source\n")
    else:
        service.session()
    os.kill(children(running.pid)[0], number)

    assert say.end(running, limit=5).status == 128 + number


def test_dropped_while_there_is_no_session(say: Say, service: FakeService) -> None:
    """SIGUSR2 while a lost session is to be resumed gives up what was said in it, and nothing else.

    Another one, after the end of the input, drops the rest of the speech: exit 0.
    """
    service.does(HangsUp(1011), Refuses(503, Retry_After="1"), Behaviour(waits={"flush_complete", "close"}))
    running = say.start("--verbose")
    running.type(b"One.\n\n")
    service.wait_handshakes(2)
    running.signal(Signals.SIGUSR2)
    running.type(b"Two or three.")
    running.end_input()
    service.session(1).wait_audio(13)
    running.signal(Signals.SIGUSR2)

    result = say.end(running)
    assert result.status == 0
    assert "dropped 19 B" in result.stderr
    assert service.session(1).text == "Two or three."


def test_dropped_when_nothing_follows(say: Say, service: FakeService) -> None:
    """SIGUSR2 while a lost session is to be resumed, after the end of the input: exit 0, no other session."""
    service.does(HangsUp(1011), Refuses(503, Retry_After="30"))
    running = say.start("--verbose", "Words.")
    service.wait_handshakes(2)
    running.signal(Signals.SIGUSR2)

    result = say.end(running)
    assert result.status == 0
    assert "dropped 6 B" in result.stderr
    assert len(service.sessions) == 1
