"""A subtitle file, written while text is still arriving (`--subtitles`)."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.captions.formats import CaptionFormat
from ..core.captions.placement import Word
from ..errors import OutputError
from .audio.regular_file import unpatched
from .audio.sinks import Sink
from .side_output import SideOutput


class SubtitleFile:
    """Writes each cue whole and at once, so that the file is valid up to its end at any time."""

    def __init__(self, sink: Sink, caption_format: CaptionFormat) -> None:
        self._sink = sink
        self._format = caption_format
        self._output = SideOutput(sink.descriptor)
        self._begun = False
        self._length = 0

    def add(self, words: Sequence[Word]) -> None:
        """Add words in order; write the cues that they complete."""
        self._write(self._format.feed(words))

    def push(self) -> None:
        """Write as much of the buffer as the reader accepts now."""
        self._output.push()

    async def complete(self) -> None:
        """Write the last cue and complete the file. Raises OutputError if anything is missing."""
        self._write(self._format.finish())
        await self._output.drained()
        if isinstance(self._output.failure, BrokenPipeError):
            return  # the reader has left
        if self._output.failure is not None:
            reason = self._output.failure.strerror
            raise OutputError(f"could not write {self._sink.name}: {reason}") from self._output.failure
        self._sink.complete(self._length, unpatched)

    def keep(self) -> str | None:
        """Keep an incomplete file if it has cues; return the name of what is kept."""
        self._write(self._format.finish())
        return self._sink.keep(unpatched)

    def _write(self, text: str) -> None:
        if not text:
            return
        if not self._begun:
            self._begun = True
            self._sink.begin()
            text = self._format.begin() + text
        data = text.encode()
        self._length += len(data)
        self._output.put(data)
