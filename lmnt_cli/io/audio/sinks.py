"""Where audio is written: standard output, a file by way of its `.part`, or a file in place.

A sink owns a descriptor and finishes the output at the end of a run. `writer` writes the bytes.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Protocol

from ...core.audio.formats import Start
from ...errors import OutputError, UsageError
from .descriptor import OpenDescriptor, descriptor_named
from .regular_file import Patches


if TYPE_CHECKING:
    from .appending import Appends


class Sink(Protocol):
    """The output of one recording.

    `can_cut` states whether written bytes can be removed again; `start` is the audio that is already there
    and is kept. Lengths and offsets count from the first byte of the recording, which includes `start`.
    """

    descriptor: int
    name: str
    can_cut: bool
    start: Start

    def begin(self) -> None:
        """Prepare for the first write of audio. Raises OSError."""
        ...

    def check(self, length: int) -> None:
        """Raise OutputError unless the `length` bytes written so far are still there."""
        ...

    def complete(self, length: int, patches: Patches) -> None:
        """Finish a recording of `length` bytes. Raises OutputError, or UsageError for --no-clobber.

        May block while a disk is synced.
        """
        ...

    def cut(self, offset: int) -> None:
        """Remove what was written after this offset. Only if `can_cut` is set. Raises OSError."""
        ...

    def keep(self, patches: Patches) -> str | None:
        """Finish an incomplete recording; return the name of what is kept, if any. Raises nothing."""
        ...


def open_sink(
    path: str | None,
    *,
    part: bool,
    clobber: bool,
    closed: frozenset[int] = frozenset(),
    appending: Appends | None = None,
) -> Sink:
    """Return the sink for `-o PATH`, or for standard output if `path` is None.

    `closed` holds the descriptors that were closed at start. Raises OutputError, or UsageError for
    --no-clobber or if there is nothing to append to.
    """
    if path is None:
        return OpenDescriptor(1, "standard output")
    # Imported late because standard output needs none of it.
    from .appending import nothing_to_append_to
    from .in_place import InPlace
    from .part_file import PartFile

    try:
        number = descriptor_named(path)
        if number is not None:
            if appending is not None:
                raise nothing_to_append_to(path, "it is a descriptor")
            if number in closed:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF), path)
            return OpenDescriptor(os.dup(number), path)
        # Appending with --no-part needs an existing file, and replaces nothing.
        if not clobber and os.path.lexists(path) and (part or appending is None):
            raise UsageError(f"{path} exists, and --no-clobber was given")
        if part and not _is_special(path):
            return PartFile(path, clobber=clobber, appending=appending)
        return InPlace(path, clobber=clobber, appending=appending)
    except OSError as error:
        raise OutputError(f"could not open {error.filename or path}: {error.strerror}") from error


def _is_special(path: str) -> bool:
    """Return whether the path is a FIFO, a device or in /proc. Raises IsADirectoryError for a directory."""
    if os.path.abspath(path).startswith("/proc/"):
        return True
    if not os.path.basename(path):
        # A path with a trailing slash names a directory, whether it exists or not.
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return not stat.S_ISREG(mode)
