"""Where audio goes: standard output, a file through its `.part`, or a file in place.

A sink owns a descriptor and decides what becomes of it at the end. `writer` writes the bytes.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Protocol

from ...core.audio.formats import Start
from ...errors import OutputError, UsageError
from .appending import Appending, nothing_to_append_to
from .descriptor import OpenDescriptor, descriptor_named
from .in_place import InPlace
from .part_file import PartFile
from .regular_file import Patches


class Sink(Protocol):
    """Where the bytes of one recording go.

    `can_cut` says whether written bytes can be taken back; `start` is what is there already and stays.
    Lengths and offsets count from the recording's first byte, that part included.
    """

    descriptor: int
    name: str
    can_cut: bool
    start: Start

    def begin(self) -> None:
        """Prepare for the first audio, which is about to be written. Raises OSError."""
        ...

    def check(self, length: int) -> None:
        """Raise OutputError unless the `length` bytes written so far are still there."""
        ...

    def complete(self, length: int, patches: Patches) -> None:
        """Finish a recording of `length` bytes. Raises OutputError, or UsageError for --no-clobber.

        May wait for a disk.
        """
        ...

    def cut(self, offset: int) -> None:
        """Take back what was written after this offset, where `can_cut` says so. Raises OSError."""
        ...

    def keep(self, patches: Patches) -> str | None:
        """Finish a recording that is not whole; return the name of what is kept of it. Raises nothing."""
        ...


def open_sink(
    path: str | None,
    *,
    part: bool,
    clobber: bool,
    closed: frozenset[int] = frozenset(),
    appending: Appending | None = None,
) -> Sink:
    """Return the sink for `-o PATH`, standard output for None; `closed` names descriptors that are closed.

    Raises OutputError, or UsageError for --no-clobber or nothing to append to.
    """
    if path is None:
        return OpenDescriptor(1, "standard output")
    try:
        number = descriptor_named(path)
        if number is not None:
            if appending is not None:
                raise nothing_to_append_to(path, "it is a descriptor")
            if number in closed:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF), path)
            return OpenDescriptor(os.dup(number), path)
        # With --no-part, what is appended to exists, and appending replaces nothing.
        if not clobber and os.path.lexists(path) and (part or appending is None):
            raise UsageError(f"{path} exists, and --no-clobber was given")
        if part and not _is_special(path):
            return PartFile(path, clobber=clobber, appending=appending)
        return InPlace(path, clobber=clobber, appending=appending)
    except OSError as error:
        raise OutputError(f"could not open {error.filename or path}: {error.strerror}") from error


def _is_special(path: str) -> bool:
    """Return whether the path is a FIFO or a device, or leads into another process."""
    if os.path.abspath(path).startswith("/proc/"):
        return True
    if not os.path.basename(path):
        # A path with a slash at its end is a directory's, whether there is one or not.
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return not stat.S_ISREG(mode)
