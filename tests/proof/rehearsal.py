"""One conversation with the tape, in this process: the real speaker, connection, writer and sink.

Many are rehearsed at once in one event loop, each with its own sockets and files, so that hundreds of lost
connections, with their real waits, take only seconds.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import anyio

from lmnt_cli.core.audio.formats import NEW, AudioFormat, Start
from lmnt_cli.core.audio.wav import header_length
from lmnt_cli.core.captions.placement import Word
from lmnt_cli.core.conversation import Conversation
from lmnt_cli.core.session.happenings import Happening
from lmnt_cli.core.session.requests import Init
from lmnt_cli.core.session.session import Limits
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import OutputError, SayError
from lmnt_cli.io.audio.appending import Appending
from lmnt_cli.io.audio.sinks import Sink, open_sink
from lmnt_cli.io.audio.writer import AudioWriter
from lmnt_cli.io.connection import connected
from lmnt_cli.io.opening import Greeting, start_opening
from lmnt_cli.io.route import route_to
from lmnt_cli.run.conversation import first_messages
from lmnt_cli.speak import Pipeline
from tests.proof.meddling import meddle
from tests.proof.plans import Plan, Rehearsal
from tests.proof.subtitles import NAMES, Subtitles, wrong_files
from tests.proof.tape import TAPES, Heard
from tests.proof.tape_service import TapeService
from tests.proof.typist import Line, Typist


LIMIT = 30.0
_MOST_RUNS = 5


@dataclass(frozen=True)
class Case:
    """One rehearsal. `sink` is file or pipe; `typing` is at once, dribble, turns or after drops."""

    plan: Plan
    format: AudioFormat = AudioFormat.PCM_S16LE
    sink: str = "file"
    typing: str = "at once"
    rule: FlushRule = FlushRule.BLANK_LINE
    retries: int = 3
    silence: float = 20.0
    resume: bool = True
    ends: tuple[int, ...] = (0, 6)  # the valid exit statuses
    stalled: bool = False  # whether the pipe is not read before the end; the program only
    ahead: bool = False  # whether the first text is sent with the greeting, as on a long network path
    bound: int = 12  # words of an utterance: the most that may be heard twice


@dataclass
class Outcome:
    """How it ended: exit status, audio as written, unspoken text, and what the service saw."""

    case: Case
    rehearsal: Rehearsal
    text: str = ""
    status: int = 0
    audio: bytes = b""
    saved: str = ""
    told: str = ""
    trace: list[str] = field(default_factory=list)
    program: bool = False  # whether it was a separate process
    shown: list[Word] = field(default_factory=list)  # the subtitles; not of the program
    wrong_files: str = ""  # what is wrong with the subtitle files
    meddled: bool = False  # whether another program changed a file meanwhile
    continued: bool = False  # whether the rest was appended to the recording
    runs: int = 0
    whole: int = 0  # where in the recording the saved text begins
    mid_utterance: bool = False  # whether it begins mid-utterance
    more_audio: bytes = b""  # of the run that spoke the saved text

    @cached_property
    def heard(self) -> Heard:
        """The words in the audio, whose headers are the format's own."""
        first, second = self.recorded, self._hear(self.more_audio)
        words = first.words + second.words
        return Heard(words, first.fragments + second.fragments, first.rubbish + second.rubbish)

    @cached_property
    def recorded(self) -> Heard:
        """The words in the audio of the first run alone."""
        return self._hear(self.audio)

    def _hear(self, audio: bytes) -> Heard:
        if self.case.format in (AudioFormat.WAV, AudioFormat.ULAW):
            audio = audio[header_length(audio) or 0 :]
        return TAPES[self.case.format.on_the_wire].hear(audio)


async def rehearse(case: Case, text: bytes, service: TapeService, directory: Path) -> Outcome:
    """Speak the text in this case. Raises errors that are not reported to users."""
    rehearsal, address = service.rehearse(case.plan)
    outcome = Outcome(case, rehearsal, text.decode())
    ear = Ear(directory) if case.sink == "pipe" else None
    path = ear.path if ear else directory / "speech"
    await _record(outcome, text, address, open_sink(str(path), part=True, clobber=True), Subtitles())
    if ear:
        outcome.audio = ear.close()
    elif (found := path if outcome.status == 0 else path.with_name("speech.part")).exists():
        outcome.audio = found.read_bytes()
    return outcome


async def rehearse_meddled(case: Case, text: bytes, service: TapeService, directory: Path) -> Outcome:
    """Speak the text into a file, with subtitles, while another program meddles with one of these files."""
    rehearsal, address = service.rehearse(case.plan)
    outcome = Outcome(case, rehearsal, text.decode())

    def do(doing: str, name: str) -> None:
        outcome.meddled = meddle(directory / name, doing)

    rehearsal.meddle = do
    path = directory / "speech"
    await _record(outcome, text, address, open_sink(str(path), part=True, clobber=True), Subtitles(directory))
    if outcome.status == 0:
        outcome.audio = path.read_bytes()
        outcome.wrong_files = wrong_files(outcome.text, directory)
    return outcome


