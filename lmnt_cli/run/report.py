"""How the program ends: what is said about it, and the exit status or the signal it dies of."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from ..core.conversation import Conversation
from ..core.figures.statusline import duration, size
from ..errors import ExitCode, Killed, ReaderLeft, SayError, UsageError
from ..io.status import Display


def tell(display: Display, error: SayError, *, audio: str | None = None, text: str | None = None) -> None:
    """Say what went wrong in one line, and in at most one more what is left and what to try."""
    request = f" (request {error.request_id})" if error.request_id else ""
    kept = f"the audio so far is in {audio}" if audio else None
    advice = "; ".join(part for part in (error.hint, kept, text) if part)
    if isinstance(error, UsageError) and advice:
        # Wrong usage gets one line, with the way out in it.
        display.line(f"lmnt-say: {error.message}; {advice}")
        return
    display.line(f"lmnt-say: {error.message}{request}")
    if advice:
        display.line(f"lmnt-say: {advice}")


def tell_killed(display: Display, kept: str | None) -> None:
    """Say where the audio is; that we were killed, the user knows."""
    if kept:
        display.line(f"lmnt-say: interrupted: the audio so far is in {kept}")


def tell_bug(display: Display, error: BaseException, *, debug: bool) -> None:
    """Say that it is our fault."""
    inner = error
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    display.line(f"lmnt-say: a bug in lmnt-say: {type(inner).__name__}: {inner}")
    if debug:
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            display.line(line)
    else:
        display.line("lmnt-say: run it again with --debug and report what it shows")


def tell_repairs(display: Display, conversation: Conversation) -> None:
    """Say what was not as it came."""
    figures = conversation.figures()
    times = figures.resumed
    if times:
        often = "once" if times == 1 else f"{times} times"
        display.line(f"lmnt-say: the connection was lost {often}; the speech was resumed, no word is missing")
    count = figures.replaced
    if count:
        places = "1 place" if count == 1 else f"{count} places"
        display.line(f"lmnt-say: the text was not UTF-8 in {places}, spoken as U+FFFD")


def summary(conversation: Conversation) -> str:
    """The run in one line."""
    figures = conversation.figures()
    dropped = figures.dropped_bytes
    parts = [
        f"spoke {size(figures.confirmed_bytes)} of text",
        *([f"dropped {size(dropped)}"] if dropped else []),
        f"{size(figures.audio_bytes)} of audio"
        + (f" ({duration(figures.audio_seconds)})" if figures.audio_seconds is not None else ""),
    ]
    if figures.first_sound is not None:
        parts.append(f"first sound after {figures.first_sound:.2f} s")
    if figures.speed is not None:
        parts.append(f"{figures.speed:.1f} × real time")
    return "lmnt-say: " + ", ".join(parts)


def leave(failure: BaseException | None) -> NoReturn:
    """End the process now. No thread is waited for: one may be in a read or a write that never returns."""
    match failure:
        case None:
            code = ExitCode.COMPLETE
        case Killed():
            _die_of(failure.signal)
            code = ExitCode.BUG
        case ReaderLeft():
            _die_of(getattr(signal, "SIGPIPE", None))
            code = ExitCode.OUTPUT  # Windows has no such signal
        case SayError():
            code = failure.code
        case _:
            code = ExitCode.BUG
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except OSError:
            pass  # nothing of ours is in it
    os._exit(code)


def _die_of(number: int | None) -> None:
    """Die of the signal itself, so that a shell stops its loop: 130 alone would not tell it."""
    if number is None:
        return
    signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
