"""--set-key: prompt for the key, or read a line from standard input, and store it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..configuration.key import store_key
from ..errors import Killed, UsageError
from ..options import Flags
from ..run.signals import ENDING, not_ignored


# A longer line is not a key. Whatever follows the line is not read.
_LONGEST_LINE = 5000


def set_key(flags: Flags, closed: frozenset[int]) -> str:
    """Store the key that is entered; return the path of its file.

    Raises UsageError, MissingKey, OutputError, or Killed for a signal during the prompt.
    """
    for option, _ in flags.given():
        if option.name not in ("set_key", "quiet", "config", "no_config", "debug", "verbose"):
            raise UsageError(f"--set-key and {option.long} cannot be used together")
    if flags.text:
        raise UsageError(
            "--set-key takes no key on the command line, which is visible in ps; enter it when prompted"
        )
    if 0 in closed:
        raise UsageError("could not read standard input: it is closed")
    return store_key(_prompt() if os.isatty(0) else _line(), os.environ)


def _line() -> str:
    try:
        return sys.stdin.buffer.readline(_LONGEST_LINE).decode("utf-8-sig", "replace")
    except OSError as error:
        raise UsageError(f"could not read standard input: {error.strerror}") from error


def _prompt() -> str:
    """Prompt on the terminal without echoing the input."""
    import getpass

    with _signals_raise():
        try:
            return getpass.getpass("LMNT API key: ")
        except EOFError:
            return ""


@contextmanager
def _signals_raise() -> Iterator[None]:
    """Make fatal signals raise Killed, so that the echo of the terminal is restored."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise Killed(number)

    # Ctrl-\ ends the process too.
    before = {number: signal.signal(number, end) for number in not_ignored(*ENDING, "SIGQUIT")}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
