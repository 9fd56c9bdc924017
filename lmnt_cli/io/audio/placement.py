"""Put a complete recording in its place: by a rename, or by a copy where that is impossible."""

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

    If a rename is impossible (a mount point, another user's file in a sticky directory), overwrite `target`.
    """
    try:
        os.replace(part, target)
    except OSError as error:
        _copy_over(descriptor, target, error)
        os.unlink(part)


def place_if_free(part: str, target: str) -> None:
    """Rename `part` to `target`. Raises UsageError if a file of that name now exists, or OSError."""
    taken = UsageError(f"{target} was created meanwhile, and --no-clobber was given")
    try:
        # Unlike a rename, a link never replaces anything.
        os.link(part, target)
    except FileExistsError as error:
        raise taken from error
    except OSError:
        # No hard links on this file system: reserve the name with an empty file of our own, then replace it.
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
    """Return why a rename could not replace an existing file, or None if it could.

    This covers only what is known beforehand: in a sticky directory, only the owner may replace a file, and
    nobody may replace one with the attribute "immutable" or "append-only" (chattr).
    """
    try:
        found, directory = os.stat(target), os.stat(os.path.dirname(target) or ".")
    except OSError:
        return None
    if stat.S_ISREG(found.st_mode) and _is_protected(target):
        return "it is immutable or append-only"
    user = os.geteuid() if hasattr(os, "geteuid") else 0
    if not directory.st_mode & stat.S_ISVTX or user in (0, found.st_uid, directory.st_uid):
        return None
    return "it belongs to another user, in a sticky directory"


def _is_protected(target: str) -> bool:
    """Return whether the file has an attribute that forbids changes: a missing permission is EACCES."""
    try:
        os.close(os.open(target, os.O_WRONLY | BINARY | _NO_FOLLOW))
    except OSError as error:
        return error.errno == errno.EPERM
    return False


def _copy_over(descriptor: int, target: str, error: OSError) -> None:
    """Overwrite `target` with the open file. Raises `error`, that of the rename, if it cannot be opened."""
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
    """Reserve `size` bytes before anything is overwritten. Raises OSError if the disk is too full."""
    if not hasattr(os, "posix_fallocate"):
        return
    before = os.fstat(descriptor).st_size
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            os.ftruncate(descriptor, before)
            raise
