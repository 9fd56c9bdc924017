"""Programs, logs and the clipboard, read aloud as they come (README, Recipes)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.limits import LIMIT
from tests.tools.program import Running
from tests.tools.recipes import Desk, command, recipe


(STREAMS,) = recipe("Programs, logs, the clipboard.")


def test_a_program_that_holds_its_lines_back(
    desk: Desk, service: FakeService, needs: Callable[[str], str]
) -> None:
    """Each of its lines is spoken at once; left to itself, `cut` prints them all at its end."""
    needs("stdbuf")
    heard = desk.player()
    oven = desk.gate("oven")
    desk.write("watch-the-oven", "exec cut -c 1- oven").chmod(0o755)
    running = desk.start(command(STREAMS, "stdbuf "))

    with oven.open("w", buffering=1) as line:
        line.write("It is warm.\n")
        service.session().wait_text("It is warm.\n")
        service.session().wait_flushes(1)
        line.write("It is hot.\n")
        service.session().wait_flushes(2)

    assert running.wait().status == 0
    assert heard.read_text() == "It is warm.\nIt is hot.\n"


def test_a_log_that_grows(desk: Desk, service: FakeService) -> None:
    """A line is spoken as soon as it is there, an old one is not; a new log is read from its start."""
    heard = desk.player()
    log = desk.write("events.log", "Old news.\n")
    running = desk.start("set -o pipefail\n" + command(STREAMS, "tail "))
    tail = reader_of(running, log, log.stat().st_size)
    with log.open("a") as lines:
        lines.write("The door is open.\n")
    service.session().wait_text("The door is open.\n")

    log.rename(log.with_suffix(".1"))
    desk.write("events.log", "The door is shut.\n")
    service.session().wait_flushes(2)
    os.kill(tail, 15)

    assert running.wait().status == 128 + 15
    assert heard.read_text() == "The door is open.\nThe door is shut.\n"


def reader_of(running: Running, file: Path, position: int) -> int:
    """Return the process that has read a file up to this position, once there is one."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError, ProcessLookupError):  # the shell's own copies of itself end
            for pid, descriptor in descriptors(running, file):
                info = Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text().split()
                if int(info[info.index("pos:") + 1]) == position:
                    return pid
        threading.Event().wait(0.005)  # nothing tells when a program has read a file, so it is asked
    raise AssertionError(f"nobody reads {file}")


def descriptors(running: Running, file: Path) -> Iterator[tuple[int, str]]:
    """The processes of a pipeline that have a file open, with its descriptor there."""
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    for pid in map(int, children):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            if descriptor.exists() and descriptor.samefile(file):
                yield pid, descriptor.name


@pytest.mark.parametrize(
    ("reader", "printed"), [("xclip", "It's 'x'."), ("wl-paste", "Ü\n"), ("pbpaste", "a\r\nb")]
)
def test_the_clipboard(desk: Desk, service: FakeService, reader: str, printed: str) -> None:
    """What was copied is spoken, with or without a line feed at its end."""
    heard = desk.player()
    desk.program(reader, f"cat '{desk.write('copied', printed)}'")

    assert desk.paste("set -o pipefail\n" + command(STREAMS, reader)).status == 0
    assert heard.read_text().split() == printed.split()
