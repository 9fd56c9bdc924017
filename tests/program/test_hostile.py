"""A hostile or broken service: the right exit status, one line, bounded memory and time.

The table of all faults is printed at the end: exit status, words lost and heard twice, memory and time.
"""

from __future__ import annotations

import json
import socket
import zlib

import pytest

from tests.doubles.behaviours import Refuses
from tests.doubles.fake_service import FakeService
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
    message,
    speak,
)
from tests.doubles.listener import Listener
from tests.tools.costs import MIB, WORDS, Measured, Outcome
from tests.tools.program import NULL, Say


TITLE = "a hostile service"  # for the table of costs
# Without a fault the program takes about 30 MiB, plus what the library reads at once.
SMALL = 75 * MIB
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


DEEP = b"[" * 100_000 + b"]" * 100_000
DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)
BOMB = DEFLATE.compress(bytes(100_000_000)) + DEFLATE.flush(zlib.Z_SYNC_FLUSH)
TIMES = b'{"type": "timestamps", "timestamps": '
COMPLETE = b'{"type": "flush_complete", "nonce": '

# Violations of RFC 6455, and messages that are not in the protocol.
NONSENSE = {
    "text that is not UTF-8": [frame(TEXT, b'{"type": "re\xff\xfeady"}')],
    "a message of 20 MB": [frame(BINARY, bytes(20_000_000))],
    "a message announced with 2 ** 62 bytes": [b"\x82\x7f\x40" + bytes(7)],
    "20 MB in fragments": [frame(BINARY, bytes(1_000_000), fin=False)]
    + [frame(CONT, bytes(1_000_000), fin=False)] * 20,
    "200,000 fragments of nothing": [frame(BINARY, fin=False), *[frame(CONT, fin=False)] * 200_000],
    "masked frames": [frame(BINARY, b"word", masked=True)],
    "a compressed bomb that was not negotiated": [frame(BINARY, BOMB, flags=0x40)],
    "a continuation of nothing": [frame(CONT, b"word")],
    "a ping of 200 bytes": [frame(PING, bytes(200))],
    "a close with a code that may not be sent": [frame(CLOSE, b"\x03\xed")],
    "a close whose reason is not UTF-8": [frame(CLOSE, b"\x03\xe8\xff\xff")],
    "JSON of 100,000 levels": [frame(TEXT, DEEP)],
    "a message with 100,000 levels in it": [frame(TEXT, TIMES + DEEP + b"}")],
    "an integer of 1,000,000 digits": [frame(TEXT, COMPLETE + b"9" * 1_000_000 + b"}")],
    "a nonce of 4,000 digits": [frame(TEXT, COMPLETE + b"9" * 4000 + b"}")],
    "times that are no numbers": [frame(TEXT, TIMES + b'[{"text": "a", "start": {}, "duration": 1}]}')],
    "ready twice": [message("ready", request_id="req_2")],
    "a surrogate in an error": [frame(TEXT, rb'{"type": "error", "error": {"message": "\ud800 \ud800"}}')],
    "an error of 10 MB": [message("error", error={"type": "e" * 5_000_000, "message": "m" * 5_000_000})],
    "15 MB of empty objects": [frame(TEXT, b'{"type": "x", "y": [' + b"{}," * 5_000_000 + b"{}]}")],
    "rubbish of 10 MB": [frame(TEXT, b"x" * 10_000_000)],
}


@pytest.mark.parametrize("fault", NONSENSE)
def test_nonsense(measured: Measured, fault: str) -> None:
    """An invalid message is exit 8 at once, though input and connection stay open; no word is lost."""
    with HostileService(then_stay(*NONSENSE[fault])) as service:
        running = measured.start("--base-url", service.url)
        running.type(b"word000 word001.\n\n")

        outcome = measured.end(fault, running, text=b"word000 word001", limit=3)

        assert is_refused(outcome)
        assert outcome.lost == 0
        assert outcome.peak < SMALL + (A_MESSAGE if "MB" in fault else 0)
        assert service.accepted == 1


DEFLATE_CHOSEN = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
HEADERS = {
    "compression that was not offered": DEFLATE_CHOSEN,
    "an endless header": b"X-Long: " + b"x" * 1_000_000 + b"\r\n",
    "headers without end": b"X-Many: 1\r\n" * 100_000,
}


@pytest.mark.parametrize("fault", HEADERS)
def test_handshakes(measured: Measured, fault: str) -> None:
    """A handshake with unrequested features is refused before the key is sent, in one line."""
    with HostileService(speak, headers=HEADERS[fault]) as service:
        outcome = measured.run(fault, "--retry", "0", "--base-url", service.url, text=b"Hi", limit=3)

        assert outcome.result.status in (5, 8)
        assert outcome.is_one_message
        assert len(outcome.result.stderr) < 1000
        assert [line.said for line in service.lines] in ([], [[]])
        assert outcome.peak < SMALL


