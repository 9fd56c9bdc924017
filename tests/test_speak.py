"""The task group, in process with small doubles: the order in which things end (contract, 3 to 7)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.conversation import MOST_TEXT_WAITING, Conversation
from lmnt_cli.core.figures.debug_lines import debug_line
from lmnt_cli.core.figures.snapshot import State
from lmnt_cli.core.session.happenings import Happening, Lost
from lmnt_cli.core.session.messages import Broken, Closed, Incoming
from lmnt_cli.core.session.requests import Init
from lmnt_cli.core.session.session import MOST_AUDIO_WAITING, Limits
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import (
    ConnectError,
    ConnectionLost,
    ExitCode,
    NothingToSay,
    OutputError,
    ReaderLeft,
    RemoteProtocolError,
    ServiceError,
    UsageError,
)
from lmnt_cli.speak import MOST_AUDIO_HELD, Connection, Pipeline
from lmnt_cli.tasks import together
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio


class Words:
    """A source whose blocks are available at once."""

    def __init__(self, *blocks: bytes) -> None:
        self.blocks = list(blocks)
        self.reads = 0

    async def read(self) -> bytes:
        self.reads += 1
        await anyio.lowlevel.checkpoint()
        return self.blocks.pop(0) if self.blocks else b""


class SilentSource(Words):
    """A source that returns its blocks and then neither ends nor returns more."""

    async def read(self) -> bytes:
        if not self.blocks:
            self.reads += 1
            await anyio.sleep_forever()
        return await super().read()


class DeadSource:
    """A source that cannot be read."""

    async def read(self) -> bytes:
        raise UsageError("could not read it")


class EndlessSource:
    """A source that never ends."""

    def __init__(self) -> None:
        self.bytes = 0

    async def read(self) -> bytes:
        await anyio.lowlevel.checkpoint()
        self.bytes += 60_000
        return b"word " * 12_000


class Sink:
    """A writer that writes everything at once, or with `slow`, when the test says so."""

    def __init__(self, *, slow: bool = False) -> None:
        self.data = bytearray()
        self.backlog = 0
        self.failure: Exception | None = None
        self.failed = anyio.Event()
        self._slow = slow
        self._drained = anyio.Event()

    @property
    def unsettled(self) -> int:
        return self.backlog

    def put(self, chunk: bytes) -> None:
        self.data += chunk
        if self._slow:
            self.backlog += len(chunk)

    def cut(self, offset: int) -> None:
        del self.data[offset:]

    def write_all(self) -> None:
        self.backlog = 0
        self._drained.set()

    def fail(self, error: Exception) -> None:
        self.failure = error
        self.failed.set()

    async def drained(self) -> None:
        if self._slow:
            await self._drained.wait()

    async def watch(self) -> None:
        await self.failed.wait()
        assert self.failure is not None
        raise self.failure


Message = dict[str, Any]


class Line:
    """A connection to a service in this process: receives messages, answers with `answer`, keeps a record."""

    def __init__(self, answer: Callable[[Line, Message], Awaitable[None]] | None = None) -> None:
        self.sent: list[Message] = []
        self.aborted = False
        self.stuck = False
        self.pings = 0
        self.answers_pings = False
        self.came = anyio.Event()
        self._answer = answer or speaks
        self._inbox: asyncio.Queue[Incoming] = asyncio.Queue()
        self.outgoing: list[str] = []

    def say(self, message: Incoming, **fields: Any) -> None:
        """Send something to the client: a type with its fields, audio, a close, or an error."""
        if isinstance(message, str):
            message = json.dumps({"type": message, **fields})
        self._inbox.put_nowait(message)

    @property
    def text(self) -> str:
        return "".join(message["text"] for message in self.sent if message["type"] == "text")

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]

    async def wait(self, question: Callable[[], object]) -> None:
        """Return as soon as `question()` is true; it is checked whenever something happens."""
        with anyio.fail_after(LIMIT):
            while not question():
                await self.came.wait()

    @property
    def accepts(self) -> bool:
        return not self.stuck

    def send(self, text: str) -> None:
        self.outgoing.append(text)

    async def drain(self) -> None:
        if self.stuck:
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        while self.outgoing:
            message = json.loads(self.outgoing.pop(0))
            self.sent.append(message)
            self._wake()
            await self._answer(self, message)

    async def receive(self) -> Incoming:
        return await self._inbox.get()

    async def ping(self) -> None:
        self.pings += 1
        self._wake()
        if not self.answers_pings:
            await anyio.sleep_forever()

    def abort(self) -> None:
        self.aborted = True
        self._wake()

    def _wake(self) -> None:
        came, self.came = self.came, anyio.Event()
        came.set()


async def speaks(line: Line, message: Message) -> None:
    """An ideal service: the audio of a text is its UTF-8."""
    match message["type"]:
        case "init":
            line.say("ready", request_id="req_1")
        case "text":
            line.say(message["text"].encode())
        case "flush":
            line.say("flush_complete", nonce=message["nonce"])
        case "finish":
            line.say(Closed(1000))


async def listens(line: Line, message: Message) -> None:
    """A service that sends what the test says, after `ready`."""
    if message["type"] == "init":
        line.say("ready", request_id="req_1")


class Run:
    """One run with its doubles; connections are taken from `lines`, in which errors are raised."""

    def __init__(
        self, source: Any, *lines: Line | Exception, sink: Sink | None = None, **limits: Any
    ) -> None:
        self.sink = sink or Sink()
        self.lines = list(lines)
        self.happened: list[Happening] = []
        self.shown: list[float] = []
        self.connects = 0
        self.conversation = Conversation(
            Init("s3cr3t", "lily", "mp3", 24000),
            FlushRule.BLANK_LINE,
            Limits(**{"connect": 10.0, "silence": 30.0, "retries": 3, **limits}),
            AudioFormat.MP3,
            service="here",
            emit=lambda now, happening: self.happened.append(happening),
        )
        self.speaker = Pipeline(
            self.conversation,
            source,
            self._connect,
            self.sink,
            can_cut=False,
            clock=time.monotonic,
            show=self.shown.append,
        )

    async def _connect(self) -> Connection:
        await anyio.lowlevel.checkpoint()
        line = self.lines[min(self.connects, len(self.lines) - 1)]
        self.connects += 1
        if isinstance(line, Exception):
            raise line
        return line

    async def speak(self) -> None:
        """Speak to the end, within a limit."""
        with anyio.fail_after(LIMIT):
            await self.speaker.speak()


async def test_everything() -> None:
    """Text is sent in order, audio is written in order, and the service ends the session."""
    line = Line()
    run = Run(Words(b"One.\n", b"\nTw", b"o."), line)

    await run.speak()

    assert bytes(run.sink.data) == b"One.\n\nTwo."
    assert line.text == "One.\n\nTwo."
    assert [kind for kind in line.types if kind != "text"] == ["init", "flush", "flush", "finish"]
    assert line.aborted
    assert run.conversation.finished


async def test_pieces_go_out_at_once() -> None:
    """Available text is sent while more is waited for, and its audio is written."""
    line = Line()
    run = Run(SilentSource(b"One and"), line)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.speaker.speak)
        await line.wait(lambda: line.text == "One and")
        with anyio.fail_after(LIMIT):
            while not run.sink.data:
                await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()

    assert line.types == ["init", "text"]


class Observing:
    """Gives one piece before the session is ready and one after; notes what is sent when asked for more."""

    def __init__(self, line: Line) -> None:
        self.noted: list[str] = []
        self._line = line
        self._pieces = [b"One ", b"two "]

    async def read(self) -> bytes:
        self.noted.append(self._line.text + "".join(self._line.outgoing))
        if not self._pieces:
            await anyio.sleep_forever()
        if len(self._pieces) == 1:
            await self._line.wait(lambda: "text" in self._line.types)
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
        return self._pieces.pop(0)


async def test_text_goes_out_in_the_turn_in_which_it_was_read() -> None:
    """No task has to be woken for it: it is sent before the source is asked for more."""
    line = Line()
    source = Observing(line)
    run = Run(source, line)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.speaker.speak)
        await line.wait(lambda: "two" in line.text)
        tasks.cancel_scope.cancel()

    assert "two" in source.noted[2]


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_service_that_accepts_no_more(accepts: bool) -> None:
    """Then text waits here, and is not queued without bound."""
    line = Line()
    source = Observing(line)
    run = Run(source, line)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.speaker.speak)
        await line.wait(lambda: "text" in line.types)
        line.stuck = not accepts
        with anyio.fail_after(LIMIT):
            while len(source.noted) < 3:
                await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()

    assert ("two" in source.noted[2]) is accepts


@pytest.mark.parametrize("answers", [True, False])
async def test_a_silent_line_is_pinged(monkeypatch: pytest.MonkeyPatch, answers: bool) -> None:
    """While nothing is said the service is pinged; only one that does not answer within the limit is lost."""
    monkeypatch.setattr("lmnt_cli.speak._PING_EVERY", 0.25)
    line = Line()
    line.answers_pings = answers
    run = Run(SilentSource(b"One.\n\n"), line, silence=0.1)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.speaker.speak)
        await line.wait(lambda: line.pings == 3 or line.aborted)
        tasks.cancel_scope.cancel()

    assert line.pings == (3 if answers else 1)
    assert [type(happening) for happening in run.happened].count(Lost) == (0 if answers else 1)


async def test_the_last_bytes_are_written() -> None:
    """The run does not end before everything is written."""
    sink = Sink(slow=True)
    run = Run(Words(b"One."), Line(), sink=sink)
    ended = False

    async def speak() -> None:
        nonlocal ended
        await run.speak()
        ended = True

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(speak)
        with anyio.fail_after(LIMIT):
            while not run.conversation.finished:
                await anyio.lowlevel.checkpoint()
        for _ in range(20):
            await anyio.lowlevel.checkpoint()

        assert not ended
        sink.write_all()
    assert ended


async def test_input_that_cannot_be_read() -> None:
    """An unreadable input ends the run, and the connection."""
    line = Line(listens)
    run = Run(DeadSource(), line)

    with pytest.raises(UsageError):
        await run.speak()
    assert line.aborted or run.connects == 0


async def test_nothing_to_say() -> None:
    """Without a word there is no `finish`."""
    line = Line(listens)
    run = Run(Words(b" \n---\n"), line)

    with pytest.raises(NothingToSay):
        await run.speak()
    assert "finish" not in line.types


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
async def test_an_early_close(code: int) -> None:
    """A connection closed while something is owed is lost, whatever the code, unless it can resume."""

    async def closes(line: Line, message: Message) -> None:
        await listens(line, message)
        if message["type"] == "flush":
            line.say(b"half")
            line.say(Closed(code))

    line = Line(closes)
    run = Run(SilentSource(b"One.\n\nTwo."), line, resume=False)

    with pytest.raises(ConnectionLost):
        await run.speak()
    assert bytes(run.sink.data) == b"half"
    assert line.aborted


async def test_resumed() -> None:
    """A lost session is followed by another, in which unconfirmed text is spoken again."""

    async def closes(line: Line, message: Message) -> None:
        await speaks(line, message)
        if message["type"] == "flush":
            line.say(Closed(1011))

    first, second = Line(closes), Line()
    run = Run(Words(b"One.\n\nTwo."), first, second)

    await run.speak()

    assert second.text == "Two."
    assert run.conversation.finished
    assert first.aborted


async def test_an_error_message_ends_it_at_once() -> None:
    """An error of the service ends the run at once, although the input is open."""

    async def refuses(line: Line, message: Message) -> None:
        line.say("error", error={"type": "not_found_error", "message": "no such voice"}, request_id="req_2")

    line = Line(refuses)
    run = Run(SilentSource(b"One."), line)

    with pytest.raises(ServiceError, match="no such voice"):
        await run.speak()
    assert line.aborted


def greeted(*greetings: Incoming) -> Line:
    """A connection on which this arrived before anything was sent."""
    line = Line()
    for greeting in greetings:
        line._inbox.put_nowait(greeting)
    return line


async def test_before_init() -> None:
    """A message sent at once counts as if it came after `init`: errors by their type."""
    refusal = '{"type":"error","error":{"type":"rate_limit_error","message":"busy"}}'
    with pytest.raises(ServiceError, match="busy") as raised:
        await Run(SilentSource(b"One."), greeted(refusal), retries=0).speak()
    assert raised.value.code is ExitCode.QUOTA

    run = Run(Words(b"One."), greeted('{"type":"notice"}', '{"type":"weather"}'))
    await run.speak()
    assert run.conversation.finished


async def test_rubbish() -> None:
    """An invalid message is blamed on the service."""

    async def rubbish(line: Line, message: Message) -> None:
        line._inbox.put_nowait("{not json")

    with pytest.raises(RemoteProtocolError):
        await Run(SilentSource(b"One."), Line(rubbish)).speak()


async def test_the_peer_breaks_the_protocol() -> None:
    """A protocol violation is reported as such."""

    async def breaks(line: Line, message: Message) -> None:
        line.say(Broken("not UTF-8"))

    with pytest.raises(RemoteProtocolError, match="UTF-8"):
        await Run(SilentSource(b"One."), Line(breaks)).speak()


@pytest.mark.parametrize("error", [ReaderLeft(), OutputError("disk full")])
async def test_the_output_fails(error: Exception) -> None:
    """A reader that leaves, or a full disk, ends the run although everything else waits."""
    line = Line(listens)
    run = Run(SilentSource(b"One."), line)

    async def fail_later() -> None:
        async with together() as tasks:
            tasks.start_soon(run.speak)
            await line.wait(lambda: line.text == "One.")
            run.sink.fail(error)

    with pytest.raises(type(error)):
        await fail_later()
    assert line.aborted


async def test_cancelled() -> None:
    """Wherever it is cancelled, the run drops its connection and leaves nothing running."""
    line = Line(listens)
    run = Run(SilentSource(b"One."), line)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.speaker.speak)
        await line.wait(lambda: line.text == "One.")
        tasks.cancel_scope.cancel()

    assert line.aborted


async def test_cancelled_with_a_stuck_service() -> None:
    """It also does while a service does not read."""
    line = Line(listens)
    line.stuck = True
    run = Run(SilentSource(b"One."), line)

    with anyio.move_on_after(0.05) as scope:
        await run.speaker.speak()
    assert scope.cancelled_caught
    assert line.aborted


async def test_cancelled_while_connecting() -> None:
    """It also does before there is a connection."""
    run = Run(SilentSource(b"One."), ConnectError("no", retry_after=60.0))

    with anyio.move_on_after(0.05) as scope:
        await run.speaker.speak()
    assert scope.cancelled_caught


async def test_another_attempt() -> None:
    """A temporary failure to connect is followed by another attempt, without losing anything."""
    line = Line()
    soon = ConnectError("no", retry_after=0.01)
    run = Run(Words(b"One."), soon, soon, line)

    await run.speak()

    assert (run.connects, line.text) == (3, "One.")
    assert bytes(run.sink.data) == b"One."


async def test_no_further_attempt() -> None:
    """Without attempts left the error ends the run, and so does a permanent one."""
    run = Run(SilentSource(b"One."), ConnectError("no", retry_after=0.01), retries=2)
    with pytest.raises(ConnectError):
        await run.speak()

    assert run.connects == 3
    run = Run(SilentSource(b"One."), ConnectError("no", status=401, transient=False))
    with pytest.raises(ConnectError):
        await run.speak()
    assert run.connects == 1


async def test_a_slow_service_stops_the_reading() -> None:
    """While the service accepts no more, no more is read: memory is bounded."""
    source = EndlessSource()
    line = Line(listens)
    line.stuck = True
    run = Run(source, line)

    with anyio.move_on_after(0.3):
        await run.speaker.speak()
    assert source.bytes <= MOST_TEXT_WAITING + (1 << 20)


async def test_a_slow_reader_stops_the_sending() -> None:
    """While more than 8 MiB of audio waits to be written, no text is sent."""
    block = b"x" * (MOST_AUDIO_WAITING + 1)

    async def loud(line: Line, message: Message) -> None:
        await speaks(line, message)
        if message["type"] == "text":
            line.say(block)

    sink = Sink(slow=True)
    source = Words(b"One. ")
    line = Line(loud)
    run = Run(source, line, sink=sink)
    gate = anyio.Event()
    read = source.read

    async def gated() -> bytes:
        if source.reads == 1:
            await gate.wait()
        return await read()

    source.read = gated  # type: ignore[method-assign]  # the second block comes when the test says so
    source.blocks.append(b"Two.")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.speak)
        with anyio.fail_after(LIMIT):
            while sink.backlog <= MOST_AUDIO_WAITING:
                await anyio.lowlevel.checkpoint()
        gate.set()
        for _ in range(200):
            await anyio.lowlevel.checkpoint()

        assert line.text == "One. "
        sink.write_all()
        await line.wait(lambda: line.text == "One. Two.")
        sink.write_all()


async def test_audio_held_is_bounded() -> None:
    """While too much waits to be written nothing is received, and that silence is not an error."""
    sink = Sink(slow=True)
    line = Line(listens)
    run = Run(SilentSource(b"One."), line, sink=sink)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.speaker.speak)
        await line.wait(lambda: line.text == "One.")
        for _ in range(100):
            line.say(b"x" * (1 << 20))
        with anyio.fail_after(LIMIT):
            while run.conversation.snapshot(0.0).state is not State.PAUSED:
                await anyio.lowlevel.checkpoint()

        assert sink.backlog <= MOST_AUDIO_HELD + (2 << 20)
        tasks.cancel_scope.cancel()


async def test_what_happens() -> None:
    """Observers get each message, sent and received, and never the key."""
    run = Run(Words(b"One.\n\n"), Line())
    await run.speak()
    lines = [line for happening in run.happened if (line := debug_line(happening))]

    assert [line[:6] for line in lines if line[0] in "<>"][:2] == ["> init", "> text"]
    assert any(line.startswith("< audio") for line in lines)
    assert "> finish" in lines
    assert not any("s3cr3t" in repr(happening) for happening in run.happened)


async def test_the_status_listens() -> None:
    """`show` gets the time, and nothing depends on it."""
    run = Run(Words(b"One."), Line())
    await run.speak()

    assert run.shown


async def test_drop_speech() -> None:
    """A reset drops the speech in progress, but not text that was not sent yet."""
    line = Line(listens)
    run = Run(SilentSource(b"One.\n\n"), line)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.speaker.speak)
        await line.wait(lambda: "flush" in line.types)

        assert run.speaker.drop_speech()
        await line.wait(lambda: "reset" in line.types)
        assert not run.speaker.drop_speech()
        tasks.cancel_scope.cancel()


class Unreachable:
    """A service that is never reached."""

    def __init__(self) -> None:
        self.asked = anyio.Event()

    async def connect(self) -> Connection:
        self.asked.set()
        await anyio.sleep_forever()
        raise AssertionError("never reached")


async def busy(line: Line, message: Message) -> None:
    """Receive the first text, then close."""
    if message["type"] == "init":
        line.say("ready", request_id="req_1")
    elif message["type"] == "flush":
        line.say(Closed(1011))


@pytest.mark.parametrize("where", ["waiting to retry", "connecting again"])
@pytest.mark.parametrize("first", ["end", "drop"])
async def test_drop_all_while_there_is_no_session(where: str, first: str) -> None:
    """If nothing is left to speak the run ends at once, without another attempt."""
    line, source = Line(busy), SilentSource(b"One.\n\n")
    run = Run(source, line)
    unreachable = Unreachable()
    lost = anyio.Event()

    async def connect() -> Connection:
        return await (unreachable.connect() if run.connects else run._connect())

    def happens(_now: float, happening: Happening) -> None:
        if isinstance(happening, Lost):
            lost.set()

    run.conversation._listener = happens
    run.speaker._connect = connect
    with anyio.fail_after(LIMIT):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run.speaker.speak)
            await (lost if where == "waiting to retry" else unreachable.asked).wait()
            if first == "drop":
                assert run.speaker.drop_speech()
            run.conversation.end_of_text()
            if first == "end":
                assert run.speaker.drop_speech()
            else:
                run.speaker._end_if_finished()

    assert run.conversation.finished
    assert run.conversation.figures().dropped_bytes == len(b"One.\n\n")
