"""Slow ends and dead connections: a pause loses nothing, and a loss is noticed (contract, 2, 4 and 5).

The service's limit for a pong is half a second here, and the reader pauses for six: the same ratio as twenty
seconds, the limit of most servers, to four minutes. A longer test would show nothing new: only the limit and
the buffer can run out, and the buffer is tested elsewhere.
"""

from __future__ import annotations

import os
import signal
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable

import anyio
import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.conversation import Conversation
from lmnt_cli.core.figures.snapshot import State
from lmnt_cli.core.session.messages import Audio, FlushComplete, Ready
from lmnt_cli.core.session.recovery import AwaitText
from lmnt_cli.core.session.requests import ClientMessage, Flush, Init, Text
from lmnt_cli.core.session.session import Limits
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import ConnectionLost
from lmnt_cli.io.audio.descriptor import OpenDescriptor
from lmnt_cli.io.audio.writer import AudioWriter
from tests.doubles.behaviours import Behaviour
from tests.doubles.fake_service import FakeService
from tests.doubles.hostile_service import (
    BINARY,
    PING,
    PONG,
    HostileService,
    Line,
    frame,
    speak,
)
from tests.doubles.proxies import Relay
from tests.tools.costs import MIB, TEXT, Measured
from tests.tools.wire import message_of, wire


TITLE = "slow ends and dead lines"  # for the table of costs
SMALL = 75 * MIB
PING_LIMIT = 0.5
PINGS = 60
PLENTY = 12_000_000
ONE_UTTERANCE = TEXT.replace(b"\n\n", b" ")


