"""One run: opens the ends, hands them to speak, and sees to what is left when it is over."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import time
from functools import partial
from typing import NoReturn

import anyio

from .addresses import session_url
from .aftermath import Aftermath, see_to
from .core.conversation import Conversation, Limits
from .core.formats import AudioFormat
from .core.messages import Init
from .core.meter import Meter
from .core.soundtrack import Soundtrack
from .ending import leave, summary, tell, tell_bug, tell_killed, tell_repairs
from .errors import Killed, OutputError, ReaderLeft, SayError, UsageError
from .io.local_service import LocalService
from .io.sinks import Sink, open_sink
from .io.status import Display, open_display
from .io.stdin import DescriptorSource, WordsSource
from .io.terminal import is_terminal
from .io.writer import AudioWriter
from .settings import Settings
from .speak import Connection, Source, Speaker, together


def run(settings: Settings, closed: frozenset[int]) -> NoReturn:
    """Speak as the settings say and end the process. `closed` names descriptors that were closed at start."""
    secret = settings.api_key if settings.url is not None else None
    display = open_display(settings.progress, os.environ, typed=settings.reads_stdin, secret=secret)
    try:
        source = _open_source(settings, closed)
        if settings.output is None and 1 in closed:
            raise OutputError("could not write standard output: it is closed")
        sink = open_sink(settings.output, part=settings.part, clobber=settings.clobber)
    except SayError as error:
        tell(display, error)
        leave(error)
    try:
        local = LocalService() if settings.url is None else None
    except SayError as error:
        sink.keep([])
        tell(display, error)
        leave(error)
    if not settings.quiet:
        _hint(settings, display)
    anyio.run(_Run(settings, display, source, sink, local).run)
    raise AssertionError("the run ends the process")


class _Run:
    """What one run holds while it lasts."""

    def __init__(
        self, settings: Settings, display: Display, source: Source, sink: Sink, local: LocalService | None
    ) -> None:
        self._settings = settings
        self._display = display
        self._source = source
        self._sink = sink
        self._local = local
        self._conversation = _conversation(settings)

    async def run(self) -> NoReturn:
        """Speak, and leave from inside the loop: leaving the loop would wait for its threads."""
        if hasattr(signal, "SIGPIPE"):
            # A socket whose peer is gone must be an error, not our death; the audio's reader is watched.
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        # Connections that break while they are given up tell the loop, which would log a traceback.
        asyncio.get_running_loop().set_exception_handler(self._log)
        writer = AudioWriter(self._sink.descriptor, self._sink.name, self._sink.begin)
        failure: BaseException | None = None
        try:
            async with together() as tasks:
                tasks.start_soon(self._watch_signals)
                await self._speaker(writer).speak()
                tasks.cancel_scope.cancel()
            self._sink.complete(self._conversation.track.patches(writer.length))
        except (Exception, BaseExceptionGroup) as error:
            failure = error
        for number in _not_ignored("SIGINT", "SIGTERM", "SIGHUP"):
            # What is left to do is bounded; whoever cannot wait for it is obeyed at once.
            signal.signal(number, signal.SIG_DFL)
        aftermath = Aftermath()
        if failure is not None:
            aftermath = await see_to(
                failure, self._settings, self._conversation, self._source, self._sink, writer
            )
        self._display.erase()
        self._report(failure, aftermath)
        leave(failure)

    def _log(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        if self._settings.debug:
            self._display.line(f"! {context.get('message')} {context.get('exception')!r}", wait=False)

    def _speaker(self, writer: AudioWriter) -> Speaker:
        return Speaker(
            self._conversation,
            self._source,
            self._connect,
            writer,
            can_cut=self._sink.can_cut,
            clock=time.monotonic,
            trace=partial(self._display.line, wait=False) if self._settings.debug else lambda _: None,
            show=lambda now: self._display.show(self._conversation.snapshot(now), now),
        )

    async def _connect(self) -> Connection:
        # Imported when everything else is under way: it costs more than the rest of the start.
        from .io.connection import open_connection

        timeout = self._settings.connect_timeout
        if self._local is not None:
            url = session_url(await self._local.url(timeout))
            return await open_connection(url, proxy=None, timeout=timeout)
        assert self._settings.url is not None, "None means local"
        return await open_connection(self._settings.url, proxy=self._settings.proxy or True, timeout=timeout)

    async def _watch_signals(self) -> None:
        """Turn deadly signals into an ending; erase and redraw around a stop. Raises Killed."""
        deadly = _not_ignored("SIGINT", "SIGTERM", "SIGHUP")
        stopping = _not_ignored("SIGTSTP", "SIGCONT")
        try:
            with anyio.open_signal_receiver(*deadly, *stopping) as signals:
                async for number in signals:
                    if number in deadly:
                        # A second one kills at once, whatever we are doing about the first.
                        signal.signal(number, signal.SIG_DFL)
                        raise Killed(number)
                    self._stop_or_go_on(number)
        except NotImplementedError:
            return  # Windows: Ctrl-C ends the process without us

    def _stop_or_go_on(self, number: int) -> None:
        if number == signal.SIGCONT:
            if self._local is not None:
                self._local.go_on()
            return
        self._display.erase()
        if self._local is not None:
            self._local.stop()
        ours = signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        # Here we have been continued.
        signal.signal(number, ours)

    def _report(self, failure: BaseException | None, aftermath: Aftermath) -> None:
        match failure:
            case None:
                if not self._settings.quiet:
                    tell_repairs(self._display, self._conversation)
                if self._settings.verbose:
                    self._display.line(summary(self._conversation))
            case Killed():
                tell_killed(self._display, aftermath.audio)
            case SayError():
                tell(self._display, failure, audio=aftermath.audio, text=aftermath.text)
            case ReaderLeft():
                pass
            case _:
                tell_bug(self._display, failure, debug=self._settings.debug)


def _conversation(settings: Settings) -> Conversation:
    return Conversation(
        Init(
            api_key=settings.api_key,
            voice=settings.voice,
            format=settings.format.on_the_wire,
            sample_rate=settings.sample_rate,
            language=settings.language,
            # Word times let a lost session go on at a word; where none can go on, they are not asked for.
            return_timestamps=settings.resume and settings.format is not AudioFormat.WEBM,
        ),
        settings.flush_rule,
        Limits(
            connect=settings.connect_timeout,
            silence=settings.timeout,
            retries=settings.retries,
            idle_flush=settings.flush_idle,
            resume=settings.resume,
        ),
        track=Soundtrack(settings.format, settings.sample_rate),
        meter=Meter(settings.format, settings.sample_rate),
        service=settings.service,
    )


def _open_source(settings: Settings, closed: frozenset[int]) -> Source:
    if settings.words is not None:
        return WordsSource(settings.words)
    if settings.reads_stdin and 0 in closed:
        raise UsageError("could not read standard input: it is closed")
    name = settings.file or "standard input"
    try:
        binary: int = getattr(os, "O_BINARY", 0)
        descriptor = 0 if settings.file is None else os.open(settings.file, os.O_RDONLY | binary)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise UsageError(f"could not read {name}: it is a directory")
    except OSError as error:
        raise UsageError(f"could not read {name}: {error.strerror}") from error
    return DescriptorSource(descriptor, name)


def _hint(settings: Settings, display: Display) -> None:
    if settings.words is not None:
        word = os.fsdecode(settings.words)
        if " " not in word and os.path.isfile(word):
            display.line(
                f"lmnt-say: speaking the word “{word}”; the file of that name is read with -f {word}"
            )
    elif settings.reads_stdin and is_terminal(0):
        display.line("lmnt-say: type text; Ctrl-D ends")


def _not_ignored(*names: str) -> list[signal.Signals]:
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return [number for number in signals if signal.getsignal(number) is not signal.SIG_IGN]
