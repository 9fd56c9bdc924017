"""A subtitle file, written while text is still arriving (`--subtitles`)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from ..core.audio.formats import NEW, Start
from ..core.captions.formats import CaptionFormat, CaptionKind
from ..core.captions.placement import Word
from ..errors import ConnectError, OutputError, UsageError
from .audio.descriptor import descriptor_named
from .audio.part_file import paths_written
from .audio.regular_file import could_not_write, unpatched
from .audio.sinks import Sink, open_sink
from .background import Background
from .side_output import SideOutput


class SubtitleFile:
    """Writes each cue whole and at once, so that the file is valid up to its end at any time."""

    def __init__(self, sink: Sink, caption_format: CaptionFormat) -> None:
        self._sink = sink
        self._format = caption_format
        self._output = SideOutput(sink.descriptor)
        self._begun = False
        self._length = sink.start.length
        self._failure: OutputError | None = None

    def add(self, words: Sequence[Word]) -> None:
        """Add words in order; write the cues that they complete."""
        self._write(self._format.feed(words))

    def push(self) -> None:
        """Write as much of the buffer as the reader accepts now."""
        self._output.push()

    async def complete(self) -> None:
        """Write the last cue and complete the file. Raises OutputError if anything is missing.

        A slow disk does not block the event loop.
        """
        self._write(self._format.finish())
        if self._length:
            self._begin()  # a continued file may get no further words
        await self._output.drained()
        if self._failure is not None:
            raise self._failure
        if isinstance(self._output.failure, BrokenPipeError):
            return  # the reader has left
        if self._output.failure is not None:
            reason = self._output.failure.strerror
            raise OutputError(f"could not write {self._sink.name}: {reason}") from self._output.failure
        try:
            completing = Background(partial(self._sink.complete, self._length, unpatched))
        except ConnectError as error:
            raise OutputError(f"could not write {self._sink.name}: {error.message}") from error
        await completing.result()

    def keep(self) -> str | None:
        """Keep an incomplete file if it has cues; return the name of what is kept."""
        self._write(self._format.finish())
        return self._sink.keep(unpatched)

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        try:
            self._sink.begin()
        except OSError as error:
            self._failure = could_not_write(self._sink.name, error)

    def _write(self, text: str) -> None:
        if not text:
            return
        self._begin()
        try:
            self._sink.check(self._length - self._output.held)
        except OutputError as error:
            self._failure = self._failure or error
        if self._failure is not None:
            return
        if not self._length:
            text = self._format.begin() + text
        data = text.encode()
        self._length += len(data)
        self._output.put(data)


def open_subtitles(
    name: str,
    kind: CaptionKind,
    *,
    part: bool,
    clobber: bool,
    continued_at: float | None = None,
    mid_utterance: bool = False,
) -> SubtitleFile:
    """Open a file of subtitles, by the rules of `-o`.

    If audio is appended to a recording at second `continued_at`, existing subtitles are cut there and
    continued. `mid_utterance` is whether the text continues an utterance. Raises OutputError or UsageError.
    """
    if continued_at is None or not _is_there(name, part=part):
        return SubtitleFile(open_sink(name, part=part, clobber=clobber), kind())
    from ..core.captions.continuing import continued

    earlier = _Earlier(kind, continued_at)
    sink = open_sink(name, part=part, clobber=clobber, appending=earlier)
    return SubtitleFile(sink, continued(kind, earlier.kept, mid_utterance=mid_utterance))


class _Earlier:
    """Subtitles of an earlier run, which are kept up to this many seconds of audio."""

    def __init__(self, kind: CaptionKind, seconds: float) -> None:
        from ..core.captions.continuing import Kept

        self.kept = Kept()
        self._kind = kind
        self._seconds = seconds

    def start(self, descriptor: int, name: str) -> Start:
        from ..core.captions.continuing import keep_captions

        try:
            with open(descriptor, "rb", closefd=False) as file:
                self.kept = keep_captions(self._kind, file, self._seconds)
        except UsageError as error:
            raise UsageError(f"could not continue {name}: {error.message}") from error
        return Start(self.kept.length) if self.kept.length else NEW


def _is_there(name: str, *, part: bool) -> bool:
    """Return whether there is a file to continue: FILE.part or, without `part`, FILE itself."""
    if os.path.exists(name) and not os.path.isfile(name):
        return False
    _, *parts = paths_written(name)
    return (
        any(map(os.path.lexists, parts)) if part else os.path.exists(name) and descriptor_named(name) is None
    )
