"""One run: speak, salvage what a failure leaves, report, and end the process."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import NoReturn

from ..core.session.requests import encode
from ..core.value import replace
from ..io.background import Background
from ..io.connection import connected
from ..io.opening import Greeting, Opened, start_opening
from ..io.status import Display
from ..io.terminal import is_terminal
from ..settings import Settings
from ..speak import Connection, Pipeline
from ..tasks import together
from .conversation import new_conversation
from .exit import leave
from .greeting import first_message, session_route
from .hints import suggest_voice
from .interrupts import Interrupts
from .listening import Listening
from .opening import Ends
from .outcome import NOTHING, Kept, Outcome, in_our_words
from .output import Tape
from .report import repairs, report, report_killed, subject_of, summary
from .salvage import forget_spoken, salvage
from .signals import Signals
from .silencing import Silencer
from .source import file_name, text_size


async def run_and_leave(run: Run) -> NoReturn:
    """Run, and end the process from inside the event loop: closing the loop would wait for its threads."""
    outcome = await run.run()
    end(outcome, run.display, run.signals, run.settings)


def end(outcome: Outcome, display: Display, signals: Signals, settings: Settings) -> NoReturn:
    """Report the outcome of a run, and end the process."""
    report(display, outcome, debug=settings.display.debug, subject=subject_of(settings))
    leave(outcome.status if signals.killed is None else -signals.killed)


class Run:
    """One run: the objects it consists of, and the order in which things happen."""

    def __init__(
        self,
        settings: Settings,
        display: Display,
        ends: Ends,
        signals: Signals,
        opening: Background[Opened] | None,
        *,
        ahead: bool,
    ) -> None:
        """`opening` is the connection for the first session, if it is already being opened.

        `ahead` states that the first text is sent with its greeting.
        """
        self.settings = settings
        self.display = display
        self.signals = signals
        self._ends = ends
        self._opening = opening
        self._ahead = ahead
        key = settings.service.endpoint.api_key if ends.local is None else ends.local.key
        self._observers = ends.observers
        self._init = first_message(settings, key)
        self._conversation = new_conversation(
            settings,
            self._init,
            self._observers.take,
            lambda: self._observers.lacks_times,
            start=ends.output.sink.start,
        )
        self._listening = self._new_listening()
        self._writer: Tape | None = None
        self._settled = False  # whether the output needs no further work

    def _new_listening(self) -> Listening:
        return Listening(
            self._conversation,
            self._ends.output.playback,
            self.display,
            records=self.settings.audio.writes,
            quiet=self.settings.display.quiet,
            name=file_name(self.settings),
            text_size=text_size(self.settings.text),
        )

    async def run(self) -> Outcome:
        """Speak, then salvage what a failure leaves. Raises nothing."""
        gc.freeze()  # otherwise the first collection goes through everything that was imported
        gc.enable()
        # A connection that breaks while being dropped is reported to the event loop, which logs a traceback.
        asyncio.get_running_loop().set_exception_handler(self._log)
        failure: BaseException | None = None
        try:
            self._writer = self._ends.output.writer()
            self.signals.on_abandon(self._abandon)
            await self._speak(self._writer)
        except (Exception, BaseExceptionGroup) as error:
            failure = in_our_words(error, was_ready=self._conversation.was_ready)
        self.signals.run_over()
        await self._ends.output.end_playing()
        if failure is None:
            forget_spoken(self.settings, self._conversation)
        kept = await self._salvage(failure)
        self._settled = True
        await suggest_voice(failure, self.settings, self._ends.local)
        if failure is not None:
            kept = replace(kept, subtitles=self._observers.keep(time.monotonic()))
        outcome = Outcome(failure, kept, tuple(self._notices(failure)))
        await self._observers.end(outcome, self._conversation.figures(), time.monotonic())
        return replace(outcome, notices=(*outcome.notices, *self._late_notices()))

    async def _speak(self, writer: Tape) -> None:
        """Speak everything, complete the recording, and wait until it has been played."""
        pipeline = self._pipeline(writer)
        silencer = Silencer(
            pipeline.drop_speech,
            self._ends.output.playback,
            self.display,
            typed=self.settings.text.reads_stdin and is_terminal(0),
            quiet=self.settings.display.quiet,
        )
        interrupts = Interrupts(
            self.signals,
            drop=silencer.drop,
            drops_first=lambda: silencer.is_interactive and not self._conversation.input_ended,
            stop=self._stop,
            resume=self._ends.resume,
        )
        async with together() as tasks:
            tasks.start_soon(interrupts.watch)
            tasks.start_soon(self._listening.feed)
            if self._ends.local is not None:
                tasks.start_soon(self._ends.local.collect)
            await pipeline.speak()
            await writer.complete(self._conversation.patches)
            self._settled = self._listening.recorded = True
            await self._observers.complete(time.monotonic())
            await self._listening.play_out()
            tasks.cancel_scope.cancel()
        await self._ends.finish_tee()

    def _pipeline(self, writer: Tape) -> Pipeline:
        return Pipeline(
            self._conversation,
            self._ends.source,
            self._connect,
            writer,
            can_cut=self._ends.output.sink.can_cut,
            clock=time.monotonic,
            show=self._show,
            ahead=self._ahead,
        )

    async def _connect(self) -> Connection:
        timeout = self.settings.service.connect_timeout
        endpoint = self.settings.service.endpoint
        if self._ends.local is not None:
            endpoint = endpoint.located_at(await self._ends.local.url(timeout), self._ends.local.key)
        route = session_route(endpoint)
        opening, self._opening = self._opening, None
        if opening is None:
            opening = start_opening(route, timeout, Greeting(encode(self._init)))
        return await connected(opening, route, timeout=timeout)

    async def _salvage(self, failure: BaseException | None) -> Kept:
        """Keep the audio and save the text of a failed run."""
        if failure is None or self._settled:
            return NOTHING
        if self._writer is None:
            self._ends.output.abandon()
            return NOTHING
        return await salvage(
            failure,
            self.settings,
            self._conversation,
            self._ends.source,
            self._ends.output.sink,
            self._writer,
        )

    def _abandon(self) -> None:
        """Keep what can be kept without waiting, because the process is about to end."""
        if self._ends.output.playback is not None:
            self._ends.output.playback.kill()
        if not self._settled:
            self._settled = True
            audio = self._ends.output.sink.keep(self._conversation.patches)
            subtitles = self._observers.keep(time.monotonic())
            self.display.erase()
            report_killed(self.display, Kept(audio, subtitles=subtitles), wait=False)

    def _notices(self, failure: BaseException | None) -> list[str]:
        if failure is not None:
            return []
        notices = [] if self.settings.display.quiet else repairs(self._conversation.figures())
        return notices + ([summary(self._conversation.figures())] if self.settings.display.verbose else [])

    def _late_notices(self) -> list[str]:
        """Return a notice if the events, the last thing to be written, are incomplete."""
        failure = self._observers.events_failure
        if failure is None or self.settings.display.quiet:
            return []
        return [f"could not write events to {self.settings.along.events}: {failure.strerror}"]

    def _stop(self) -> None:
        self.display.erase()
        self._ends.stop()

    def _show(self, now: float) -> None:
        self._observers.push()
        self._listening.show(now)

    def _log(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        if self.settings.display.debug:
            self.display.line(f"! {context.get('message')} {context.get('exception')!r}", wait=False)