async def rehearse_continued(case: Case, text: bytes, service: TapeService, directory: Path) -> Outcome:
    """Speak the text; append the rest to the recording, as `--continue` does, until none is left.

    The subtitles are of one kind after another.
    """
    rehearsal, address = service.rehearse(case.plan)
    names = (NAMES[case.plan.faults[0].behind % len(NAMES)],) if case.plan.faults else NAMES
    outcome = Outcome(case, rehearsal, text.decode(), continued=True)
    path = directory / "speech"
    kind = case.format, TAPES[case.format.on_the_wire].rate
    first = open_sink(str(path), part=True, clobber=True)
    await _record(outcome, text, address, first, Subtitles(directory, names))
    while outcome.saved and outcome.runs < _MOST_RUNS:
        rest, outcome.saved, outcome.status = outcome.saved.encode(), "", 0
        appending = Appending(*kind, outcome.whole) if outcome.whole else None
        sink = open_sink(str(path), part=True, clobber=True, appending=appending)
        at = None if appending is None else sink.start.seconds
        subtitles = Subtitles(directory, names, at, mid_utterance=outcome.mid_utterance)
        await _record(outcome, rest, address, sink, subtitles)
    if path.exists():
        outcome.audio = path.read_bytes()
    if outcome.status == 0:
        outcome.wrong_files = wrong_files(outcome.text, directory, names)
    return outcome


async def _record(outcome: Outcome, text: bytes, address: str, sink: Sink, subtitles: Subtitles) -> None:
    outcome.runs += 1
    writer = AudioWriter(sink)
    try:
        await _speak(outcome, text, address, sink, writer, subtitles)
    finally:
        outcome.shown += subtitles.words
        await end_thread(writer)
        os.close(sink.descriptor)
        subtitles.close()


async def _speak(
    outcome: Outcome, text: bytes, address: str, sink: Sink, writer: AudioWriter, subtitles: Subtitles
) -> None:
    case = outcome.case
    line = Line()

    def emit(now: float, happening: Happening) -> None:
        line.take(happening)
        subtitles.take(now, happening)

    conversation = _conversation(case, emit, lambda: subtitles.lacks_times, sink.start)
    source = Typist(text, case.typing, conversation, line)
    greetings = [Greeting(*first_messages(_conversation(case), source.first))] if case.ahead else []
    host, query = address.split("/", 1)

    async def connect() -> object:
        route = route_to(f"ws://{host}/v1/ai/speech/stream{query}")
        opening = start_opening(route, 10, greetings.pop() if greetings else None)
        return await connected(opening, route, timeout=10)

    speaker = Pipeline(
        conversation,
        source,
        connect,  # type: ignore[arg-type]  # a Connection, which the port's address need not say
        writer,
        can_cut=sink.can_cut,
        clock=time.monotonic,
        show=lambda now: None,
        ahead=case.ahead,
    )
    try:
        with anyio.fail_after(LIMIT):
            await speaker.speak()
        await writer.complete(conversation.patches)
        await subtitles.complete()
    except SayError as error:
        outcome.status, outcome.told = int(error.code), error.message
        with anyio.move_on_after(1):
            await writer.drained()
        length = writer.length
        if not conversation.input_ended:
            conversation.read(source.rest(), 0.0)
            conversation.end_of_text()
        unspoken = conversation.unspoken(length)
        whole = max(unspoken.audio_end, sink.start.length)
        outcome.saved, outcome.whole, outcome.mid_utterance = (
            unspoken.text or "",
            whole,
            unspoken.mid_utterance,
        )
        if sink.can_cut and 0 < whole < length:
            sink.cut(whole)  # as in the program: the saved text begins where the audio ends
        sink.keep(conversation.patches)
        subtitles.keep()


def _conversation(
    case: Case,
    emit: Callable[[float, Happening], None] | None = None,
    lacks_times: Callable[[], bool] | None = None,
    start: Start = NEW,
) -> Conversation:
    rate = TAPES[case.format.on_the_wire].rate
    return Conversation(
        Init("key", "lily", case.format.on_the_wire, rate, return_timestamps=case.resume),
        case.rule,
        Limits(connect=10, silence=case.silence, retries=case.retries, resume=case.resume),
        case.format,
        service="the tape",
        emit=emit,
        lacks_times=lacks_times,
        start=start,
    )


class Ear:
    """The reading end of a FIFO, which stores everything written to it."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "fifo"
        os.mkfifo(self.path)
        self._fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        self._heard = bytearray()
        asyncio.get_running_loop().add_reader(self._fd, self._hear)

    def _hear(self) -> bool:
        try:
            block = os.read(self._fd, 1 << 16)
        except BlockingIOError:
            return False
        self._heard += block
        return bool(block)

    def close(self) -> bytes:
        """Return everything that was written."""
        asyncio.get_running_loop().remove_reader(self._fd)
        while self._hear():
            pass
        os.close(self._fd)
        return bytes(self._heard)


async def end_thread(writer: AudioWriter) -> None:
    """End the thread of a writer by making it fail: otherwise it lives as long as the program."""
    writer._queue.put(_fail)
    try:
        await writer.watch()
    except OutputError:
        pass


def _fail() -> None:
    raise OSError("the rehearsal is over")


async def at_once(most: int, works: list[Callable[[], Awaitable[None]]]) -> None:
    """Run all of them, this many at a time."""
    gate = asyncio.Semaphore(most)

    async def one(work: Callable[[], Awaitable[None]]) -> None:
        async with gate:
            await work()

    async with asyncio.TaskGroup() as tasks:
        for work in works:
            tasks.create_task(one(work))