class Strict:
    """Sends much audio, pings ten times a second, and drops a client that does not answer in time."""

    def __init__(self) -> None:
        self.slowest = 0.0
        self.done = threading.Event()

    def __call__(self, line: Line) -> None:
        try:
            self._speak(line)
        finally:
            self.done.set()
        line.stay()

    def _speak(self, line: Line) -> None:
        line.read_all()
        for _ in range(PLENTY // 100_000):
            line.send(frame(BINARY, bytes(100_000)))
        for number in range(PINGS):
            began = time.monotonic()
            line.send(frame(PING, struct.pack(">I", number)))
            line.wait_for(PONG, limit=PING_LIMIT)
            self.slowest = max(self.slowest, time.monotonic() - began)
            line.ending.wait(0.1)
        line.send(frame(BINARY, line.texts.encode()))
        line.conclude()


def test_a_reader_that_pauses(measured: Measured) -> None:
    """A reader that pauses far beyond the service's ping limit loses neither the session nor a byte."""
    strict = Strict()
    with HostileService(strict) as service:
        running = measured.start("--base-url", service.url, paused=True)
        running.feed(ONE_UTTERANCE)

        assert strict.done.wait(30)
        running.resume()

        outcome = measured.end("the reader pauses 6 s, ping limit 0.5 s", running, limit=20)

        assert (outcome.result.status, outcome.result.stderr) == (0, "")
        assert (outcome.lost, outcome.twice) == (0, 0)
        assert len(outcome.result.stdout) == PLENTY + len(ONE_UTTERANCE)
        assert outcome.peak < SMALL + PLENTY
        assert service.accepted == 1
        assert strict.slowest < PING_LIMIT


def conversation() -> Conversation:
    """A conversation that is ready at second 0."""
    talk = Conversation(
        Init("key", "lily", "pcm_s16le", 8000),
        FlushRule.BLANK_LINE,
        Limits(connect=10.0, silence=30.0, retries=3),
        AudioFormat.PCM_S16LE,
        service="127.0.0.1",
    )
    talk.begin(0.0)
    assert isinstance(message_of(talk.next_message(0.0, 0) or ""), Init)
    talk.receive(wire(Ready("req_1")), 0.0)
    return talk


HOUR = 3600


def next_of(talk: Conversation) -> ClientMessage:
    """Return what it sends after an hour."""
    return message_of(talk.next_message(HOUR, 0) or "")


def test_a_writer_that_is_silent_for_an_hour() -> None:
    """An hour of silence is no error while pings are answered; then text is sent at once."""
    talk = conversation()
    for second in range(HOUR):
        talk.check(float(second))
        if second % 20 == 0:
            talk.ping_sent(float(second))
            talk.pong_received()

    assert (talk.snapshot(HOUR).state, talk.snapshot(HOUR).seconds) == (State.WAITING, HOUR)
    talk.read(b"At last.\n\n", HOUR)
    assert next_of(talk) == Text("At last.\n\n")
    assert isinstance(next_of(talk), Flush)
    talk.receive(wire(Audio(bytes(2))), HOUR + 1.0)
    talk.receive(wire(FlushComplete(1)), HOUR + 1.0)
    talk.check(HOUR + 1.0)
    assert talk.nothing_owed


def test_a_service_that_is_gone_for_an_hour() -> None:
    """If pings are not answered meanwhile, the loss costs nothing: the next text gets a session."""
    talk = conversation()
    talk.ping_sent(20.0)
    for second in range(49):
        talk.check(float(second))

    with pytest.raises(ConnectionLost, match="ping") as lost:
        talk.check(50.0)

    assert talk.recover(lost.value, 0.5, 50.0) == AwaitText()
    assert talk.awaits_text
    talk.read(b"At last.\n\n", HOUR)
    assert not talk.awaits_text
    talk.begin(HOUR)
    assert isinstance(next_of(talk), Init)
    assert next_of(talk) == Text("At last.\n\n")


def test_a_line_that_dies(measured: Measured, service: FakeService) -> None:
    """A connection on which nothing arrives, not even its end, is lost; the speech resumes on another."""
    service.does(Behaviour(waits={"audio"}))
    with Relay(service.port) as line:
        running = measured.start("--timeout", "0.5", "--base-url", f"http://127.0.0.1:{line.port}")
        running.feed(TEXT)
        service.let("audio")
        running.read(100)
        line.go_dead()
        for _ in range(9):
            service.let("audio")

        outcome = measured.end("half-open TCP in the middle", running)

        assert (outcome.result.status, outcome.lost) == (0, 0)
        assert len(outcome.result.lines) == 1
        assert line.accepted == 2
        assert outcome.peak < SMALL


def test_a_line_that_dies_while_idle(measured: Measured, service: FakeService) -> None:
    """If it dies while no text arrives, the next text notices, and no word is lost or repeated."""
    with Relay(service.port) as line:
        running = measured.start("--timeout", "0.5", "--base-url", f"http://127.0.0.1:{line.port}")
        first, rest = TEXT.split(b"\n\n", 1)
        running.type(first + b"\n\n")
        running.read(len(first))
        line.wait_for_answer(b"flush_complete")
        line.go_dead()
        running.type(rest)
        running.end_input()

        outcome = measured.end("half-open TCP while idle", running)

        assert (outcome.result.status, outcome.lost, outcome.twice) == (0, 0, 0)
        assert outcome.result.stdout == TEXT
        assert line.accepted == 2


def test_a_line_that_dies_for_good(measured: Measured, service: FakeService) -> None:
    """If no other session is allowed it is exit 6, in time; unspoken text is saved."""
    service.does(Behaviour(waits={"audio"}))
    with Relay(service.port) as line:
        args = ("--timeout", "0.5", "--on-drop", "fail", "--base-url", f"http://127.0.0.1:{line.port}")
        running = measured.start(*args)
        running.feed(TEXT)
        service.let("audio")
        running.read(100)
        line.go_dead()

        outcome = measured.end("half-open TCP, no other session allowed", running, limit=5)

        assert (outcome.result.status, outcome.is_one_message) == (6, True)
        assert (outcome.lost, outcome.twice) == (0, 0)


def test_a_service_that_is_slow(measured: Measured) -> None:
    """A service that is slow, but never as slow as the limit, is not cut off."""

    def script(line: Line) -> None:
        line.read_until("flush")
        for byte in line.texts.encode()[:12]:
            line.ending.wait(0.1)
            line.send(frame(BINARY, bytes([byte])))
        line.send(frame(BINARY, line.texts.encode()[12:]))
        line.conclude()

    with HostileService(script) as service:
        args = ("--timeout", "0.6", "--base-url", service.url)
        outcome = measured.run("a byte every 0.1 s", *args, text=b"word000 word001.\n\n")

        assert (outcome.result.status, outcome.lost, outcome.twice) == (0, 0, 0)
        assert service.accepted == 1


def takes_nothing(line: Line) -> None:
    """Leave what arrives unread, and reset the connection once it is a lot."""
    line.wait_unread(100_000)
    line.reset()


def test_a_service_that_takes_nothing(measured: Measured) -> None:
    """Text that backs up because a service does not read is all sent to the next one."""
    text = b"\n\n".join(b"".join(b"word%06d " % (100 * p + w) for w in range(100)) for p in range(300))
    with HostileService(takes_nothing, speak) as service:
        running = measured.start("--base-url", service.url)
        running.feed(text)

        outcome = measured.end("takes no text, then resets", running, text=b"")

        assert outcome.result.status == 0
        assert outcome.result.stdout == text
        assert outcome.peak < SMALL
        assert service.accepted == 2


def test_audio_that_waits(measured: Measured) -> None:
    """While the reader pauses, no more audio is read than the buffer holds, as memory shows."""
    stuck = threading.Event()

    def script(line: Line) -> None:
        line.read_all()
        try:
            line.send_until_stuck(frame(BINARY, bytes(1 << 16)), limit=0.5)
        finally:
            stuck.set()
            line.stay()

    with HostileService(script) as service:
        running = measured.start("--retry", "0", "--base-url", service.url, paused=True)
        running.feed(b"Go.")
        assert stuck.wait(30)

        running.leave()
        outcome = measured.end("audio without end, nobody reads", running, text=b"", limit=5)

    assert outcome.result.status == -signal.SIGPIPE
    assert outcome.peak < SMALL + 64 * MIB


def grown(work: Callable[[], None]) -> int:
    """Return by how many bytes memory has grown meanwhile."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_audio_in_splinters() -> None:
    """Waiting audio costs its own size, however small the messages were."""
    reading, writing = os.pipe()

    async def wait() -> None:
        writer = AudioWriter(OpenDescriptor(writing, "standard output"))

        def work() -> None:
            for number in range(10_000):
                writer.put(bytes([number & 255, 1]))

        cost = grown(work)
        os.close(reading)
        os.close(writing)

        assert cost < MIB // 9

    anyio.run(wait)


def test_text_whose_audio_waits() -> None:
    """Confirmed text kept until its audio is written is bounded too; beyond that it is dropped."""
    talk = conversation()

    def work() -> None:
        for number in range(500):
            talk.read(f"{number:04000}\n\n".encode(), 1.0)
            while (text := talk.next_message(1.0, MIB)) is not None:
                message = message_of(text)
                if isinstance(message, Flush):
                    talk.receive(wire(Audio(bytes(2))), 1.0)
                    talk.receive(wire(FlushComplete(message.nonce)), 1.0)

    assert grown(work) < 7 * MIB // 4
    assert talk.nothing_owed
