"""Where audio goes: standard output, a file through its `.part`, or a file in place.

A sink owns a descriptor and what becomes of it at the end. Bytes are written by `writer`.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Protocol

from ...errors import OutputError, UsageError
from .part_file import PartFile
from .patching import BINARY, Patches, patch, patch_what_can_be, patchable_from, remove, truncate


# Names of open descriptors; what stands behind them must not be renamed, whatever it is.
_DESCRIPTORS = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")


class Sink(Protocol):
    """Three kinds of end, one shape."""

    descriptor: int
    name: str
    can_cut: bool  # whether what was written can be taken back

    def begin(self) -> None:
        """The first audio is about to be written. Raises OutputError."""
        ...

    def complete(self, patches: Patches) -> None:
        """All audio is written. Raises OutputError, or UsageError if the name was taken meanwhile."""
        ...

    def cut(self, offset: int) -> None:
        """Take back what was written behind this offset, where `can_cut` says so. Raises nothing."""
        ...

    def keep(self, patches: Patches) -> str | None:
        """The audio is not whole: return the name of what is kept of it, if anything is. Raises nothing."""
        ...


def open_sink(path: str | None, *, part: bool, clobber: bool) -> Sink:
    """The sink for `-o PATH`, standard output for None. Raises OutputError, or UsageError for no-clobber."""
    if path is None:
        return StandardOutput()
    try:
        if not clobber and os.path.lexists(path):
            raise UsageError(f"{path} exists, and --no-clobber was given")
        if part and not _is_special(path):
            return PartFile(path, clobber=clobber)
        return InPlace(path, clobber=clobber)
    except OSError as error:
        raise OutputError(f"could not open {error.filename or path}: {error.strerror}") from error


def _is_special(path: str) -> bool:
    """Whether the path is a FIFO or a device, or stands for an open descriptor."""
    if os.path.abspath(path).startswith(_DESCRIPTORS):
        return True
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return not stat.S_ISREG(mode)


class StandardOutput:
    """Descriptor 1. Where it is a regular file, sizes are patched relative to where we began."""

    name = "standard output"
    can_cut = False

    def __init__(self) -> None:
        self.descriptor = 1
        self._start = patchable_from(1)

    def begin(self) -> None:
        """Nothing to prepare."""

    def complete(self, patches: Patches) -> None:
        """Patch the sizes."""
        patch(self.descriptor, self._start, patches, self.name)

    def cut(self, offset: int) -> None:
        """Standard output is never taken back."""

    def keep(self, patches: Patches) -> str | None:
        """Patch the sizes of what is there; nothing is named, the caller knows where it went."""
        patch_what_can_be(self.descriptor, self._start, patches)
        return None


class InPlace:
    """A FIFO, a device, or a file with --no-part. An old file is cut only when the first audio comes."""

    def __init__(self, path: str, *, clobber: bool) -> None:
        self.name = path
        existed = os.path.lexists(path)
        flags = os.O_WRONLY | os.O_CREAT | BINARY | (0 if clobber else os.O_EXCL)
        # A FIFO without a reader waits here for one, as it does for everybody.
        self.descriptor = os.open(path, flags, 0o666)
        self._regular = stat.S_ISREG(os.fstat(self.descriptor).st_mode)
        self.can_cut = self._regular
        self._created = self._regular and not existed
        self._begun = False

    def begin(self) -> None:
        """Cut an old file."""
        self._begun = True
        if self._regular:
            os.ftruncate(self.descriptor, 0)

    def complete(self, patches: Patches) -> None:
        """Patch the sizes."""
        patch(self.descriptor, 0 if self._regular else None, patches, self.name)

    def cut(self, offset: int) -> None:
        """Cut a regular file."""
        if self._regular:
            truncate(self.descriptor, offset)

    def keep(self, patches: Patches) -> str | None:
        """What was written stays, a file we made for nothing goes."""
        patch_what_can_be(self.descriptor, 0 if self._regular else None, patches)
        if self._created and not self._begun:
            remove(self.name)
        return self.name if self._regular and self._begun else None
