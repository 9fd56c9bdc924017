"""The end of the process: an exit status, or the signal it dies of. Everything ends here."""

from __future__ import annotations

import os
import signal
import sys

from ..errors import ExitCode, Killed, ReaderLeft, SayError


# Importing typing's own costs more than all that is loaded before the signals are ours.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def status_of(failure: BaseException | None) -> int:
    """Return the exit status that this end of a run has, negative for the signal to die of."""
    match failure:
        case None:
            return ExitCode.COMPLETE
        case Killed():
            return -failure.signal
        case ReaderLeft():
            # Windows has no such signal.
            return -signal.SIGPIPE if hasattr(signal, "SIGPIPE") else ExitCode.OUTPUT
        case SayError():
            return failure.code
        case _:
            return ExitCode.BUG


def leave(status: int) -> NoReturn:
    """End the process now. No thread is waited for: one may be in a read or a write that never returns."""
    if status < 0:
        die_of(-status)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            pass  # whoever wrote to it has flushed it and heard of the error
    os._exit(status)


def die_of(number: int) -> NoReturn:
    """Die of the signal itself, so that a shell ends its loop: an exit status of 130 would not end it."""
    signal.signal(number, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    # No default action ends process 1: there the status that a shell would report must do.
    os._exit(128 + number)
