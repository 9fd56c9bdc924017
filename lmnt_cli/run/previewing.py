"""A dry run: read the text, print the messages that would be sent, report, and end the process."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

import anyio

from ..core.preview import Preview
from ..io.same_file import End, refuse_same_file
from ..io.status import Display
from ..preview import NO_KEY, PreviewSettings, print_preview
from ..speak import Source
from .exit import leave
from .greeting import init_for
from .outcome import Outcome, in_our_words
from .report import report, text_repairs
from .source import ends_read, open_source


def preview(settings: PreviewSettings, closed: frozenset[int]) -> NoReturn:
    """Print the messages and end the process. `closed` holds descriptors that were closed at start."""
    display = Display()
    for origin in settings.origins if settings.display.debug else ():
        display.line(f"= {origin}")
    try:
        source = open_source(settings.text, closed, None)
        refuse_same_file(ends_read(settings.text), [End("standard output", (1,))])
        anyio.run(partial(_print_and_leave, settings, source, display))
    except BaseException as error:
        # End the process here: an event loop whose creation failed prints to stderr when garbage-collected.
        _end(display, in_our_words(error, was_ready=False), debug=settings.display.debug)


async def _print_and_leave(settings: PreviewSettings, source: Source, display: Display) -> NoReturn:
    """Print, and end the process from inside the event loop: closing the loop would wait for its threads."""
    text = settings.text
    init = init_for(settings.audio, NO_KEY, resume=settings.resume, subtitles=settings.subtitles)
    previewed = Preview(init, text.flush_rule, text.flush_idle, text.max_chars, text.strip)
    lines: list[str] = []
    failure: BaseException | None = None
    try:
        figures = await print_preview(previewed, source, text)
        lines = [figures, *text_repairs(previewed.replaced, previewed.stripped, full=previewed.is_full)]
    except (Exception, BaseExceptionGroup) as error:
        failure = in_our_words(error, was_ready=False)
    for line in lines if not settings.display.quiet else ():
        display.line(f"lmnt-say: {line}")
    _end(display, failure, debug=settings.display.debug)


def _end(display: Display, failure: BaseException | None, *, debug: bool) -> NoReturn:
    outcome = Outcome(failure)
    report(display, outcome, debug=debug)
    leave(outcome.status)
