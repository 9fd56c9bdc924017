"""The entry of `lmnt-say` and `python -m lmnt_cli`: descriptors and signals put in order, then the words."""

from __future__ import annotations

import gc
import os
import signal


def main() -> None:
    """Run the program; ends by exit status or by signal."""
    closed = fill_closed_descriptors()
    # Nothing that is imported is garbage, and looking for some costs a tenth of the start; run enables it.
    gc.disable()
    # Until the conversation begins there is nothing to save: die of a signal at once, without a traceback.
    # What was ignored at start (nohup, & in a script) stays ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    from .cli import say

    say(closed)


def fill_closed_descriptors() -> frozenset[int]:
    """Open the null device for each of 0 to 2 that is closed, so that no file or socket takes its place."""
    closed = set()
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            # The lowest free number is this one: those below are open by now.
            assert os.open(os.devnull, os.O_RDWR) == descriptor
            os.set_inheritable(descriptor, True)
    return frozenset(closed)


if __name__ == "__main__":
    main()
