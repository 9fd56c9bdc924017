"""A descriptor that was open before we started: standard output, or what a path like /dev/fd/3 names."""

from __future__ import annotations

import errno
import os
import re

from ...core.audio.formats import NEW
from .regular_file import Patches, RegularFile, is_regular


_NAMES = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_LINKS = 40  # as many as Linux follows


class OpenDescriptor:
    """A descriptor written from where it stands. In a regular file what stands before stays."""

    can_cut = False
    start = NEW

    def __init__(self, descriptor: int, name: str) -> None:
        self.name = name
        self.descriptor = descriptor
        self._file = _regular_file(descriptor, name)

    def begin(self) -> None:
        """Leave what is there."""

    def check(self, length: int) -> None:
        """Raise OutputError unless what we wrote to a regular file is still there."""
        if self._file is not None:
            self._file.check(length)

    def complete(self, length: int, patches: Patches) -> None:
        """Patch the sizes of a regular file and bring it to the disk. Raises OutputError."""
        if self._file is not None:
            self._file.complete(length, patches)

    def cut(self, offset: int) -> None:
        """Leave it: what went to a descriptor of somebody else is never taken back."""

    def keep(self, patches: Patches) -> str | None:
        """Patch the sizes of what is there; return no name, since the caller knows where it went."""
        if self._file is not None:
            self._file.keep(patches)
        return None


def descriptor_named(path: str) -> int | None:
    """Return the descriptor of ours that a path stands for, also through links; None for any other path.

    Opening such a path would open its file again, from the start. Raises OSError for a descriptor that is
    closed, cannot be written, or was not inherited.
    """
    number = _number(path)
    if number is None:
        return None
    # What we opened ourselves is not inheritable, and nobody can have meant it.
    if not os.get_inheritable(number) or not _is_writable(number):
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), path)
    return number


def path_of(descriptor: int) -> str | None:
    """Return the path of the regular file that a descriptor was opened on, where the system tells it."""
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
    """Return the file of the descriptor from where it stands, None if it is not a regular one."""
    try:
        import fcntl

        if not is_regular(descriptor):
            return None
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND:
            # Every write goes to the end, wherever others have moved it.
            end = os.fstat(descriptor).st_size
            return RegularFile(descriptor, name, start=end, alone=False, can_patch=False)
        return RegularFile(descriptor, name, start=os.lseek(descriptor, 0, os.SEEK_CUR), alone=False)
    except (OSError, ImportError):
        return None
