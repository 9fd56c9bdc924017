"""The three standard descriptors, which may be closed or full."""

from __future__ import annotations

import os
import sys
from collections.abc import Set
from typing import NoReturn


# As in lmnt-say: the status for output that could not be written, and that of a process killed by SIGPIPE.
_OUTPUT = 7
_SIGPIPE = 141


def open_closed_descriptors() -> set[int]:
    """Open /dev/null for each closed descriptor, which the next socket would get; return the set."""
    closed = set()
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
    return closed


def print_and_exit(text: str, closed: Set[int]) -> NoReturn:
    """Write all of a text to standard output and exit; if it cannot be written, exit with 7 and a reason."""
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
