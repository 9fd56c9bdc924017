"""A regular file that audio is written to: check, patch, truncate and sync it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable

from ...errors import OutputError


# Maps the length of the complete output to the bytes to overwrite, as offsets from our first byte and data.
Patches = Callable[[int], list[tuple[int, bytes]]]

BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would change line ends otherwise

# Errors of fsync for a file that has no disk to be synced to, or on a system that cannot sync.
_NO_SYNC = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EROFS}


class RegularFile:
    """The part of an open regular file that we write, beginning at offset `start`.

    `alone` states that no other program writes to the file, so that its size is known. `can_patch` is False
    for a file opened with O_APPEND, where every write goes to the end.
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

        Another program may truncate the file at any time; our next write would then fill the gap with zeros.
        """
        try:
            size = os.fstat(self.descriptor).st_size - self._start
        except OSError as error:
            raise could_not_write(self._name, error) from error
        if size < length or (self._alone and size > length):
            what = "cut it short" if size < length else "written to it"
            raise OutputError(f"could not write {self._name}: another program has {what}")

    def complete(self, length: int, patches: Patches) -> None:
        """Patch the sizes and ensure that all `length` bytes are on disk. Raises OutputError."""
        try:
            self._patch(patches(length))
            sync(self.descriptor)
        except OSError as error:
            raise could_not_write(self._name, error) from error
        self.check(length)

    def keep(self, patches: Patches) -> None:
        """Patch the sizes of an incomplete output. Errors are ignored: the run has already failed."""
        try:
            size = os.fstat(self.descriptor).st_size
            self._patch(patches(min(size, os.lseek(self.descriptor, 0, os.SEEK_CUR)) - self._start))
        except OSError:
            pass  # see above

    def cut(self, length: int) -> None:
        """Truncate our part to `length` bytes and continue there. Raises OSError, also if it is shorter."""
        if os.fstat(self.descriptor).st_size < self._start + length:
            raise OSError(errno.EIO, "another program has cut it short")
        os.ftruncate(self.descriptor, self._start + length)
        os.lseek(self.descriptor, self._start + length, os.SEEK_SET)

    def _patch(self, patches: list[tuple[int, bytes]]) -> None:
        if self._can_patch:
            for offset, data in patches:
                os.pwrite(self.descriptor, data, self._start + offset)


def unpatched(length: int) -> list[tuple[int, bytes]]:  # noqa: ARG001 - the signature of Patches
    """Patch nothing: the output contains no sizes."""
    return []


def is_regular(descriptor: int) -> bool:
    """Return whether the descriptor refers to a regular file."""
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


def could_not_write(name: str, error: OSError) -> OutputError:
    """Return the error for an output that the system cannot write."""
    return OutputError(f"could not write {name}: {error.strerror}")


def remove(path: str) -> None:
    """Remove a file, ignoring errors."""
    try:
        os.unlink(path)
    except OSError:
        pass  # a leftover empty file does no harm


def sync(descriptor: int) -> None:
    """Wait until the data is on disk. Raises OSError, also for earlier writes that seemed to succeed."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    # Network and FUSE file systems may report a full disk only on close. Close a duplicate: the original
    # holds the lock.
    os.close(os.dup(descriptor))
