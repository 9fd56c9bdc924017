"""The entry of `lmnt-say` and `python -m lmnt_cli`: signals and descriptors first, then the command line."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from .run.exit import leave
from .run.signals import Signals


def main() -> NoReturn:
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
        # Imported when something is wrong: it loads half of the program.
        from .run.report import report_unexpected

        status = report_unexpected(error, debug="--debug" in sys.argv)
    leave(status)


def _say(closed: frozenset[int], signals: Signals) -> int:
    """Do what the command line asks; return the exit status."""
    from .cli import say

    try:
        say(closed, signals)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


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
