"""The first text is sent as soon as the connection is open, and never twice (contract, 10)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.behaviours import HangsUp, LeavesAtOnce
from tests.doubles.fake_service import FakeService
from tests.doubles.proxies import LateRelay
from tests.tools.limits import wait_until
from tests.tools.program import PIPE, Running, Say


@pytest.fixture
def late(say: Say, service: FakeService) -> Iterator[LateRelay]:
    """A slow network between the program and the double."""
    with LateRelay(service.port) as relay:
        say.environment["LMNT_BASE_URL"] = f"http://127.0.0.1:{relay.port}"
        yield relay


def wait_for_event_loop(running: Running) -> None:
    """Return when the program has an event loop, and so has read ahead, or has ended."""
    descriptors = Path(f"/proc/{running.pid}/fd")

    def has_one() -> bool:
        try:
            links = [os.readlink(each) for each in descriptors.iterdir()]
        except FileNotFoundError:
            return False  # one was closed meanwhile
        # Its own pair of sockets too: importing `selectors` opens and closes such a descriptor.
        return "anon_inode:[eventpoll]" in links and sum("socket:" in link for link in links) >= 3

    wait_until(lambda: running.process.poll() is not None or has_one(), "an event loop")


def frames(block: bytes) -> int:
    """Return how many whole short frames a block consists of (RFC 6455, 5.2; masked)."""
    count = position = 0
    while position < len(block):
        size = block[position + 1] & 0x7F
        extended = 2 if size == 126 else 0
        if extended:
            size = int.from_bytes(block[position + 2 : position + 4])
        position += 2 + extended + 4 + size
        count += 1
    assert position == len(block)
    return count


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@linux
@pytest.mark.parametrize("way", ["pipe", "file"])
def test_it_is_sent_with_the_greeting(
    say: Say, service: FakeService, late: LateRelay, tmp_path: Path, way: str
) -> None:
    """Text that is available arrives together with `init`, and what follows it after it, each once."""
    (tmp_path / "text").write_text("One.\n\nTwo, ")
    arguments = {"pipe": [], "file": ["-f", "text"]}[way]
    running = say.start(*arguments, stdin=PIPE)
    if way == "pipe":
        running.type(b"One.\n\nTwo, ")
    wait_for_event_loop(running)
    if way == "pipe":
        running.type(b"three.")
    late.go.set()
    running.end_input()
    result = say.end(running)

    text = "One.\n\nTwo, three." if way == "pipe" else "One.\n\nTwo, "
    assert (result.status, result.stdout.decode()) == (0, text)
    assert service.session().text == text
    _, greeting, *_ = late.blocks
    assert frames(greeting) >= 3  # init, a text and its flush


@linux
@pytest.mark.parametrize(
    "end", [LeavesAtOnce(None), HangsUp(None, at=1, share=0)], ids=["before ready", "after ready"]
)
def test_it_is_sent_again_in_the_next_session(
    say: Say, service: FakeService, late: LateRelay, end: LeavesAtOnce | HangsUp
) -> None:
    """A session that is lost with the greeting costs no word, and speaks none twice."""
    service.does(end, "speaks")
    running = say.start()
    running.type(b"One. Two.\n\nThree")
    wait_for_event_loop(running)
    late.go.set()
    running.type(b" four.")
    running.end_input()

    result = say.end(running)
    assert (result.status, result.stdout) == (0, b"One. Two.\n\nThree four.")
    assert service.session(1).text == "One. Two.\n\nThree four."


@linux
def test_it_is_saved(say: Say, service: FakeService, late: LateRelay, tmp_path: Path) -> None:
    """If the run fails, the text that was sent with the greeting is saved with the rest."""
    service.does(LeavesAtOnce(1011))
    running = say.start("--retry", "0")
    running.type("Grüße. Two.\n\nThree".encode())
    wait_for_event_loop(running)
    late.go.set()
    running.end_input()

    result = say.end(running)
    assert result.status in (5, 6)
    (saved,) = (tmp_path / "home").rglob("*.txt")
    assert saved.read_text() == "Grüße. Two.\n\nThree"


@linux
@pytest.mark.parametrize(
    ("arguments", "text", "status"),
    [
        (["--max-chars", "2"], b"-- and no word", 9),
        (["--max-chars", "6"], b"Words. More.", 0),
        ([], b"\n\n", 9),
    ],
    ids=["no word to send", "all there is", "nothing yet"],
)
def test_text_that_ends_at_once(
    say: Say, late: LateRelay, arguments: list[str], text: bytes, status: int
) -> None:
    """Text that has ended, or has no word, is treated as it is without a slow network."""
    running = say.start(*arguments)
    running.type(text)
    wait_for_event_loop(running)
    late.go.set()
    running.end_input()

    result = say.end(running)
    assert (result.status, result.stdout) == (status, b"" if status else b"Words.")
