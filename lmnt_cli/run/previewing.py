"""A dry run: read the text, print the messages it would cause, report, and end the process."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

import anyio

from ..core.preview import Preview
from ..io.status import Display
from ..preview import NO_KEY, PreviewSettings, print_preview
from ..speak import Source
from .exit import leave
from .greeting import init_for
from .outcome import Outcome, in_our_words
from .report import report
from .source import open_source


def preview(settings: PreviewSettings, closed: frozenset[int]) -> NoReturn:
    """Print what would be sent and end the process. `closed` names descriptors that were closed at start."""
    display = Display()
    try:
        source = open_source(settings.text, closed, None)
        anyio.run(partial(_print_and_leave, settings, source, display))
    except BaseException as error:
        # Still inside: an event loop that could not be made complains on stderr when it is collected.
        _end(display, in_our_words(error, was_ready=False), debug=settings.display.debug)


async def _print_and_leave(settings: PreviewSettings, source: Source, display: Display) -> NoReturn:
    """Leave from inside the loop: leaving the loop would wait for its threads."""
    text = settings.text
    init = init_for(settings.audio, NO_KEY, resume=settings.resume, subtitles=settings.subtitles)
    figures: str | None = None
    failure: BaseException | None = None
    try:
        figures = await print_preview(
            Preview(init, text.flush_rule, text.flush_idle, text.max_chars, text.strip), source, text
        )
    except (Exception, BaseExceptionGroup) as error:
        failure = in_our_words(error, was_ready=False)
    if figures is not None and not settings.display.quiet:
        display.line(f"lmnt-say: {figures}")
    _end(display, failure, debug=settings.display.debug)


def _end(display: Display, failure: BaseException | None, *, debug: bool) -> NoReturn:
    outcome = Outcome(failure)
    report(display, outcome, debug=debug)
    leave(outcome.status)
