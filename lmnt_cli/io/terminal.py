"""Write messages to a terminal: without blocking for long, and with control characters escaped."""

from __future__ import annotations

import os
import re
import select
import time


# Seconds. A terminal that was stopped or a pipe that is not read must not keep the program from ending.
LONGEST_WAIT = 0.5
# A writable pipe accepts this many bytes at once (POSIX: PIPE_BUF is at least 512).
_AT_ONCE = 512
_LONGEST_LINE = 2000

# Controls (C0, C1), line separators, directional marks and lone surrogates. Compiled when first used.
_DANGEROUS = "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


def escape(text: str) -> str:
    """Return the text, shortened if very long, with every character escaped that a terminal would act on."""
    if len(text) > _LONGEST_LINE:
        text = text[:_LONGEST_LINE] + "…"
    return re.sub(_DANGEROUS, lambda found: found[0].encode("unicode_escape").decode(), text)


def write(descriptor: int, data: bytes, *, wait: float = LONGEST_WAIT) -> bool:
    """Write to a descriptor that may be closed, full or stopped; return whether all was written in time."""
    deadline = time.monotonic() + wait
    rest = memoryview(data)
    while rest:
        try:
            if not _writable(descriptor, max(0.0, deadline - time.monotonic())):
                return False
            rest = rest[os.write(descriptor, rest[:_AT_ONCE]) :]
        except OSError:
            return False
    return True


def _writable(descriptor: int, wait: float) -> bool:
    if not hasattr(select, "poll"):
        return True  # Windows, whose consoles do not block
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(wait * 1000))


def is_terminal(descriptor: int) -> bool:
    """Return whether the descriptor is a terminal; False if it is closed."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def same_terminal(one: int, other: int) -> bool:
    """Return whether both descriptors are the same terminal."""
    try:
        return os.isatty(one) and os.isatty(other) and os.fstat(one).st_rdev == os.fstat(other).st_rdev
    except OSError:
        return False
