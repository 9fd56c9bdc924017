"""What is done to a file of audio behind its writer: sizes patched, ends cut off, leftovers removed."""

from __future__ import annotations

import os
import stat

from ...errors import OutputError


Patches = list[tuple[int, bytes]]

BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would change line ends otherwise


def patchable_from(descriptor: int) -> int | None:
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


def patch(descriptor: int, start: int | None, patches: Patches, name: str) -> None:
    if start is None:
        return
    try:
        for offset, data in patches:
            os.pwrite(descriptor, data, start + offset)
    except OSError as error:
        raise OutputError(f"could not write {name}: {error.strerror}") from error


def patch_what_can_be(descriptor: int, start: int | None, patches: Patches) -> None:
    try:
        patch(descriptor, start, patches, "")
    except OutputError:
        pass  # the run has failed already, and that is what the user is told


def truncate(descriptor: int, offset: int) -> None:
    try:
        os.ftruncate(descriptor, offset)
    except OSError:
        pass  # a word heard twice is the lesser trouble


def remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # an empty file left behind is the lesser trouble
