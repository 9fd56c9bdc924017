"""Putting a complete recording in its place: by a rename, or where that is impossible, by a copy."""

from __future__ import annotations

import errno
import os
import stat

from ...errors import UsageError
from .regular_file import BINARY, could_not_write, is_regular, remove, sync


_BLOCK = 1 << 20
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)


def place(descriptor: int, part: str, target: str) -> None:
    """Rename the open file `part` to `target`, replacing it. Raises OSError, or OutputError if a copy fails.

    A file that cannot be renamed over (a mount point, another user's in a sticky directory) is overwritten.
    """
    try:
        os.replace(part, target)
    except OSError as error:
        _copy_over(descriptor, target, error)
        os.unlink(part)


def place_if_free(part: str, target: str) -> None:
    """Rename `part` to `target`. Raises UsageError if a file of that name has appeared, or OSError."""
    taken = UsageError(f"{target} was created meanwhile, and --no-clobber was given")
    try:
        # Unlike a rename, a link never replaces anything.
        os.link(part, target)
    except FileExistsError as error:
        raise taken from error
    except OSError:
        # There are no hard links here. A file of our own takes the name, which may then be replaced.
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError as error:
            raise taken from error
        try:
            os.replace(part, target)
        except OSError:
            remove(target)
            raise
    else:
        os.unlink(part)


def refuse_unplaceable(target: str) -> str | None:
    """Return why a file that exists could not be replaced by renaming another one to it; None if it could.

    Only what can be known beforehand: in a sticky directory, only the owner of a file may replace it.
    """
    try:
        found, directory = os.stat(target), os.stat(os.path.dirname(target) or ".")
    except OSError:
        return None
    user = os.geteuid() if hasattr(os, "geteuid") else 0
    if not directory.st_mode & stat.S_ISVTX or user in (0, found.st_uid, directory.st_uid):
        return None
    return "it belongs to another user, in a sticky directory"


def _copy_over(descriptor: int, target: str, error: OSError) -> None:
    """Overwrite `target` with the open file. Raises the error of the rename if it cannot be opened."""
    try:
        copy = os.open(target, os.O_WRONLY | BINARY | _NO_FOLLOW)
    except OSError:
        raise error from None
    try:
        if not is_regular(copy):
            raise error
        size = os.fstat(descriptor).st_size
        _reserve(copy, size)
        offset = 0
        while block := os.pread(descriptor, _BLOCK, offset):
            while block:
                count = os.pwrite(copy, block, offset)
                offset, block = offset + count, block[count:]
        os.ftruncate(copy, size)
        sync(copy)
    except OSError as reason:
        if reason is error:
            raise
        raise could_not_write(target, reason) from reason
    finally:
        os.close(copy)


def _reserve(descriptor: int, size: int) -> None:
    """Make room for that many bytes before anything is overwritten. Raises OSError if there is too little."""
    if not hasattr(os, "posix_fallocate"):
        return
    before = os.fstat(descriptor).st_size
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            os.ftruncate(descriptor, before)
            raise
