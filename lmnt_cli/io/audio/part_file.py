"""FILE.part: the file that a recording is written to until it is complete."""

from __future__ import annotations

import errno
import os

from ...core.audio.formats import NEW
from ...errors import OutputError, SayError
from .appending import Appends, nothing_to_append_to
from .part_claim import SUFFIX, abandon, claim_part, is_file_of, match_access, part_names
from .placement import place, place_if_free, refuse_unplaceable
from .regular_file import Patches, RegularFile


class PartFile:
    """A locked FILE.part, renamed to FILE when it is complete. FILE does not change before that."""

    can_cut = True

    def __init__(self, path: str, *, clobber: bool, appending: Appends | None = None) -> None:
        """Open and lock the part, a new one or the one to append to.

        Raises OSError, OutputError if it cannot be used, or UsageError if there is nothing to append to.
        """
        self.name = path
        self._clobber = clobber
        self._target = target_of(path)
        if reason := refuse_unplaceable(self._target):
            raise OutputError(f"could not replace {path}: {reason}", hint=_in_place(self._target))
        if appending is not None and not any(map(os.path.lexists, part_names(self._target))):
            existing = os.path.exists(self._target)
            raise nothing_to_append_to(
                path + SUFFIX,
                os.strerror(errno.ENOENT),
                hint=f"--no-part appends to {path} itself" if existing else None,
            )
        try:
            self._claim = claim_part(self._target, takes_over_unlocked=appending is not None)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            raise OutputError(
                f"could not open {error.filename}: {error.strerror}", hint=_in_place(self._target)
            ) from error
        self.descriptor = self._claim.descriptor
        self._file = RegularFile(self.descriptor, self._claim.path)
        self._has_audio = self._is_complete = False
        try:
            self.start = NEW if appending is None else appending.start(self.descriptor, self._claim.path)
        except BaseException:
            abandon(self._claim)
            os.close(self.descriptor)
            raise

    def begin(self) -> None:
        """Truncate a part that was taken over to `start.length`. Raises OSError."""
        if not self._claim.created:
            match_access(self.descriptor, self._target, complete=False)
        self._file.cut(self.start.length)
        self._has_audio = True

    def check(self, length: int) -> None:
        """Raise OutputError unless the file is `length` bytes long."""
        self._file.check(length)

    def complete(self, length: int, patches: Patches) -> None:
        """Patch the sizes, sync the audio to disk and rename the part. Raises OutputError or UsageError.

        Without any audio, leave everything as it was.
        """
        if not self._has_audio:
            abandon(self._claim)
            return
        self._file.complete(length, patches)
        part = self._claim.path
        if not is_file_of(self.descriptor, part):
            raise OutputError(f"could not rename {part}: it was removed or replaced by another program")
        self._is_complete = True
        match_access(self.descriptor, self._target, complete=True)
        try:
            if self._clobber:
                place(self.descriptor, part, self._target)
            else:
                place_if_free(part, self._target)
        except SayError as error:
            error.hint = f"the complete recording is in {part}"
            raise
        except OSError as error:
            raise OutputError(
                f"could not rename {part} to {self.name}: {error.strerror}",
                hint=f"the complete recording is in {part}",
            ) from error

    def cut(self, offset: int) -> None:
        """Truncate the part. Raises OSError."""
        self._file.cut(offset)

    def keep(self, patches: Patches) -> str | None:
        """Keep the part if it has audio, and return its name; remove one that we created and left empty."""
        if not self._has_audio:
            abandon(self._claim)
            return None
        if self._is_complete:
            return None  # the error names the complete recording
        self._file.keep(patches)
        return self._claim.path


def target_of(path: str) -> str:
    """Return the file to replace: for a symbolic link its target, not the link."""
    return os.path.realpath(path) if os.path.islink(path) else path


def paths_written(path: str) -> tuple[str, ...]:
    """Return every path that a recording to that path may write."""
    return (path, *part_names(target_of(path)))


def _in_place(target: str) -> str | None:
    """Return a hint for a file that can be written but not replaced."""
    writable = os.path.isfile(target) and os.access(target, os.W_OK)
    return "use --no-part to write it in place" if writable else None
