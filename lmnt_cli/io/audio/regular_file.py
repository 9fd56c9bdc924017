"""A regular file that audio is written to: checked, patched, cut, and brought to the disk."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable

from ...errors import OutputError


# What to overwrite, and where from our first byte, when so many bytes are the whole output.
Patches = Callable[[int], list[tuple[int, bytes]]]

BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would change line ends otherwise

# What fsync answers where there is nothing to bring to a disk, or no way to do it.
_NO_SYNC = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EROFS}


class RegularFile:
    """The part of an open regular file that is ours, from `start` on.

    `alone` says that nobody else writes to the file, so that its size is known. `can_patch` is off where
    writes go to the end of the file wherever they are meant to go.
    """

    def __init__(
        self, descriptor: int, name: str, *, start: int = 0, alone: bool = True, can_patch: bool = True
    ) -> None:
        self.descriptor = descriptor
        self._name = name
        self._start = start
        self._alone = alone
        self._can_patch = can_patch

    def check(self, length: int) -> None:
        """Raise OutputError unless the `length` bytes that we wrote are still there.

        Another program may cut the file at any time, and the system then fills the gap with zeros.
        """
        try:
            size = os.fstat(self.descriptor).st_size - self._start
        except OSError as error:
            raise could_not_write(self._name, error) from error
        if size < length or (self._alone and size > length):
            what = "cut it short" if size < length else "written to it"
            raise OutputError(f"could not write {self._name}: another program has {what}")

    def complete(self, length: int, patches: Patches) -> None:
        """Patch the sizes and make sure that all `length` bytes are on the disk. Raises OutputError."""
        try:
            self._patch(patches(length))
            sync(self.descriptor)
        except OSError as error:
            raise could_not_write(self._name, error) from error
        self.check(length)

    def keep(self, patches: Patches) -> None:
        """Patch the sizes of what is there, if possible: the run has failed, and its reason is reported."""
        try:
            size = os.fstat(self.descriptor).st_size
            self._patch(patches(min(size, os.lseek(self.descriptor, 0, os.SEEK_CUR)) - self._start))
        except OSError:
            pass  # see above

    def cut(self, length: int) -> None:
        """Cut the file to that length and write on from there. Raises OSError, also for a shorter file."""
        if os.fstat(self.descriptor).st_size < self._start + length:
            raise OSError(errno.EIO, "another program has cut it short")
        os.ftruncate(self.descriptor, self._start + length)
        os.lseek(self.descriptor, self._start + length, os.SEEK_SET)

    def _patch(self, patches: list[tuple[int, bytes]]) -> None:
        if self._can_patch:
            for offset, data in patches:
                os.pwrite(self.descriptor, data, self._start + offset)


def unpatched(length: int) -> list[tuple[int, bytes]]:  # noqa: ARG001 - the signature of Patches
    """Patch nothing: the output has no sizes in it."""
    return []


def is_regular(descriptor: int) -> bool:
    """Return whether the descriptor is that of a regular file."""
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


def could_not_write(name: str, error: OSError) -> OutputError:
    """Return the error of an output that the system refuses to write."""
    return OutputError(f"could not write {name}: {error.strerror}")


def remove(path: str) -> None:
    """Remove a file; if that is impossible, leave it."""
    try:
        os.unlink(path)
    except OSError:
        pass  # an empty file left over is the lesser trouble


def sync(descriptor: int) -> None:
    """Wait until the data is on the disk. Raises OSError, also for writes that seemed to succeed."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    # Network and FUSE file systems may report a full disk only when a descriptor is closed. This one stays
    # open, because the lock depends on it.
    os.close(os.dup(descriptor))
