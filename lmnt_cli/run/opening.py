"""Open the input and outputs of a run in the right order, and close them if that fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..errors import STDOUT_CLOSED, OutputError
from ..io.same_file import refuse_same_file, refuse_same_output
from ..io.status import Display
from ..settings import Settings
from .along import open_observers, open_tee, side_ends
from .observers import Observers
from .output import Output, ends_written, format_notice, open_audio_sink, opens_at_once, start_playback
from .source import ends_read, open_source


if TYPE_CHECKING:
    from ..io.audio.appending import Appending
    from ..io.audio.sinks import Sink
    from ..io.local_service import LocalService
    from ..io.tee import TeeSource
    from ..speak import Source


class Signals(Protocol):
    """The owner of the process's signals."""

    def hold(self) -> None: ...
    def on_abandon(self, abandon: Callable[[], None]) -> None: ...


@dataclass(eq=False, repr=False)
class Ends:
    """Everything a run has open: text, output with the player, observers, the embedded service, the tee."""

    source: Source
    output: Output
    observers: Observers
    local: LocalService | None
    tee: TeeSource | None

    def abandon(self) -> None:
        """Clean up a run that failed before any audio: kill the player, remove empty files. Never waits."""
        self.observers.abandon()
        self.output.abandon()

    async def finish_tee(self) -> None:
        """Wait until the tee is written. Raises OutputError if that failed."""
        if self.tee is not None:
            await self.tee.finish()

    def stop(self) -> None:
        """Stop the programs that were started, because this process is about to be stopped."""
        if self.local is not None:
            self.local.stop()
        if self.output.playback is not None:
            self.output.playback.stop()

    def resume(self) -> None:
        """Continue the programs that were started."""
        if self.local is not None:
            self.local.resume()
        if self.output.playback is not None:
            self.output.playback.resume()


def open_ends(
    settings: Settings,
    closed: frozenset[int],
    signals: Signals,
    notice: Callable[[str], None],
    display: Display | None = None,
    local: LocalService | None = None,
) -> Ends:
    """Open the text, then the outputs, then start the programs. If it raises SayError, nothing stays open.

    Opening a FIFO blocks until its other end is open, and until then a signal kills the process. Once nothing
    can block, or the first file of ours exists, signals are recorded instead. `notice` is called with a line
    about the input or the output. Debug lines go to `display`. `local` is the embedded service if it was
    started early.
    """
    if settings.along.tee == 1 and 1 in closed:
        raise OutputError(STDOUT_CLOSED)
    source = open_source(settings.text, closed, notice)
    audio, others = ends_written(settings.audio), side_ends(settings)
    refuse_same_file(ends_read(settings.text), [*audio, *others])
    refuse_same_output(audio, others)
    if opens_at_once(settings.audio):
        signals.hold()
    appending = _appending(settings)
    sink = open_audio_sink(settings.audio, closed, appending)
    signals.hold()
    output = Output(sink, None)
    signals.on_abandon(output.abandon)
    if line := format_notice(settings.audio):
        notice(line)
    with ExitStack() as opened:
        opened.callback(output.abandon)
        observers = _observe(settings, display or Display(), sink, appending)
        opened.callback(observers.abandon)
        output.playback = start_playback(settings.audio, sink.start)
        local = _begin_local_service(local) if settings.service.endpoint.local else None
        opened.pop_all()
    tee = open_tee(source, settings)
    ends = Ends(tee or source, output, observers, local, tee)
    signals.on_abandon(ends.abandon)
    return ends


def _appending(settings: Settings) -> Appending | None:
    if not settings.audio.appends:
        return None
    from .continuing import appending

    return appending(settings)


def _observe(settings: Settings, display: Display, sink: Sink, appending: Appending | None) -> Observers:
    return open_observers(
        settings,
        display,
        can_cut=sink.can_cut,
        appended_at=None if appending is None else sink.start.seconds,
        mid_utterance=appending is not None and appending.mid_utterance,
    )


def _begin_local_service(started: LocalService | None) -> LocalService:
    if started is None:
        from ..io.local_service import LocalService

        started = LocalService()
    started.begin()
    return started
