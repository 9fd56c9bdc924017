"""FILE.part: the file a recording is written to until it is complete."""

from __future__ import annotations

import errno
import os
import stat

from ...errors import OutputError, UsageError
from .patching import BINARY, Patches, patch, patch_what_can_be, remove, truncate


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
        patch(self.descriptor, 0, patches, self._shown)
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
        truncate(self.descriptor, offset)

    def keep(self, patches: Patches) -> str | None:
        """The part stays if it has audio."""
        if not self._begun:
            remove(self._part)
            return None
        patch_what_can_be(self.descriptor, 0, patches)
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
            descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | BINARY, 0o666)
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
