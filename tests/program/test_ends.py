"""Odd and broken inputs, outputs and file systems (contract, 3, 4, 7).

The table of all faults is printed at the end: exit status, words lost and heard twice, memory and time.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.doubles.behaviours import Behaviour
from tests.doubles.fake_service import FakeService
from tests.tools.costs import MIB, TEXT, WORDS, Measured, Outcome
from tests.tools.program import NULL
from tests.tools.terminal import Terminal


TITLE = "odd and broken ends"  # for the table of costs
SMALL = 75 * MIB
FILLER = 300_000


def told(outcome: Outcome, status: int) -> bool:
    """Check for this exit status and one message, within limits."""
    return outcome.result.status == status and outcome.is_one_message and outcome.peak < SMALL


def sh(command: str) -> tuple[str, ...]:
    """Start the program from a shell that has run this first."""
    return ("sh", "-c", f'{command}; exec "$@"', "sh")


INPUTS = {
    "standard input is for writing only": ("exec 0>written", 2),
    "standard input is an empty file": (": >empty; exec <empty", 9),
}


@pytest.mark.parametrize("fault", INPUTS)
def test_no_text(measured: Measured, service: FakeService, fault: str) -> None:
    """Unreadable input is exit 2, input without a word is exit 9, and neither leaves a file.

    /dev/null ends at once too: tests/io/test_source.py::test_null_device.
    """
    command, status = INPUTS[fault]

    outcome = measured.end(fault, measured.start("-o", "story.mp3", under=sh(command)), text=b"")

    assert told(outcome, status)
    assert not list(measured.say.directory.glob("story*"))


def test_a_read_that_fails(measured: Measured) -> None:
    """A file whose reads fail is exit 2, with its name and the reason."""
    running = measured.start("-f", "/proc/self/mem", stdin=NULL)

    outcome = measured.end("a file that cannot be read from", running, text=b"")

    assert told(outcome, 2)
    assert "/proc/self/mem" in outcome.result.stderr


@pytest.fixture
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a TCP connection; closing the first one resets it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs = listener.accept()[0]
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with ours, theirs:
        yield ours, theirs


def test_a_socket_that_is_reset(measured: Measured, connected: tuple[socket.socket, socket.socket]) -> None:
    """A connection reset is not the end of the text: exit 2, however much was spoken."""
    ours, theirs = connected
    running = measured.start(stdin=theirs.fileno())
    ours.sendall(b"word000 word001.\n\nword002 ")
    running.read(17)
    ours.close()

    outcome = measured.end("standard input is reset", running, text=b"")

    assert told(outcome, 2)


def test_our_terminal_that_hangs_up(terminal: Terminal, service: FakeService) -> None:
    """If our own terminal hangs up, the program is killed by SIGHUP.

    Another one that it reads hangs up in tests/io/test_source.py::test_terminal_that_hangs_up.
    """
    running = terminal.start(stdin=None, stderr=None)
    terminal.type(b"word000\n")
    service.session().wait_flushes(1)

    terminal.hang_up()

    assert terminal.end(running, limit=5).status == -signal.SIGHUP


OUTPUTS = {
    "standard output is full": "exec >/dev/full",
    "standard output is for reading only": "exec 1</dev/null",
}


@pytest.mark.parametrize("fault", OUTPUTS)
def test_no_output(measured: Measured, fault: str) -> None:
    """An output that cannot be written is exit 7, and no word that was read is lost."""
    if "/dev/full" in OUTPUTS[fault] and not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    running = measured.start(under=sh(OUTPUTS[fault]))
    running.feed(TEXT)

    outcome = measured.end(fault, running, text=TEXT)

    assert told(outcome, 7)
    assert not outcome.lost


def test_a_reader_that_resets(measured: Measured, connected: tuple[socket.socket, socket.socket]) -> None:
    """A reader that resets its socket has left: killed by SIGPIPE, silently."""
    ours, theirs = connected
    running = measured.start(stdout=theirs.fileno())
    running.type(b"word000 word001.\n\n")
    assert ours.recv(100)
    ours.close()

    outcome = measured.end("standard output is reset", running, text=b"")

    assert (outcome.result.status, outcome.result.stderr) == (-signal.SIGPIPE, "")


def padded(text: str) -> bytes:
    """The audio of a text: itself, padded so that three of them fill a small disk."""
    return text.encode() + bytes(FILLER) if text.strip() else b""


def every_word_once(measured: Measured, part: bytes) -> bool:
    """Check that kept audio and saved text together are the whole text, without overlap."""
    saved = re.search(r"-f (\S+)", measured.say.results[-1].stderr)
    assert saved, "the message names no file"
    whole = part + Path(saved[1]).read_bytes()
    return [whole.count(word.encode()) for word in WORDS] == [1] * len(WORDS)


def test_a_file_that_may_not_grow(measured: Measured, service: FakeService) -> None:
    """A file size limit is exit 7, not SIGXFSZ; audio and saved text are the whole."""
    service.does(Behaviour(audio=padded))
    story = measured.say.directory / "story.mp3"
    running = measured.start("--no-part", "-o", "story.mp3", under=sh("ulimit -f 800"))
    running.feed(TEXT)

    result = measured.say.end(running)
    outcome = measured.judge("a size limit met, in place", result, TEXT, story.read_bytes())

    assert told(outcome, 7)
    assert outcome.lost == 0
    assert story.name in outcome.result.stderr
    assert every_word_once(measured, story.read_bytes())


@pytest.fixture
def small_disk(measured: Measured) -> Iterator[Path]:
    """A file system of 700 kB; needs a system that allows mounts."""
    disk = measured.say.directory / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("no file system can be mounted here")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=700k", "tmpfs", disk], capture_output=True, timeout=10, check=False
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode()}")
    yield disk
    subprocess.run(["umount", disk], check=True, timeout=10)


def test_a_disk_that_fills_with_the_home_on_it(
    measured: Measured, service: FakeService, small_disk: Path
) -> None:
    """A disk that fills up is exit 7; audio and saved text together are the whole.

    If state is on the same full disk, cutting the audio makes room for the text.
    """
    service.does(Behaviour(audio=padded))
    running = measured.start("-o", "disk/story.mp3", env={"XDG_STATE_HOME": str(small_disk / "state")})
    running.feed(TEXT)

    result = measured.say.end(running)
    part = (small_disk / "story.mp3.part").read_bytes()
    saved = b"".join(path.read_bytes() for path in small_disk.glob("state/*/*"))
    outcome = measured.judge("a disk full, the home on it", result, TEXT, part + saved)

    assert told(outcome, 7)
    assert "No space left" in outcome.result.stderr
    assert (outcome.lost, outcome.twice) == (0, 0)
    assert every_word_once(measured, part)


def replace(part: Path) -> None:
    part.unlink()
    part.write_bytes(b"somebody else's")


def block_target(part: Path) -> None:
    (part.with_suffix("") / "in the way").mkdir(parents=True)


MISCHIEF: dict[str, Callable[[Path], None]] = {
    "the .part is replaced": replace,
    "FILE becomes a directory": block_target,
}


@pytest.mark.parametrize("fault", MISCHIEF)
def test_mischief(measured: Measured, service: FakeService, fault: str) -> None:
    """Interference with the .part is exit 7 and one message; files of others are left alone."""
    service.does(Behaviour(waits={"flush_complete"}))
    directory = measured.say.directory / "stories"
    directory.mkdir()
    part = directory / "story.mp3.part"
    running = measured.start("-o", "stories/story.mp3")
    running.feed(TEXT)
    service.let("flush_complete", TEXT.count(b"\n\n"))  # for every utterance except the last
    service.session().wait_audio(len(TEXT))
    MISCHIEF[fault](part)
    service.let("flush_complete")

    result = measured.say.end(running)
    outcome = measured.judge(fault, result, b"", part.read_bytes() if part.exists() else b"")

    assert told(outcome, 7)
    if fault == "the .part is replaced":
        assert part.read_bytes() == b"somebody else's"
    if fault == "FILE becomes a directory":
        assert part.read_bytes() == TEXT


def test_nowhere_to_save(measured: Measured, service: FakeService) -> None:
    """If text cannot be saved the failure is still reported, and nothing claims that it was saved."""
    service.does("drops the line mid-word")
    place = measured.say.directory / "file"
    place.touch()
    running = measured.start("--on-drop", "fail", env={"XDG_STATE_HOME": str(place)})
    running.feed(TEXT)

    outcome = measured.end("a drop, and the state directory is a file", running, text=b"")

    assert told(outcome, 6)
    assert "lmnt-say -f" not in outcome.result.stderr
