"""Claim FILE.part: choose its name, lock it, set its mode, and decide whether an existing one may be reused.

An existing file of that name may be left over from an earlier run, belong to a run that is still writing, or,
in a shared directory, be planted by an attacker. Only the first is taken over.
"""

from __future__ import annotations

import errno
import os
import stat
import zlib

from ...core.value import value
from ...errors import OutputError
from .regular_file import BINARY, remove


SUFFIX = ".part"
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT: int = getattr(os, "O_NONBLOCK", 0)  # opening a FIFO would block until it has a reader
# Errors for a lock held by another process; POSIX allows any of them.
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}


@value
class Claim:
    """An open `.part` file that no other run writes. `created` is True if it did not exist before."""

    descriptor: int
    path: str
    created: bool


def claim_part(target: str, *, takes_over_unlocked: bool = False) -> Claim:
    """Open and lock the `.part` of a file. Raises OSError, or OutputError for one that we may not use.

    With `takes_over_unlocked`, also take over an existing one on a file system without locks, where a run
    that is still writing it cannot be detected.
    """
    path, short = part_names(target)
    try:
        return _claim(path, target, takes_over_unlocked)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
    return _claim(short, target, takes_over_unlocked)


def part_names(target: str) -> tuple[str, str]:
    """Return the name of a file's `.part`, and a short one for when the file system refuses the first.

    The short one contains a hash and is no longer than the file's own name.
    """
    directory, name = os.path.split(target)
    ending = f".{zlib.crc32(os.fsencode(name)):08x}{SUFFIX}"
    size = len(os.fsencode(name))
    stem = name
    while stem and len(os.fsencode(stem + ending)) > size:
        stem = stem[:-1]
    return target + SUFFIX, os.path.join(directory, stem + ending)


def is_file_of(descriptor: int, path: str) -> bool:
    """Return whether a path still names the open file, without following a symbolic link."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def match_access(descriptor: int, target: str, *, complete: bool) -> None:
    """Give the open file the access rights of FILE where possible, and never wider ones.

    If FILE does not exist, use the mode of a new file. Until it is complete, its owner may always write.
    """
    if not hasattr(os, "fchmod"):
        return
    like = _stat(target)
    if like is None:
        os.umask(umask := os.umask(0o077))
        mode = 0o666 & ~umask
    else:
        mode = like.st_mode & 0o777
        if not _match_group(descriptor, like.st_gid):
            # The group differs from FILE's, so it gets no rights that everyone else lacks.
            mode &= ~0o070 | (mode & 0o007) << 3
    try:
        os.fchmod(descriptor, mode if complete else mode | 0o600)
    except OSError:
        pass  # some file systems have no modes


def _match_group(descriptor: int, group: int) -> bool:
    try:
        if os.fstat(descriptor).st_gid != group:
            os.fchown(descriptor, -1, group)
    except OSError:
        return False
    return True


def _claim(path: str, target: str, takes_over_unlocked: bool) -> Claim:
    while True:
        descriptor, created = _open(path, target)
        try:
            locked = _lock(descriptor, path)
            # A run that held the lock may just have renamed the file, which is then a complete recording.
            if is_file_of(descriptor, path):
                if not created:
                    _refuse_foreign(descriptor, path)
                if not (locked or created or takes_over_unlocked):
                    raise OutputError(
                        f"could not write {path}: it exists, and its file system has no locks",
                        hint="remove it if no other run is writing it",
                    )
                return Claim(descriptor, path, created)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _open(path: str, target: str) -> tuple[int, bool]:
    """Open the `.part`; return its descriptor, and whether it was created."""
    flags = os.O_RDWR | BINARY | _NO_FOLLOW | _NO_WAIT
    like = _stat(target)
    while True:
        try:
            mode = 0o666 if like is None else like.st_mode & 0o777 | 0o600
            descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            try:
                return os.open(path, flags), False
            except FileNotFoundError:
                continue  # renamed or removed in between
            except OSError as error:
                if foreign := _foreign(path, _stat(path, follow=False)):
                    raise foreign from error
                raise
        if like is not None:
            match_access(descriptor, target, complete=False)
        return descriptor, True


def _stat(path: str, *, follow: bool = True) -> os.stat_result | None:
    try:
        return os.stat(path, follow_symlinks=follow)
    except OSError:
        return None


def _refuse_foreign(descriptor: int, path: str) -> None:
    """Raise OutputError for anything except a regular file of this user with a single link."""
    if foreign := _foreign(path, os.fstat(descriptor)):
        raise foreign


def _foreign(path: str, found: os.stat_result | None) -> OutputError | None:
    if found is None:
        return None
    if stat.S_ISLNK(found.st_mode):
        what = "it is a symbolic link"
    elif not stat.S_ISREG(found.st_mode):
        what = "it is not a regular file"
    elif found.st_nlink > 1:
        what = "it is a hard link to another file"
    elif hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        what = "it belongs to another user"
    else:
        return None
    return OutputError(f"could not write {path}: {what}", hint="remove it, or use --no-part")


def _lock(descriptor: int, path: str) -> bool:
    """Lock the file without waiting, for the lifetime of the process; return whether it could be locked.

    Raises OutputError if another run holds the lock.
    """
    try:
        import fcntl
    except ImportError:
        return True  # Windows, which does not allow a file that is open elsewhere to be renamed
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            raise OutputError(f"could not write {path}: another run is writing it") from error
        return False
    return True


def abandon(claim: Claim) -> None:
    """Remove the file if we created it; leave one that was taken over as it is."""
    if claim.created and is_file_of(claim.descriptor, claim.path):
        remove(claim.path)
