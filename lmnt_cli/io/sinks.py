"""Where audio goes: standard output, a file through its `.part`, or a file in place.

A sink owns a descriptor and what becomes of it at the end. Bytes are written by `writer`.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Protocol

from ..errors import OutputError, UsageError


Patches = list[tuple[int, bytes]]

_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would change line ends otherwise


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
        self._start = _patchable_from(1)

    def begin(self) -> None:
        """Nothing to prepare."""

    def complete(self, patches: Patches) -> None:
        """Patch the sizes."""
        _patch(self.descriptor, self._start, patches, self.name)

    def cut(self, offset: int) -> None:
        """Standard output is never taken back."""

    def keep(self, patches: Patches) -> str | None:
        """Patch the sizes of what is there; nothing is named, the caller knows where it went."""
        _patch_what_can_be(self.descriptor, self._start, patches)
        return None


class InPlace:
    """A FIFO, a device, or a file with --no-part. An old file is cut only when the first audio comes."""

    def __init__(self, path: str, *, clobber: bool) -> None:
        self.name = path
        existed = os.path.lexists(path)
        flags = os.O_WRONLY | os.O_CREAT | _BINARY | (0 if clobber else os.O_EXCL)
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
        _patch(self.descriptor, 0 if self._regular else None, patches, self.name)

    def cut(self, offset: int) -> None:
        """Cut a regular file."""
        if self._regular:
            _truncate(self.descriptor, offset)

    def keep(self, patches: Patches) -> str | None:
        """What was written stays, a file we made for nothing goes."""
        _patch_what_can_be(self.descriptor, 0 if self._regular else None, patches)
        if self._created and not self._begun:
            _remove(self.name)
        return self.name if self._regular and self._begun else None


class PartFile:
    """FILE.part, locked, which becomes FILE when it is complete. FILE changes by that rename alone."""

    can_cut = True

    def __init__(self, path: str, *, clobber: bool) -> None:
        self.name = path
        self._clobber = clobber
        # A link's file is replaced, not the link; the rename must stay on that file's side.
        self._target = os.path.realpath(path)
        self._part = self._target + ".part"
        self._shown = path + ".part" if self._target == os.path.abspath(path) else self._part
        self.descriptor = self._open_locked()
        os.ftruncate(self.descriptor, 0)
        self._begun = False

    def begin(self) -> None:
        """Nothing to prepare: the file is ours and empty."""
        self._begun = True

    def complete(self, patches: Patches) -> None:
        """Patch the sizes and rename."""
        _patch(self.descriptor, 0, patches, self._shown)
        try:
            if not _same_file(self.descriptor, self._part):
                raise FileNotFoundError(errno.ENOENT, "it was removed or replaced while we wrote")
            if hasattr(os, "fchmod") and os.path.exists(self._target):
                os.fchmod(self.descriptor, stat.S_IMODE(os.stat(self._target).st_mode))
            if self._clobber:
                os.replace(self._part, self._target)
            else:
                self._rename_if_free()
        except OSError as error:
            raise OutputError(f"could not rename {self._shown} to {self.name}: {error.strerror}") from error

    def cut(self, offset: int) -> None:
        """Cut the part."""
        _truncate(self.descriptor, offset)

    def keep(self, patches: Patches) -> str | None:
        """The part stays if it has audio."""
        if not self._begun:
            _remove(self._part)
            return None
        _patch_what_can_be(self.descriptor, 0, patches)
        return self._shown

    def _rename_if_free(self) -> None:
        try:
            # Unlike a rename, a link never replaces anything.
            os.link(self._part, self._target)
        except FileExistsError as error:
            raise UsageError(f"{self.name} was created meanwhile, and --no-clobber was given") from error
        os.unlink(self._part)

    def _open_locked(self) -> int:
        while True:
            descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | _BINARY, 0o666)
            if not _lock(descriptor):
                os.close(descriptor)
                raise OutputError(f"could not write {self._shown}: another run is writing it")
            if _same_file(descriptor, self._part):
                return descriptor
            # Whoever held the lock renamed the file just now: what we locked is somebody's recording.
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Take the lock of a file, without waiting; whether it was free. It is gone with the process."""
    try:
        import fcntl
    except ImportError:
        return True  # Windows: the rename of a file that is open elsewhere fails there anyway
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks: better unlocked than not at all
    return True


def _same_file(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _patchable_from(descriptor: int) -> int | None:
    """Where our first byte will stand, if the descriptor is a regular file that can be patched."""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        import fcntl

        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND:
            return None
        return os.lseek(descriptor, 0, os.SEEK_CUR)
    except (OSError, ImportError):
        return None


def _patch(descriptor: int, start: int | None, patches: Patches, name: str) -> None:
    if start is None:
        return
    try:
        for offset, data in patches:
            os.pwrite(descriptor, data, start + offset)
    except OSError as error:
        raise OutputError(f"could not write {name}: {error.strerror}") from error


def _patch_what_can_be(descriptor: int, start: int | None, patches: Patches) -> None:
    try:
        _patch(descriptor, start, patches, "")
    except OutputError:
        pass  # the run has failed already, and that is what the user is told


def _truncate(descriptor: int, offset: int) -> None:
    try:
        os.ftruncate(descriptor, offset)
    except OSError:
        pass  # a word heard twice is the lesser trouble


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # an empty file left behind is the lesser trouble
