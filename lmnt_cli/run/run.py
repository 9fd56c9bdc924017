"""One run: opens the ends, hands them to speak, and sees to what is left when it is over."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import stat
import time
from dataclasses import replace
from functools import partial
from typing import NoReturn

import anyio

from ..core.audio.formats import AudioFormat
from ..core.conversation import Conversation
from ..core.figures.redaction import Redaction
from ..core.figures.snapshot import State
from ..core.session.messages import Init
from ..core.session.session import Limits
from ..errors import Killed, OutputError, ReaderLeft, SayError
from ..io.audio.regular_file import unpatched
from ..io.local_service import LocalService
from ..io.status import Display, open_display
from ..io.terminal import is_terminal, same_terminal
from ..settings import Settings
from ..speak import Connection, Pipeline, Source, together
from .hints import suggest_voice
from .interrupts import ENDING, Interrupts, not_ignored
from .output import Output, Tape, open_output
from .report import leave, summary, tell, tell_bug, tell_killed, tell_repairs
from .salvage import Salvage, salvage
from .source import hint, open_source


# While the rest is played the status line is drawn this often, in seconds.
_TICK = 0.1


def run(settings: Settings, closed: frozenset[int]) -> NoReturn:
    """Speak as the settings say and end the process. `closed` names descriptors that were closed at start."""
    endpoint = settings.service.endpoint
    redact = Redaction.of(endpoint.secret, endpoint.base, endpoint.proxy)
    display = open_display(
        settings.display.progress.value, os.environ, typed=settings.text.reads_stdin, redact=redact
    )

    def notice(line: str) -> None:
        if not settings.display.quiet:
            display.line(f"lmnt-say: {line}")

    try:
        source = open_source(settings.text, closed, notice)
        output = open_output(settings, closed)
    except SayError as error:
        tell(display, error)
        leave(error)
    try:
        local = LocalService() if settings.service.endpoint.local else None
    except SayError as error:
        output.kill_player()
        output.sink.keep(unpatched)
        tell(display, error)
        leave(error)
    if not settings.display.quiet and (line := hint(settings.text, settings.flags.text)):
        display.line(f"lmnt-say: {line}")
    anyio.run(_Run(settings, display, source, output, local).run)
    raise AssertionError("the run ends the process")


class _Run:
    """What one run holds while it lasts."""

    def __init__(
        self, settings: Settings, display: Display, source: Source, output: Output, local: LocalService | None
    ) -> None:
        self._settings = settings
        self._display = display
        self._source = source
        self._output = output
        self._local = local
        key = settings.service.endpoint.api_key if local is None else local.key
        self._conversation = _conversation(settings, key)
        self._typed = settings.text.reads_stdin and is_terminal(0)
        self._complete = False

    async def run(self) -> NoReturn:
        """Speak, and leave from inside the loop: leaving the loop would wait for its threads."""
        gc.enable()
        if hasattr(signal, "SIGPIPE"):
            # A socket whose peer is gone must be an error, not our death; the audio's reader is watched.
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        # Connections that break while they are given up tell the loop, which would log a traceback.
        asyncio.get_running_loop().set_exception_handler(self._log)
        writer = self._output.writer()
        failure: BaseException | None = None
        try:
            await self._speak(writer)
        except (Exception, BaseExceptionGroup) as error:
            failure = error
        await self._output.end_playing()
        for number in not_ignored(*ENDING):
            # What is left to do is bounded; whoever cannot wait for it is obeyed at once.
            signal.signal(number, signal.SIG_DFL)
        kept = Salvage()
        if failure is not None and not self._complete:
            kept = await salvage(
                failure, self._settings, self._conversation, self._source, self._output.sink, writer
            )
        await suggest_voice(failure, self._settings, self._local)
        self._display.erase()
        self._report(failure, kept)
        leave(failure)

    async def _speak(self, writer: Tape) -> None:
        """Speak everything, complete the recording, and wait until all is heard."""
        speaker = self._speaker(writer)
        signals = Interrupts(
            drop=partial(self._drop, speaker),
            drops_first=lambda: self._interactive and not self._conversation.input_ended,
            stop=self._stop,
            resume=self._resume,
        )
        async with together() as tasks:
            tasks.start_soon(signals.watch)
            if self._local is not None:
                tasks.start_soon(self._local.collect)
            tasks.start_soon(self._play)
            await speaker.speak()
            await writer.complete(self._conversation.patches)
            self._complete = True
            await self._play_out()
            tasks.cancel_scope.cancel()

    async def _play(self) -> None:
        """Feed the player. Its failure ends the run, unless there is a recording to go on with."""
        playback = self._output.playback
        if playback is None:
            return
        try:
            await playback.run()
        except OutputError as error:
            if not self._settings.audio.writes:
                raise
            if not self._settings.display.quiet:
                recording = "is complete" if self._complete else "goes on"
                self._display.line(f"lmnt-say: {error.message}; the recording {recording}")

    async def _play_out(self) -> None:
        """Wait until the player has played everything."""
        if self._output.playback is None:
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._show_on)
            await self._output.playback.finish()
            tasks.cancel_scope.cancel()

    async def _show_on(self) -> None:
        while True:
            self._show(time.monotonic())
            await anyio.sleep(_TICK)

    def _show(self, now: float) -> None:
        snapshot = self._conversation.snapshot(now)
        playback = self._output.playback
        idle = self._complete or snapshot.state is State.WAITING
        if idle and playback is not None and playback.sounds:
            snapshot = replace(snapshot, state=State.PLAYING)
        self._display.show(snapshot, now)

    def _log(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        if self._settings.display.debug:
            self._display.line(f"! {context.get('message')} {context.get('exception')!r}", wait=False)

    def _speaker(self, writer: Tape) -> Pipeline:
        return Pipeline(
            self._conversation,
            self._source,
            self._connect,
            writer,
            can_cut=self._output.sink.can_cut,
            clock=time.monotonic,
            trace=partial(self._display.line, wait=False) if self._settings.display.debug else None,
            show=self._show,
        )

    async def _connect(self) -> Connection:
        # Imported when everything else is under way: it costs more than the rest of the start.
        from ..io.connection import open_connection

        timeout = self._settings.service.connect_timeout
        endpoint = self._settings.service.endpoint
        if self._local is not None:
            endpoint = endpoint.located_at(await self._local.url(timeout), self._local.key)
        return await open_connection(endpoint.session_url, proxy=endpoint.proxy, timeout=timeout)

    @property
    def _interactive(self) -> bool:
        """Whether Ctrl-C may mean what is being said: somebody types, and no pipe would be cut off by it."""
        return self._typed and not _is_pipe(1)

    def _drop(self, speaker: Pipeline) -> bool:
        """Drop what is being said; whether anything was, or was still to be heard."""
        playback = self._output.playback
        dropped = speaker.drop_speech()
        if playback is not None and playback.sounds:
            dropped = True
            playback.silence()
        if dropped and not self._settings.display.quiet:
            self._tell_dropped(playback is None or playback.can_silence)
        return dropped

    def _tell_dropped(self, silenced: bool) -> None:
        if self._typed and same_terminal(0, 2):
            self._display.line("")  # the terminal has just written ^C
        if not silenced:
            self._display.line("lmnt-say: webm cannot be joined in the middle, so what has come is played")
        elif self._typed:
            self._display.line("lmnt-say: dropped what was being said; Ctrl-D or Ctrl-C ends")

    def _stop(self) -> None:
        self._display.erase()
        if self._local is not None:
            self._local.stop()
        if self._output.playback is not None:
            self._output.playback.stop()

    def _resume(self) -> None:
        if self._local is not None:
            self._local.resume()
        if self._output.playback is not None:
            self._output.playback.resume()

    def _report(self, failure: BaseException | None, kept: Salvage) -> None:
        match failure:
            case None:
                if not self._settings.display.quiet:
                    tell_repairs(self._display, self._conversation)
                if self._settings.display.verbose:
                    self._display.line(summary(self._conversation))
            case Killed():
                tell_killed(self._display, kept.audio)
            case SayError():
                tell(self._display, failure, audio=kept.audio, text=kept.text)
            case ReaderLeft():
                pass
            case _:
                tell_bug(self._display, failure, debug=self._settings.display.debug)


def _conversation(settings: Settings, api_key: str) -> Conversation:
    return Conversation(
        Init(
            api_key=api_key,
            voice=settings.audio.voice,
            format=settings.audio.format.on_the_wire,
            sample_rate=settings.audio.sample_rate,
            language=settings.audio.language,
            # Word times let a lost session go on at a word; where none can go on, they are not asked for.
            return_timestamps=settings.service.resume and settings.audio.format is not AudioFormat.WEBM,
        ),
        settings.text.flush_rule,
        Limits(
            connect=settings.service.connect_timeout,
            silence=settings.service.timeout,
            retries=settings.service.retries,
            idle_flush=settings.text.flush_idle,
            resume=settings.service.resume,
        ),
        settings.audio.format,
        service=settings.service.endpoint.name,
    )


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False
