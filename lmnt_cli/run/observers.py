"""The observers of a run: debug lines, events, subtitles and statistics.

An observer makes no decisions and never blocks. Its modules are imported only if it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import Killed, ReaderLeft, SayError
from ..io.status import Display


if TYPE_CHECKING:
    from ..core.captions.placement import Word
    from ..core.captions.word_stream import WordStream
    from ..core.figures.snapshot import Figures
    from ..core.figures.statistics import Statistics
    from ..core.session.happenings import Happening
    from ..io.event_file import EventFile
    from ..io.subtitle_file import SubtitleFile
    from .outcome import Outcome


class Observers:
    """The observers of one run."""

    def __init__(
        self,
        display: Display,
        *,
        debug: bool = False,
        events: EventFile | None = None,
        subtitles: Sequence[SubtitleFile] = (),
        statistics: Statistics | None = None,
        shows_statistics: bool = False,
    ) -> None:
        self._display = display
        self._debug = debug
        self._events = events
        self._subtitles = subtitles
        self._statistics = statistics
        self._shows_statistics = shows_statistics
        self._words = _word_stream() if subtitles or events is not None else None

    @property
    def lacks_times(self) -> bool:
        """Whether subtitles are still waiting for word times."""
        return bool(self._subtitles) and self._words is not None and self._words.lacks_times

    def take(self, now: float, happening: Happening) -> None:
        """Observe what happened at time `now`, in seconds."""
        if self._debug:
            self._show(happening)
        if self._statistics is not None:
            self._statistics.take(happening, now)
        if self._events is not None:
            from ..core.figures.event_log import event_of

            if event := event_of(happening):
                self._events.write(event, now)
        if self._words is not None:
            self._take_words(self._words.take(happening), now)

    def _show(self, happening: Happening) -> None:
        from ..core.figures.debug_lines import debug_line

        if line := debug_line(happening):
            self._display.line(line, wait=False)

    def _take_words(self, words: list[Word], now: float) -> None:
        if not words:
            return
        for file in self._subtitles:
            file.add(words)
        if self._events is not None:
            from ..core.figures.event_log import words_event

            self._events.write(words_event(words), now)

    def push(self) -> None:
        """Write as much of the buffered output as its readers accept now."""
        for output in (*self._subtitles, self._events):
            if output is not None:
                output.push()

    @property
    def events_failure(self) -> OSError | None:
        """The error that left the events incomplete, if any."""
        return None if self._events is None else self._events.failure

    async def complete(self, now: float) -> None:
        """Complete the subtitles after everything was spoken. Raises OutputError if one was not written."""
        if self._words is not None:
            self._take_words(self._words.finish(), now)
        for file in self._subtitles:
            await file.complete()

    def keep(self, now: float) -> tuple[str, ...]:
        """Keep the subtitles of a failed run, up to a whole cue; return their names. Raises nothing."""
        if self._words is not None:
            self._take_words(self._words.give_up(), now)
        return self.abandon()

    def abandon(self) -> tuple[str, ...]:
        """Keep the subtitles written so far, removing empty files; return the names of those kept."""
        return tuple(name for file in self._subtitles if (name := file.keep()) is not None)

    async def end(self, outcome: Outcome, figures: Figures, now: float) -> None:
        """Write the final events and the statistics. Waits briefly for the reader of the events."""
        counted = self._statistics.figures(figures, now) if self._statistics is not None else {}
        if self._events is not None:
            for event in _last_events(outcome, counted):
                self._events.write(event, now)
            await self._events.finish()
        if self._shows_statistics and not isinstance(outcome.failure, Killed | ReaderLeft):
            from ..core.figures.statistics import figure_lines

            self._display.erase()
            for line in figure_lines(counted):
                self._display.line(line)


def _word_stream() -> WordStream:
    from ..core.captions.word_stream import WordStream

    return WordStream()


def _last_events(outcome: Outcome, figures: dict[str, Any]) -> list[dict[str, Any]]:
    from ..core.figures.event_log import end_event, error_event, notice_event

    events = [notice_event(notice) for notice in outcome.notices]
    if isinstance(outcome.failure, SayError):
        error = outcome.failure
        events.append(error_event(outcome.status, error.message, error.hint, error.request_id))
    return [*events, end_event(outcome.status, figures)]
