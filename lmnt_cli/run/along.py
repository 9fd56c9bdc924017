"""Open what is written besides the audio: subtitles, events and a tee."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..io.same_file import End
from ..io.status import Display
from ..settings import Settings
from .observers import Observers
from .output import file_paths


if TYPE_CHECKING:
    from ..core.figures.statistics import Statistics
    from ..io.event_file import EventFile
    from ..io.subtitle_file import SubtitleFile
    from ..io.tee import TeeSource
    from ..speak import Source


def open_observers(
    settings: Settings,
    display: Display,
    *,
    can_cut: bool,
    appended_at: float | None = None,
    mid_utterance: bool = False,
) -> Observers:
    """Open the observers of the run and their files. `can_cut` states that written audio can be removed.

    `appended_at` is the second of an earlier recording at which audio is appended, `mid_utterance` states
    that the text then continues an utterance. Raises UsageError or OutputError, leaving no empty file.
    """
    # The CPU time used so far is nearly all of the time since the process started.
    started = time.monotonic() - time.process_time()
    events = _open_events(settings, display.redact, started)
    return Observers(
        display,
        debug=settings.display.debug,
        events=events,
        subtitles=_open_subtitles(settings, appended_at, mid_utterance=mid_utterance),
        statistics=_statistics(settings, started, can_cut=can_cut),
        shows_statistics=settings.along.stats,
    )


def side_ends(settings: Settings) -> list[End]:
    """Return the outputs besides the audio, to be compared with it and with the inputs."""
    ends = [End(name, file_paths(name, part=settings.audio.part)) for name in settings.along.subtitles]
    events = settings.along.events
    if events is not None:
        number = events.removeprefix("fd:")
        ends.append(End(events, (int(number) if number != events and number.isdecimal() else events,)))
    if settings.along.tee is not None:
        ends.append(End("the tee", (settings.along.tee,)))
    return ends


def open_tee(source: Source, settings: Settings) -> TeeSource | None:
    """Return a source that copies its text to the tee, None without --tee."""
    if settings.along.tee is None:
        return None
    from ..io.tee import TeeSource

    name = "standard output" if settings.along.tee == 1 else "standard error"
    return TeeSource(source, settings.along.tee, name)


def _open_events(settings: Settings, redact: Callable[[str], str], started: float) -> EventFile | None:
    if settings.along.events is None:
        return None
    from .. import __version__
    from ..core.figures.event_log import start_event
    from ..io.event_file import EventFile, open_events

    events = EventFile(open_events(settings.along.events), started, redact)
    audio = settings.audio
    start = start_event(
        __version__, audio.voice, audio.format.value, audio.sample_rate, settings.service.endpoint.name
    )
    events.write(start, time.monotonic())
    return events


def _open_subtitles(
    settings: Settings, appended_at: float | None, *, mid_utterance: bool
) -> list[SubtitleFile]:
    files: list[SubtitleFile] = []
    try:
        for name in settings.along.subtitles:
            files.append(_open_subtitle_file(name, settings, appended_at, mid_utterance=mid_utterance))
    except BaseException:
        for file in files:
            file.keep()
        raise
    return files


def _open_subtitle_file(
    name: str, settings: Settings, appended_at: float | None, *, mid_utterance: bool
) -> SubtitleFile:
    from ..core.captions.formats import format_of_subtitles
    from ..io.subtitle_file import open_subtitles

    kind = format_of_subtitles(Path(name).suffix or name)
    assert kind is not None, "checked with the settings"
    part, clobber = settings.audio.part, settings.audio.clobber
    return open_subtitles(
        name, kind, part=part, clobber=clobber, continued_at=appended_at, mid_utterance=mid_utterance
    )


def _statistics(settings: Settings, started: float, *, can_cut: bool) -> Statistics | None:
    if not settings.along.stats and settings.along.events is None:
        return None
    from ..core.figures.statistics import Statistics

    return Statistics(started, cuts=can_cut)
