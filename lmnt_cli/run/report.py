"""Report the end of a run: one line for what went wrong, and at most one more for what to do."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from ..core.figures.units import duration, size
from ..errors import Killed, OutputError, ReaderLeft, SayError, UsageError
from ..io.status import Display
from ..settings import STDIN
from .outcome import NOTHING, Kept, Outcome, in_our_words


if TYPE_CHECKING:
    from ..core.figures.snapshot import Figures
    from ..core.text.strip.filters import Stripped
    from ..settings import Settings

# Errors that only a write can cause. Outside a run, that is a write to standard output.
_OF_A_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


def subject_of(settings: Settings) -> str | None:
    """Return the file that a run reads, or else the one it writes; None if there is neither."""
    files = [file for file in settings.text.files if file != STDIN]
    if not files:
        return settings.audio.output
    return files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"


def report(display: Display, outcome: Outcome, *, debug: bool, subject: str | None = None) -> None:
    """Report how a run ended. `subject` is the file of the run, to be named in an error."""
    display.erase()
    match outcome.failure:
        case None | ReaderLeft():
            pass
        case Killed():
            report_killed(display, outcome.kept)
        case SayError() as error:
            report_error(display, error, outcome.kept, subject=subject)
        case bug:
            report_bug(display, bug, debug=debug)
    for notice in outcome.notices:
        display.line(f"lmnt-say: {notice}")


def report_error(
    display: Display, error: SayError, kept: Kept = NOTHING, *, subject: str | None = None
) -> None:
    """Report an error and what was kept of the run.

    `subject` is the file of the run; in a loop over many files, it identifies the one that failed.
    """
    about = f"{subject}: " if subject is not None and subject not in error.message else ""
    request = f" (request {error.request_id})" if error.request_id else ""
    advice = "; ".join(part for part in (error.hint, *_what_is_kept(kept)) if part)
    if isinstance(error, UsageError) and advice:
        # A usage error is reported in a single line, including the hint.
        display.line(f"lmnt-say: {about}{error.message}; {advice}")
        return
    display.line(f"lmnt-say: {about}{error.message}{request}")
    if advice:
        display.line(f"lmnt-say: {advice}")


def report_killed(display: Display, kept: Kept, *, wait: bool = True) -> None:
    """Report where the audio and the text are; the user knows that the program was killed."""
    if advice := "; ".join(_what_is_kept(kept)):
        display.line(f"lmnt-say: interrupted: {advice}", wait=wait)


def _what_is_kept(kept: Kept) -> list[str]:
    files = [("the audio so far is", kept.audio)] if kept.audio else []
    if kept.subtitles:
        subtitles = "its subtitles are" if files else "the subtitles so far are"
        files.append((subtitles, " and ".join(kept.subtitles)))
    where = ", ".join(f"{what} in {name}" for what, name in files)
    return [part for part in (where, kept.text) if part]


def report_bug(display: Display, error: BaseException, *, debug: bool) -> None:
    """Report a bug in this program."""
    inner = error
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    display.line(f"lmnt-say: a bug in lmnt-say: {type(inner).__name__}: {inner}")
    if debug:
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            display.line(line)
    else:
        display.line("lmnt-say: run it again with --debug and report the output")


def report_unexpected(error: BaseException, *, debug: bool) -> int:
    """Report an error raised outside a run, by an import or by printing; return the exit status."""
    if isinstance(error, BrokenPipeError):
        error = ReaderLeft()
    elif isinstance(error, OSError) and error.errno in _OF_A_WRITE and error.filename is None:
        error = OutputError(f"could not write standard output: {error.strerror}")
    outcome = Outcome(in_our_words(error, was_ready=False))
    report(Display(), outcome, debug=debug)
    return outcome.status


def repairs(figures: Figures) -> list[str]:
    """Return a notice for everything that was repaired or left out."""
    notices = []
    if figures.resumed:
        often = "once" if figures.resumed == 1 else f"{figures.resumed} times"
        notices.append(f"the connection was lost {often}; the speech was resumed and no word is missing")
    return notices + text_repairs(figures.replaced, figures.stripped, full=figures.full)


def text_repairs(replaced: int, stripped: Stripped | None, *, full: bool) -> list[str]:
    """Return a notice for everything in the text that was replaced or left out."""
    notices = []
    if replaced:
        places = "1 place" if replaced == 1 else f"{replaced} places"
        notices.append(f"the text was not valid UTF-8 in {places}, spoken as U+FFFD")
    if full:
        notices.append("the input was cut off after the number of characters given by --max-chars")
    if stripped is not None:
        share = f"{stripped.characters:,} of its {stripped.read:,} characters were not spoken"
        if stripped.unclosed is not None:
            notices.append(f"the text ends in a {stripped.unclosed} that is not closed; {share}")
        elif 2 * stripped.characters > stripped.read:
            notices.append(f"the text was mostly markup; {share}")
    return notices


def summary(figures: Figures) -> str:
    """Return a summary of the run in one line."""
    parts = [
        f"spoke {size(figures.confirmed_bytes)} of text",
        *([f"dropped {size(figures.dropped_bytes)}"] if figures.dropped_bytes else []),
        f"{size(figures.audio_bytes)} of audio"
        + (f" ({duration(figures.audio_seconds)})" if figures.audio_seconds is not None else ""),
    ]
    if figures.first_sound is not None:
        parts.append(f"first sound after {figures.first_sound:.2f} s")
    if figures.speed is not None:
        parts.append(f"{figures.speed:.1f} × real time")
    return ", ".join(parts)
