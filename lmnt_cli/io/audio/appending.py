"""Find where to append to an unfinished file of an earlier run (`--continue`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Protocol

from ...core.audio.formats import AudioFormat, Start
from ...core.value import value
from ...errors import UsageError


_BLOCK = 1 << 20


class Appends(Protocol):
    """Decides where to append to a file."""

    def start(self, descriptor: int, name: str) -> Start:
        """Return where to append to an open file. Raises UsageError if that is impossible, or OSError."""
        ...


@value
class Appending:
    """How to append: audio of this format and rate, after `offset` bytes or (None) the last whole frame.

    `mid_utterance` is whether its text continues an utterance.
    """

    audio_format: AudioFormat
    sample_rate: int
    offset: int | None = None
    mid_utterance: bool = False

    def start(self, descriptor: int, name: str) -> Start:
        # Imported only when needed: most runs append to nothing.
        from ...core.audio.recording import HEAD, continue_at, continue_recording

        size = os.fstat(descriptor).st_size
        head = os.pread(descriptor, HEAD, 0)
        if not size:
            raise nothing_to_append_to(name, "it is empty")
        try:
            what = self.audio_format, self.sample_rate, head, size, _blocks(descriptor)
            return continue_recording(*what) if self.offset is None else continue_at(self.offset, *what)
        except UsageError as error:
            raise UsageError(f"could not append to {name}: {error.message}") from error


def nothing_to_append_to(name: str, why: str, hint: str | None = None) -> UsageError:
    """Return the error for a recording that cannot be continued, because there is none."""
    return UsageError(f"there is nothing to append to: {name}: {why}", hint=hint)


def _blocks(descriptor: int) -> Iterator[bytes]:
    offset = 0
    while block := os.pread(descriptor, _BLOCK, offset):
        yield block
        offset += len(block)
