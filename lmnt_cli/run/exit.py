"""The end of the process, with an exit status or by a signal. Every run ends here."""

from __future__ import annotations

import os
import signal
import sys

from ..errors import ExitCode, Killed, ReaderLeft, SayError


# Importing typing takes longer than everything else that is imported before signals are handled.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def status_of(failure: BaseException | None) -> int:
    """Return the exit status for the outcome of a run; a negative one is the signal to end with."""
    match failure:
        case None:
            return ExitCode.COMPLETE
        case Killed():
            return -failure.signal
        case ReaderLeft():
            # Windows has no SIGPIPE.
            return -signal.SIGPIPE if hasattr(signal, "SIGPIPE") else ExitCode.OUTPUT
        case SayError():
            return failure.code
        case _:
            return ExitCode.BUG


def leave(status: int) -> NoReturn:
    """End the process now, without waiting for threads: one may be in a read or write that never returns."""
    if status < 0:
        die_of(-status)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            pass  # the code that wrote to the stream has flushed it and handled the error
    os._exit(status)


def die_of(number: int) -> NoReturn:
    """End the process with the signal itself, so that a shell stops its loop; exit status 130 would not."""
    signal.signal(number, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    # A default action does not end process 1: use the status that a shell would report.
    os._exit(128 + number)
