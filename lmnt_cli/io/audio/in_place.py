"""A file, FIFO or device that is written in place, without a `.part` file."""

from __future__ import annotations

import errno
import os
import stat

from ...core.audio.formats import NEW, Start
from .appending import Appends, nothing_to_append_to
from .part_claim import is_file_of
from .regular_file import BINARY, Patches, RegularFile, is_regular, remove


class InPlace:
    """The path given to `-o`, opened itself. An existing file is not truncated before the first audio."""

    def __init__(self, path: str, *, clobber: bool, appending: Appends | None = None) -> None:
        """Open the path; a FIFO blocks until it has a reader.

        Raises OSError, or UsageError if there is nothing to append to.
        """
        self.name = path
        if appending is None:
            self.descriptor, created = _open(path, clobber=clobber)
            self.start = NEW
        else:
            self.descriptor, self.start = _open_to_append(path, appending)
            created = False
        regular = is_regular(self.descriptor)
        self.can_cut = regular
        self._file = RegularFile(self.descriptor, path) if regular else None
        self._created = regular and created
        self._has_audio = False

    def begin(self) -> None:
        """Truncate a regular file to `start.length`. Raises OSError."""
        if self._file is not None:
            self._file.cut(self.start.length)
        self._has_audio = True

    def check(self, length: int) -> None:
        """Raise OutputError unless a regular file is `length` bytes long."""
        if self._file is not None:
            self._file.check(length)

    def complete(self, length: int, patches: Patches) -> None:
        """Patch the sizes in a regular file and sync it to disk. Raises OutputError."""
        if not self._has_audio:
            self.keep(patches)
        elif self._file is not None:
            self._file.complete(length, patches)

    def cut(self, offset: int) -> None:
        """Truncate a regular file. Raises OSError."""
        if self._file is not None:
            self._file.cut(offset)

    def keep(self, patches: Patches) -> str | None:
        """Return the name of a regular file with audio; remove one that we created and left empty."""
        if self._file is None:
            return None
        if not self._has_audio:
            if self._created and is_file_of(self.descriptor, self.name):
                remove(self.name)
            return None
        self._file.keep(patches)
        return self.name


def _open_to_append(path: str, appending: Appends) -> tuple[int, Start]:
    """Open an existing regular file; return its descriptor, and where to append."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise nothing_to_append_to(path, "it is not a regular file")
        descriptor = os.open(path, os.O_RDWR | BINARY)
    except FileNotFoundError as error:
        raise nothing_to_append_to(path, os.strerror(errno.ENOENT)) from error
    try:
        return descriptor, appending.start(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise


def _open(path: str, *, clobber: bool) -> tuple[int, bool]:
    """Open the path for writing; return its descriptor, and whether a file was created."""
    flags = os.O_WRONLY | BINARY
    if not clobber:
        return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666), True
    try:
        # Without O_CREAT first: a sticky directory may refuse it for a file that exists and is writable.
        return os.open(path, flags), False
    except FileNotFoundError:
        return os.open(path, flags | os.O_CREAT, 0o666), True
