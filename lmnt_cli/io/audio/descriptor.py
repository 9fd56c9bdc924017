"""A descriptor that was open before we started: standard output, or one named by a path like /dev/fd/3."""

from __future__ import annotations

import errno
import os
import re

from ...core.audio.formats import NEW
from .regular_file import Patches, RegularFile, is_regular


_NAMES = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_LINKS = 40  # the limit of Linux


class OpenDescriptor:
    """A descriptor, written from its current offset. In a regular file everything before that is kept."""

    can_cut = False
    start = NEW

    def __init__(self, descriptor: int, name: str) -> None:
        self.name = name
        self.descriptor = descriptor
        self._file = _regular_file(descriptor, name)

    def begin(self) -> None:
        """Do nothing: what is there is kept."""

    def check(self, length: int) -> None:
        """Raise OutputError unless everything we wrote to a regular file is still there."""
        if self._file is not None:
            self._file.check(length)

    def complete(self, length: int, patches: Patches) -> None:
        """Patch the sizes in a regular file and sync it to disk. Raises OutputError."""
        if self._file is not None:
            self._file.complete(length, patches)

    def cut(self, offset: int) -> None:
        """Do nothing: what was written to an inherited descriptor is never removed again."""

    def keep(self, patches: Patches) -> str | None:
        """Patch the sizes in a regular file; return None, since the user redirected it and knows its name."""
        if self._file is not None:
            self._file.keep(patches)
        return None


def descriptor_named(path: str) -> int | None:
    """Return our descriptor that a path names, following links; None for any other path.

    Opening such a path would open its file a second time, at offset 0. Raises OSError for a descriptor that
    is closed, not writable, or not inherited.
    """
    number = _number(path)
    if number is None:
        return None
    # Descriptors that we opened ourselves are not inheritable, and the user cannot mean those.
    if not os.get_inheritable(number) or not _is_writable(number):
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), path)
    return number


def path_of(descriptor: int) -> str | None:
    """Return the path of a descriptor's regular file, None if the system does not report it."""
    try:
        import fcntl

        if not is_regular(descriptor):
            return None
        if hasattr(fcntl, "F_GETPATH"):  # macOS
            return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except (OSError, ImportError):
        return None


def _number(path: str) -> int | None:
    for _ in range(_LINKS):
        path = os.path.abspath(path)
        if path in _NAMES:
            return _NAMES[path]
        if match := re.fullmatch(rf"/(?:dev|proc/(?:self|thread-self|{os.getpid()}))/fd/(\d+)", path):
            return int(match[1])
        try:
            path = os.path.join(os.path.dirname(path), os.readlink(path))
        except OSError:
            return None
    return None


def _is_writable(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return True
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def _regular_file(descriptor: int, name: str) -> RegularFile | None:
    """Return the regular file of a descriptor, from its current offset; None for any other kind."""
    try:
        import fcntl

        if not is_regular(descriptor):
            return None
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND:
            # Every write goes to the end of the file, even if other programs have moved it.
            end = os.fstat(descriptor).st_size
            return RegularFile(descriptor, name, start=end, alone=False, can_patch=False)
        return RegularFile(descriptor, name, start=os.lseek(descriptor, 0, os.SEEK_CUR), alone=False)
    except (OSError, ImportError):
        return None
