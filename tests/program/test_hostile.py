"""A hostile or broken service: the right exit status, one line, bounded memory and time.

The table of all faults is printed at the end: exit status, words lost and heard twice, memory and time.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from tests.doubles.hostile_service import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    TEXT,
    HostileService,
    Line,
    Script,
    frame,
    speak,
)
from tests.doubles.listener import Listener
from tests.tools.costs import MIB, WORDS, Measured, Outcome
from tests.tools.program import NULL, Say


TITLE = "a hostile service"  # for the table of costs
# Without a fault the program takes about 30 MiB, plus what the library reads at once.
SMALL = 75 * MIB
USUAL = 45 * MIB
# For the largest accepted message while it is assembled.
A_MESSAGE = 40 * MIB


def then_stay(*frames: bytes) -> Script:
    """Send these when the first utterance is to be spoken, then keep reading."""

    def script(line: Line) -> None:
        line.read_until("flush")
        line.send(*frames)
        line.stay()

    return script


def is_refused(outcome: Outcome) -> bool:
    """Check for exit 8, in two lines of limited length."""
    return outcome.result.status == 8 and outcome.is_one_message and len(outcome.result.stderr) < 5000


def test_the_measure(measured: Measured) -> None:
    """A service that follows the rules, for comparison: nothing lost, nothing twice."""
    with HostileService(speak) as service:
        outcome = measured.run("none: it speaks as it should", "--base-url", service.url)

    assert (outcome.result.status, outcome.lost, outcome.twice) == (0, 0, 0)
    assert outcome.peak < SMALL


# What could take memory or time. Violations of RFC 6455 are tested one by one in tests/io/test_websocket.py,
# messages that are not in the protocol in tests/core/session/test_messages.py.
NONSENSE: dict[str, Callable[[], list[bytes]]] = {
    "20 MB in fragments": lambda: (
        [frame(BINARY, bytes(1_000_000), fin=False)] + [frame(CONT, bytes(1_000_000), fin=False)] * 20
    ),
    "200,000 fragments of nothing": lambda: [frame(BINARY, fin=False), *[frame(CONT, fin=False)] * 200_000],
    "15 MB of empty objects": lambda: [frame(TEXT, b'{"type": "x", "y": [' + b"{}," * 5_000_000 + b"{}]}")],
}


@pytest.mark.parametrize("fault", NONSENSE)
def test_nonsense(measured: Measured, fault: str) -> None:
    """An invalid message is exit 8 at once, though input and connection stay open; no word is lost."""
    with HostileService(then_stay(*NONSENSE[fault]())) as service:
        running = measured.start("--base-url", service.url)
        running.type(b"word000 word001.\n\n")

        outcome = measured.end(fault, running, text=b"word000 word001", limit=3)

        assert is_refused(outcome)
        assert outcome.lost == 0
        assert outcome.peak < SMALL + (A_MESSAGE if "MB" in fault else 0)
        assert service.accepted == 1


def test_handshakes(measured: Measured) -> None:
    """A handshake with unrequested features is refused each time before the key is sent, in one line."""
    headers = (
        b"Sec-WebSocket-Extensions: permessage-deflate\r\n",
        b"X-Many: 1\r\n" * 100_000,
        b"X-Long: " + b"x" * 1_000_000 + b"\r\n",
    )
    with HostileService(speak, headers=headers) as service:
        args = ("--retry", "2", "--base-url", service.url)
        outcome = measured.run(
            "compression not offered, then headers without end", *args, text=b"Hi", limit=6
        )

        assert outcome.result.status in (5, 8)
        assert outcome.is_one_message
        assert len(outcome.result.stderr) < 1000
        assert service.accepted == 3
        assert [line.said for line in service.lines] in ([], [[]] * 3)
        assert outcome.peak < SMALL


class Answers(Listener):
    """Answers the n-th upgrade with the n-th of these, and keeps the connection."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__()
        self._answers = answers

    def serve(self, connection: socket.socket) -> None:
        answer = self._answers[self.accepted - 1]
        connection.recv(65536)
        connection.sendall(answer)
        self.ending.wait()


