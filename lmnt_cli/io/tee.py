"""A source that copies its text, byte for byte as it is read (`--tee`)."""

from __future__ import annotations

from typing import Protocol

from ..errors import OutputError
from .side_output import SideOutput


class Source(Protocol):
    """A source of text."""

    async def read(self) -> bytes: ...


class TeeSource:
    """Reads another source and copies each block to a descriptor before it is spoken.

    While the reader of the tee pauses, no more text is read. A reader that leaves ends the tee, not the run.
    """

    def __init__(self, source: Source, descriptor: int, name: str) -> None:
        self._source = source
        self._output = SideOutput(descriptor)
        self._name = name

    async def read(self) -> bytes:
        """Return the next bytes, b"" at the end. Raises what the source raises."""
        await self._output.drained()
        block = await self._source.read()
        self._output.put(block)
        return block

    async def finish(self) -> None:
        """Wait until everything is written. Raises OutputError if the text could not be written."""
        await self._output.drained()
        failure = self._output.failure
        if failure is not None and not isinstance(failure, BrokenPipeError):
            raise OutputError(f"could not copy the text to {self._name}: {failure.strerror}") from failure
