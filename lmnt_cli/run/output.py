"""Where the audio of a run goes: a sink, a player, or both."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, Protocol

from ..core.audio.formats import NEW, Start, format_of_extension
from ..errors import STDOUT_CLOSED, OutputError
from ..io.audio.descriptor import path_of
from ..io.audio.regular_file import Patches, unpatched
from ..io.audio.sinks import Sink, open_sink
from ..io.same_file import End
from ..settings import AudioSettings


if TYPE_CHECKING:
    from ..io.audio.appending import Appending
    from ..io.audio.playback import Playback


class Tape(Protocol):
    """A `speak.Writer` that knows the length of its output. (That module is loaded later.)"""

    @property
    def length(self) -> int: ...
    @property
    def backlog(self) -> int: ...
    @property
    def unsettled(self) -> int: ...
    def put(self, chunk: bytes) -> None: ...
    def cut(self, offset: int) -> None: ...
    async def drained(self) -> None: ...
    async def watch(self) -> None: ...
    async def complete(self, patches: Patches) -> None: ...


class Output:
    """The open sink and player of a run. `playback` is None if nothing is played."""

    def __init__(self, sink: Sink, playback: Playback | None) -> None:
        self.sink = sink
        self.playback = playback

    def writer(self) -> Tape:
        """Return the writer of the run. Call it once, inside the event loop. Raises OutputError."""
        if isinstance(self.sink, Unrecorded):
            assert self.playback is not None, "audio that is not recorded is played"
            return self.playback
        try:
            if self.playback is None:
                from ..io.audio.writer import AudioWriter

                return AudioWriter(self.sink)
            from ..io.audio.record_and_play import RecordAndPlayWriter

            return RecordAndPlayWriter(self.sink, self.playback)
        except RuntimeError as error:
            # Python raises this when the system cannot create a thread.
            raise OutputError(f"could not write {self.sink.name}: {error}") from error

    async def end_playing(self) -> None:
        """End playback at once."""
        if self.playback is not None:
            await self.playback.end()

    def abandon(self) -> None:
        """Clean up a run that failed before any audio: kill the player, remove an empty file. Never waits."""
        if self.playback is not None:
            self.playback.kill()
        self.sink.keep(unpatched)


class Unrecorded:
    """The sink of a run that only plays, which records nothing."""

    descriptor = -1
    name = "the player"
    can_cut = False
    start = NEW

    def begin(self) -> None:
        """Do nothing."""

    def check(self, length: int) -> None:
        """Do nothing."""

    def cut(self, offset: int) -> None:
        """Do nothing: `can_cut` is off."""

    def complete(self, length: int, patches: Patches) -> None:
        """Do nothing."""

    def keep(self, patches: Patches) -> str | None:  # noqa: ARG002 - the protocol's signature
        """Keep nothing."""
        return None


def opens_at_once(audio: AudioSettings) -> bool:
    """Return whether opening the output cannot block, as opening a FIFO does until it has a reader."""
    if audio.output is None:
        return True
    try:
        return not stat.S_ISFIFO(os.stat(audio.output).st_mode)
    except OSError:
        return True


def ends_written(audio: AudioSettings) -> list[End]:
    """Return the outputs that carry audio, to be compared with the inputs and the other outputs."""
    if not audio.writes:
        return []
    if audio.output is None:
        return [End("standard output", (1,))]
    return [End(audio.output, file_paths(audio.output, part=audio.part))]


def file_paths(name: str, *, part: bool) -> tuple[str, ...]:
    """Return the paths that a file is written to; with `part`, that of its `.part` is one of them."""
    if not part:
        return (name,)
    from ..io.audio.part_file import paths_written

    return paths_written(name)


def format_notice(audio: AudioSettings) -> str | None:
    """Return a notice if standard output is a file whose extension is that of another format."""
    name = path_of(1) if audio.writes and audio.output is None else None
    named = format_of_extension(os.path.splitext(name)[1]) if name is not None else None
    if name is None or named is None or named is audio.format:
        return None
    file, is_, should = os.path.basename(name), audio.format.value, named.value
    return f"standard output is {file}, but the audio is {is_}; use --format {should}"


def open_audio_sink(audio: AudioSettings, closed: frozenset[int], appending: Appending | None = None) -> Sink:
    """Open the sink that audio is written or appended to. Raises OutputError or UsageError."""
    if not audio.writes:
        return Unrecorded()
    if audio.output is None and 1 in closed:
        raise OutputError(STDOUT_CLOSED)
    return open_sink(audio.output, part=audio.part, clobber=audio.clobber, closed=closed, appending=appending)


def start_playback(audio: AudioSettings, start: Start = NEW) -> Playback | None:
    """Start the player, if one is configured; it plays the audio after `start`.

    Raises UsageError or OutputError.
    """
    if audio.player is None:
        return None
    # Imported only when needed: most runs play nothing.
    from ..io.audio.playback import Playback

    return Playback(audio.player, audio.format, audio.sample_rate, time.monotonic, start)
