"""The entry of `lmnt-say` and `python -m lmnt_cli`: signals and descriptors first, then the command line."""

from __future__ import annotations

import gc
import os
import sys

from .run.exit import leave
from .run.signals import Signals


def main() -> None:
    """Run the program; ends by exit status or by signal."""
    signals = Signals()
    closed = fill_closed_descriptors()
    # Nothing that is imported is garbage, and looking for some costs a tenth of the start; run enables it.
    gc.disable()
    try:
        status = _say(closed, signals)
        if sys.stdout is not None:
            sys.stdout.flush()  # help, or a list
    except BaseException as error:
        status = _explain(error)
    leave(status)


def _say(closed: frozenset[int], signals: Signals) -> int:
    """Do what the command line asks; return the exit status."""
    from .cli import say

    try:
        say(closed, signals)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _explain(error: BaseException) -> int:
    """Report an error from outside any run; return its exit status."""
    try:
        from .run.report import report_unexpected
    except (OSError, ImportError, MemoryError) as trouble:
        # The system does not even give what it takes to load our words.
        reason = trouble.strerror if isinstance(trouble, OSError) else trouble
        try:
            os.write(2, f"lmnt-say: could not start: {reason}\n".encode())
        except OSError:
            pass  # then it cannot be said
        return 5
    return report_unexpected(error, debug="--debug" in sys.argv)


def fill_closed_descriptors() -> frozenset[int]:
    """Open the null device for each of 0 to 2 that is closed, so that no file or socket takes its place."""
    closed = set()
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            # The lowest free number is this one: those below are open by now.
            if _open_nothing() == descriptor:
                os.set_inheritable(descriptor, True)
    return frozenset(closed)


def _open_nothing() -> int:
    """Open what takes everything and gives nothing; without a null device, what refuses both. -1: nothing."""
    for name, flags in ((os.devnull, os.O_RDWR), (os.sep, os.O_RDONLY)):
        try:
            return os.open(name, flags)
        except OSError:
            pass  # the next may do
    return -1


if __name__ == "__main__":
    main()