class Answers(Listener):
    """Answers the upgrade with these bytes and keeps the connection; `drips` adds a byte now and then."""

    def __init__(self, answer: bytes, *, drips: bool = False) -> None:
        super().__init__()
        self.drips = drips
        self._answer = answer

    def serve(self, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(self._answer)
        while not self.ending.wait(0.05) and self.drips:
            connection.sendall(b"x")
        self.ending.wait()


ANSWERS = {
    "another protocol": b"SSH-2.0-OpenSSH_9.7\r\n",
    "a wrong accept": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: bm90IHRoZSByaWdodCBvbmU=\r\n\r\n",
    "101 and nothing else": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "200 and a page": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    "400 with a page of 20 MB": b"HTTP/1.1 400 No\r\nContent-Length: 20000000\r\n\r\n" + bytes(20_000_000),
    "a reason with controls": b"HTTP/1.1 400 No \x1b[31m\x9b\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_answers_to_the_upgrade(measured: Measured, fault: str) -> None:
    """An answer that is not a WebSocket is one line, at once, though the connection stays open."""
    with Answers(ANSWERS[fault]) as service:
        url = f"http://127.0.0.1:{service.port}"
        outcome = measured.run(fault, "--retry", "0", "--base-url", url, text=b"Hi", limit=3)

    assert outcome.result.status in (5, 8)
    assert outcome.is_one_message
    assert len(outcome.result.stderr) < 1000
    assert "\x1b" not in outcome.result.stderr
    assert outcome.peak < SMALL


@pytest.mark.parametrize("key", ["sk-ATTACK-0123456789abcdef", "sk-a'b\"c\\d-0123456789"])
def test_a_key_that_is_repeated(say: Say, key: str) -> None:
    """A key repeated by the service is in no line, whole or cut by a quotation, nor in --debug."""

    def quoted(line: Line) -> None:
        """Text that is not JSON, with the key across the end of the part that is quoted."""
        line.read_until("flush")
        line.send(frame(TEXT, b" " * (57 - len(key) + 2) + key.encode() + b"!" * 20))

    def refused(line: Line) -> None:
        line.read_until("flush")
        line.send(message("error", error={"type": "authentication_error", "message": f"bad key {key}"}))

    def closed(line: Line) -> None:
        line.read_until("flush")
        line.send(frame(CLOSE, b"\x0f\xa0" + key.encode()))

    told = ""
    for script in (quoted, refused, closed):
        with HostileService(script) as service:
            args = ("--debug", "--retry", "0", "--no-save", "--base-url", service.url)
            told += say(*args, stdin=b"Words.\n\n", env={"LMNT_API_KEY": key}).stderr

    assert told.count("[key]") >= 5
    for spelling in (key, repr(key)[1:-1], json.dumps(key)[1:-1]):
        assert spelling[: len(spelling) // 2] not in told


def closes_and_stays(line: Line) -> None:
    try:
        speak(line)
    finally:
        line.stay()


def test_close_without_end(measured: Measured) -> None:
    """A service that sends close 1000 and keeps the TCP connection open is exit 0, without a wait."""
    with HostileService(closes_and_stays) as service:
        outcome = measured.run("close 1000, TCP kept open", "--base-url", service.url, limit=3)

    assert (outcome.result.status, outcome.lost, outcome.twice) == (0, 0, 0)


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


def test_a_gigabyte(measured: Measured) -> None:
    """A gigabyte of audio passes through, and memory stays within the size of the buffer."""
    with HostileService(says_at_the_end(frame(BINARY, bytes(1 << 18)) * 16, 250)) as service:
        running = measured.start("--base-url", service.url, stdout=NULL)
        running.feed(WORDS[0].encode())

        outcome = measured.end("1 GB of audio", running, limit=30)

    assert outcome.result.status == 0
    assert outcome.peak < SMALL + 64 * MIB


# A million empty audio messages, tried once, took 24 s and 59 MiB. A tenth would show growth too.
EMPTY = {
    "100,000 empty audio messages": frame(BINARY) * 1000,
    "100,000 messages of a type unknown": frame(TEXT, b"{}") * 1000,
}


@pytest.mark.parametrize("fault", EMPTY)
def test_messages_of_nothing(measured: Measured, fault: str) -> None:
    """Messages without audio take time, not memory."""
    with HostileService(says_at_the_end(EMPTY[fault], 100)) as service:
        outcome = measured.run(fault, "--base-url", service.url, text=WORDS[0].encode(), limit=30)

    assert (outcome.result.status, outcome.lost, outcome.twice) == (0, 0, 0)
    assert outcome.peak < SMALL


def test_pings_without_end(measured: Measured) -> None:
    """Pongs that the service never reads do not fill memory: they are sent, or the connection is dropped."""
    with HostileService(says_at_the_end(frame(PING, bytes(125)) * 1000, 400)) as service:
        args = ("--retry", "0", "--base-url", service.url)
        outcome = measured.run("400,000 pings, answers not read", *args, text=WORDS[0].encode(), limit=30)

    assert outcome.result.status in (0, 6)
    assert outcome.lost == 0
    assert outcome.peak < SMALL


def says_nothing(line: Line) -> None:
    line.stay()


def drips(line: Line) -> None:
    """Begin a message and send a byte of it now and then, for ever."""
    line.read_until("flush")
    line.send(frame(BINARY, bytes(1000))[:10])
    while not line.ending.wait(0.05):
        line.send(b"x")


def never_closes(line: Line) -> None:
    line.read_all()
    line.send(frame(BINARY, line.texts.encode()))
    line.send(message("flush_complete", nonce=line.said[-1]["nonce"]))
    line.stay()


SILENCES = {"says nothing after ready": says_nothing, "drips a message": drips}


@pytest.mark.parametrize("fault", SILENCES)
def test_silence(measured: Measured, fault: str) -> None:
    """Silence while something is owed is a lost connection after --timeout; after all retries, exit 6."""
    with HostileService(SILENCES[fault]) as service:
        args = ("--timeout", "0.4", "--retry", "1", "--base-url", service.url)
        outcome = measured.run(fault, *args, limit=6)

        assert (outcome.result.status, outcome.is_one_message) == (6, True)
        assert (outcome.lost, outcome.twice) == (0, 0)
        assert service.accepted == 2


def test_never_closes(measured: Measured) -> None:
    """A session that owes nothing does not wait for the close."""
    with HostileService(never_closes) as service:
        outcome = measured.run("never closes", "--base-url", service.url, text=b"word000 word001", limit=6)

        assert (outcome.result.status, outcome.result.stderr) == (0, "")
        assert (outcome.lost, outcome.twice) == (0, 0)
        assert service.accepted == 1


def test_never_ready(measured: Measured) -> None:
    """A service that accepts the connection and sends nothing is exit 5 after the connect limit."""
    with HostileService(says_nothing, greets=False) as service:
        args = ("--connect-timeout", "0.4", "--retry", "0", "--base-url", service.url)
        outcome = measured.run("never ready", *args, limit=6)

    assert (outcome.result.status, outcome.is_one_message) == (5, True)
    assert outcome.lost == 0


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "drips"])
def test_never_upgraded(measured: Measured, drips: bool) -> None:
    """A server whose answer never comes or never ends is exit 5 after the connect limit."""
    with Answers(b"HTTP/1.1 101 Switch" if drips else b"", drips=drips) as service:
        args = ("--connect-timeout", "0.4", "--retry", "0")
        outcome = measured.run(
            "a handshake that drips" if drips else "no handshake",
            *args,
            "--base-url",
            f"http://127.0.0.1:{service.port}",
            limit=6,
        )

    assert (outcome.result.status, outcome.is_one_message) == (5, True)


def test_cuts_every_session(measured: Measured) -> None:
    """A service that always leaves in the middle of an utterance is abandoned if nothing is confirmed."""

    def script(line: Line) -> None:
        line.read_until("flush")
        line.send(frame(BINARY, line.texts.split("word008")[0].encode()))
        line.hang_up()

    with HostileService(script) as service:
        outcome = measured.run("leaves mid-word each time", "--retry", "1", "--base-url", service.url)

        assert (outcome.result.status, outcome.is_one_message) == (6, True)
        assert outcome.lost == 0
        assert outcome.twice == 8
        assert service.accepted == 2


@pytest.mark.parametrize("asked", ["nan", "-5", "Mon, 01 Jan 99999999999 00:00:00 GMT", "soon"])
def test_retry_after_nonsense(say: Say, service: FakeService, asked: str) -> None:
    """An invalid delay is ignored, and retries go on as if none had been requested."""
    service.does(Refuses(429, Retry_After=asked), "speaks")

    result = say(stdin=b"Words.", limit=5)

    assert (result.status, result.stdout, result.stderr) == (0, b"Words.", "")


TIMES_THAT_ARE_NONE = {
    "not a number": '"start": NaN, "duration": NaN',
    "a duration that is not a number": '"start": 0, "duration": NaN',
    "without end": '"start": 0, "duration": Infinity',
    "too large": '"start": 1e999, "duration": 0',
    "nearly too large": '"start": 1e308, "duration": 1e308',
    "before the beginning": '"start": -1e308, "duration": 0',
}


@pytest.mark.parametrize(
    ("fault", "audio_format"),
    [(name, "pcm_s16le") for name in TIMES_THAT_ARE_NONE] + [("not a number", "mp3")],
)
def test_times_that_are_none(measured: Measured, fault: str, audio_format: str) -> None:
    """Invalid word times confirm nothing: the flush does, or the service is refused."""
    times = f'{{"type": "timestamps", "timestamps": [{{"text": "word000", {TIMES_THAT_ARE_NONE[fault]}}}]}}'

    def script(line: Line) -> None:
        line.read_until("flush")
        said = frame(TEXT, times.encode())
        line.send(said, frame(BINARY, b"word000 "), said, frame(BINARY, b"word001 "))
        line.conclude()

    with HostileService(script) as service:
        args = ("--format", audio_format, "--base-url", service.url)
        outcome = measured.run(f"times {fault}, {audio_format}", *args, text=b"word000 word001\n\n")

    assert outcome.result.status == 0 or is_refused(outcome)
    assert outcome.lost == 0
