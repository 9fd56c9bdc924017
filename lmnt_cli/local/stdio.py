"""The three standard descriptors, as they are when somebody closed or filled them."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


# As of lmnt-say: output that could not be written; and the status of one killed by SIGPIPE.
_OUTPUT = 7
_SIGPIPE = 141


def open_closed_descriptors() -> set[int]:
    """Open /dev/null in place of closed descriptors, which the next sockets would get; return which."""
    closed = set()
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
    return closed


def print_and_exit(text: str, closed: set[int]) -> NoReturn:
    """Write a text to standard output, all of it, and exit; with 7 and a reason if it cannot be written."""
    data = text.encode(errors="replace")
    try:
        if 1 in closed:
            raise OSError(None, "it is closed")
        while data:
            data = data[os.write(1, data) :]
    except BrokenPipeError:
        sys.exit(_SIGPIPE)
    except OSError as error:
        print(f"lmnt-local: cannot write to standard output: {error.strerror}", file=sys.stderr)
        sys.exit(_OUTPUT)
    sys.exit()
