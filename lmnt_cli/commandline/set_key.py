"""--set-key: ask for the key, or read a line of standard input, and store it."""

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


# A longer line is no key; what follows the line is left alone.
_LONGEST_LINE = 5000


def set_key(flags: Flags, closed: frozenset[int]) -> str:
    """Store the key that is entered; return the path of its file.

    Raises UsageError, MissingKey, OutputError, or Killed for a signal during the prompt.
    """
    for option, _ in flags.given():
        if option.name not in ("set_key", "quiet", "config", "no_config", "debug", "verbose"):
            raise UsageError(f"--set-key and {option.long} cannot be used together")
    if flags.text:
        raise UsageError("--set-key takes no key on the command line, which shows in ps; enter it when asked")
    if 0 in closed:
        raise UsageError("could not read standard input: it is closed")
    return store_key(_prompt() if os.isatty(0) else _line(), os.environ)


def _line() -> str:
    try:
        return sys.stdin.buffer.readline(_LONGEST_LINE).decode("utf-8-sig", "replace")
    except OSError as error:
        raise UsageError(f"could not read standard input: {error.strerror}") from error


def _prompt() -> str:
    """Ask on the terminal without showing what is typed."""
    import getpass

    with _signals_raise():
        try:
            return getpass.getpass("LMNT API key: ")
        except EOFError:
            return ""


@contextmanager
def _signals_raise() -> Iterator[None]:
    """Let signals that end raise Killed, so that the terminal shows again what is typed."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise Killed(number)

    before = {number: signal.signal(number, end) for number in not_ignored(*ENDING)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