def test_answers_to_the_upgrade(measured: Measured) -> None:
    """An answer that is not a WebSocket is one line, at once, though the connection stays open."""
    reason = "a reason with controls \x1b[31m\x9b".encode("latin-1")
    page = b"HTTP/1.1 400 " + reason + b"\r\nContent-Length: 20000000\r\n\r\n" + bytes(20_000_000)
    with Answers(b"SSH-2.0-OpenSSH_9.7\r\n", page) as service:
        args = ("--retry", "1", "--base-url", f"http://127.0.0.1:{service.port}")
        outcome = measured.run("another protocol, then a page of 20 MB", *args, text=b"Hi", limit=5)

    assert outcome.result.status == 8
    assert outcome.is_one_message
    assert "400 a reason with controls" in outcome.result.stderr
    assert len(outcome.result.stderr) < 1000
    assert "\x1b" not in outcome.result.stderr
    assert outcome.peak < SMALL


def test_a_key_that_is_repeated(say: Say) -> None:
    """A key repeated by the service is in no line, whole or cut by a quotation, nor in --debug.

    One in an error message is tested in test_endings.py (test_words_of_the_service).
    """
    key = "sk-a'b\"c\\d-0123456789"

    def closes(line: Line) -> None:
        line.read_until("flush")
        line.send(frame(CLOSE, b"\x0f\xa0" + key.encode()))

    def quotes_it(line: Line) -> None:
        """Send text that is not JSON, with the key across the end of the part that is quoted."""
        line.read_until("flush")
        line.send(frame(TEXT, b" " * (57 - len(key) + 2) + key.encode() + b"!" * 20))

    with HostileService(closes, quotes_it) as service:
        args = ("--debug", "--retry", "1", "--no-save", "--base-url", service.url)
        result = say(*args, stdin=b"Words.\n\n", env={"LMNT_API_KEY": key})

    assert result.status == 8
    assert result.stderr.count("[key]") >= 3
    for spelling in (key, repr(key)[1:-1], json.dumps(key)[1:-1]):
        assert spelling[: len(spelling) // 2] not in result.stderr


def says_at_the_end(block: bytes, times: int) -> Script:
    """After the text, send this so many times without reading, then speak the text."""

    def script(line: Line) -> None:
        line.read_all()
        for _ in range(times):
            line.send(block)
        line.send(frame(BINARY, line.texts.encode()))
        line.conclude()
        line.stay()

    return script


def test_much_audio(measured: Measured) -> None:
    """Three times as much audio as the buffer holds passes through, and memory stays within its size."""
    with HostileService(says_at_the_end(frame(BINARY, bytes(1 << 18)) * 16, 48)) as service:
        running = measured.start("--base-url", service.url, stdout=NULL)
        running.feed(WORDS[0].encode())

        outcome = measured.end("192 MiB of audio", running, limit=30)

    assert outcome.result.status == 0
    assert outcome.peak < SMALL + 64 * MIB


def test_messages_of_nothing(measured: Measured) -> None:
    """Messages without audio, empty or of an unknown type, take time, not memory."""

    def script(line: Line) -> None:
        line.read_all()
        for _ in range(30):
            line.send(frame(BINARY) * 2000, frame(TEXT, b"{}") * 1000)
        line.send(frame(BINARY, line.texts.encode()))
        line.conclude()
        line.stay()

    with HostileService(script) as service:
        args = ("--base-url", service.url)
        outcome = measured.run("90,000 messages of nothing", *args, text=WORDS[0].encode(), limit=30)

    assert (outcome.result.status, outcome.lost, outcome.twice) == (0, 0, 0)
    assert outcome.peak < USUAL


def test_pings_without_end(measured: Measured) -> None:
    """Pongs that the service never reads do not fill memory: they are sent, or the connection is dropped."""
    with HostileService(says_at_the_end(frame(PING, bytes(125)) * 1000, 150)) as service:
        args = ("--retry", "0", "--base-url", service.url)
        outcome = measured.run("150,000 pings, answers not read", *args, text=WORDS[0].encode(), limit=30)

    assert outcome.result.status in (0, 6)
    assert outcome.lost == 0
    assert outcome.peak < USUAL


def says_nothing(line: Line) -> None:
    line.stay()


def drips(line: Line) -> None:
    """Begin a message and send a byte of it now and then, for ever."""
    line.read_until("flush")
    line.send(frame(BINARY, bytes(1000))[:10])
    while not line.ending.wait(0.05):
        line.send(b"x")


def leaves_mid_word(line: Line) -> None:
    line.read_until("flush")
    line.send(frame(BINARY, line.texts.split("word008")[0].encode()))
    line.hang_up()


def test_lost_each_time(measured: Measured) -> None:
    """Silence while something is owed is a lost connection after --timeout, and so is a message that drips.

    If nothing is confirmed until the last attempt, it is exit 6; what was heard before is heard again.
    """
    with HostileService(says_nothing, leaves_mid_word, drips, leaves_mid_word) as service:
        args = ("--timeout", "0.4", "--retry", "3", "--base-url", service.url)
        outcome = measured.run("says nothing, drips a message, leaves mid-word twice", *args, limit=10)

        assert (outcome.result.status, outcome.is_one_message) == (6, True)
        assert (outcome.lost, outcome.twice) == (0, 8)
        assert service.accepted == 4


class NeverReady(HostileService):
    """Does not answer the first upgrade, drips the second answer, and is silent after the third."""

    def __init__(self) -> None:
        super().__init__(says_nothing, greets=False)

    def serve(self, connection: socket.socket) -> None:
        if self.accepted > 2:
            super().serve(connection)
        drips = self.accepted == 2
        connection.sendall(b"HTTP/1.1 101 Switch" if drips else b"")
        while not self.ending.wait(0.05):
            connection.sendall(b"x" if drips else b"")


def test_never_ready(measured: Measured) -> None:
    """A service that is silent, or whose answer never ends, is exit 5 after the connect limit each time.

    The input is still open; the message says that the session was never ready.
    """
    with NeverReady() as service:
        args = ("--connect-timeout", "0.4", "--retry", "2", "--base-url", service.url)
        running = measured.start(*args)
        running.type(WORDS[0].encode())
        fault = "no handshake, one that drips, never ready"
        outcome = measured.end(fault, running, text=WORDS[0].encode(), limit=8)

        assert (outcome.result.status, outcome.is_one_message) == (5, True)
        assert "not ready within 0.4 s" in outcome.result.stderr
        assert outcome.lost == 0
        assert service.accepted == 3
        assert len(service.lines) == 1


def test_times_that_are_none(measured: Measured) -> None:
    """Impossible word times confirm nothing: the flush does. TCP that stays open after a close is no wait."""

    def said(times: str) -> bytes:
        return frame(
            TEXT, b'{"type": "timestamps", "timestamps": [{"text": "word000", %s}]}' % times.encode()
        )

    def script(line: Line) -> None:
        line.read_until("flush")
        too_large = said('"start": 1e308, "duration": 1e308')
        before_the_beginning = said('"start": -1e308, "duration": 0')
        line.send(too_large, frame(BINARY, b"word000 "), before_the_beginning, frame(BINARY, b"word001 "))
        line.conclude()
        line.stay()

    with HostileService(script) as service:
        args = ("--format", "pcm_s16le", "--base-url", service.url)
        outcome = measured.run("impossible times; TCP kept", *args, text=b"word000 word001\n\n", limit=3)

    assert (outcome.result.status, outcome.lost) == (0, 0)
