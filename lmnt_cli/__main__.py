"""The entry point of `lmnt-say` and `python -m lmnt_cli`: prepare signals and descriptors, then run `cli`."""

from __future__ import annotations

import gc
import os
import sys

from .run.exit import leave
from .run.signals import Signals


# Importing typing takes longer than everything else that is imported before signals are handled.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from .io.local_service import LocalService

# Nothing is spoken with any of these.
_NO_RUN = frozenset(("--help", "-h", "--version", "--list-voices", "--usage", "--dry-run", "--set-key"))


def main() -> None:
    """Run the program and end the process, with an exit status or by a signal."""
    signals = Signals()
    closed = fill_closed_descriptors()
    # Imports leave no garbage, and looking for it takes a tenth of the start-up time. `run` enables it again.
    gc.disable()
    local = None
    try:
        local = _early_service(sys.argv[1:])
        status = _say(closed, signals, local)
        if sys.stdout is not None:
            sys.stdout.flush()  # help, or a list
    except BaseException as error:
        status = _explain(error)
    if local is not None:
        local.kill()
    leave(status)


def _early_service(arguments: list[str]) -> LocalService | None:
    """Start the embedded service if the arguments contain `--local`; otherwise return None.

    Loading the voice takes longer than everything else. Only parsing decides whether a run needs it, and only
    such a run reports why it cannot start. Until then the service has no key and accepts no connection.
    """
    if "--local" not in arguments or not _NO_RUN.isdisjoint(arguments):
        return None
    from .errors import SayError
    from .io.local_service import LocalService

    try:
        return LocalService()
    except SayError:
        return None


def _say(closed: frozenset[int], signals: Signals, local: LocalService | None) -> int:
    """Run the command line; return the exit status."""
    from .cli import say

    try:
        say(closed, signals, local)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _explain(error: BaseException) -> int:
    """Report an error that no run has handled; return its exit status."""
    try:
        from .run.report import report_unexpected
    except (OSError, ImportError, MemoryError) as trouble:
        # The system lacks the resources even to import the module that reports errors.
        reason = trouble.strerror if isinstance(trouble, OSError) else trouble
        try:
            os.write(2, f"lmnt-say: could not start: {reason}\n".encode())
        except OSError:
            pass  # there is no way to report it
        return 5
    return report_unexpected(error, debug="--debug" in sys.argv)


def fill_closed_descriptors() -> frozenset[int]:
    """Open the null device for each closed descriptor of 0 to 2, so that no file or socket takes its number.

    Return the numbers that were closed.
    """
    closed = set()
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            # This is the lowest free number, because those below are open by now.
            if _open_nothing() == descriptor:
                os.set_inheritable(descriptor, True)
    return frozenset(closed)


def _open_nothing() -> int:
    """Open the null device, or without one the root directory; return the descriptor, -1 if both fail."""
    for name, flags in ((os.devnull, os.O_RDWR), (os.sep, os.O_RDONLY)):
        try:
            return os.open(name, flags)
        except OSError:
            pass  # try the next one
    return -1


if __name__ == "__main__":
    main()
