"""Where the audio of a run goes: a sink, a player, or both."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from ..errors import OutputError
from ..io.audio.regular_file import Patches, unpatched
from ..io.audio.sinks import Sink, open_sink
from ..io.audio.writer import AudioWriter
from ..settings import Settings
from ..speak import Writer


if TYPE_CHECKING:
    from ..io.audio.playback import Playback


class Tape(Writer, Protocol):
    """A writer that knows how long its output is."""

    @property
    def length(self) -> int: ...
    async def complete(self, patches: Patches) -> None: ...


class Output:
    """What is open for the audio of a run. `playback` is None where nothing is played."""

    def __init__(self, sink: Sink, playback: Playback | None) -> None:
        self.sink = sink
        self.playback = playback

    def writer(self) -> Tape:
        """The one writer of the run. To be made inside the event loop."""
        if self.playback is None:
            return AudioWriter(self.sink)
        if isinstance(self.sink, Unrecorded):
            return self.playback
        from ..io.audio.record_and_play import RecordAndPlayWriter

        return RecordAndPlayWriter(self.sink, self.playback)

    async def end_playing(self) -> None:
        """Let nothing be heard any more."""
        if self.playback is not None:
            await self.playback.end()

    def kill_player(self) -> None:
        """Let nothing be heard any more, without waiting for anything."""
        if self.playback is not None:
            self.playback.kill()


class Unrecorded:
    """The sink of a run that only plays: nothing is kept, so nothing can be left behind."""

    descriptor = -1
    name = "the player"
    can_cut = False

    def begin(self) -> None:
        """Nothing to prepare."""

    def check(self, length: int) -> None:
        """Nothing is written."""

    def cut(self, offset: int) -> None:
        """Never asked for."""

    def complete(self, length: int, patches: Patches) -> None:
        """Nothing to mend."""

    def keep(self, patches: Patches) -> str | None:  # noqa: ARG002 - the protocol's signature
        """Nothing is kept."""
        return None


def open_output(settings: Settings, closed: frozenset[int]) -> Output:
    """Open the sink, then start the player. Raises OutputError, or UsageError."""
    if not settings.audio.writes:
        sink: Sink = Unrecorded()
    else:
        if settings.audio.output is None and 1 in closed:
            raise OutputError("could not write standard output: it is closed")
        sink = open_sink(settings.audio.output, part=settings.audio.part, clobber=settings.audio.clobber)
    if settings.audio.player is None:
        return Output(sink, None)
    # Imported when it is asked for: most runs play nothing.
    from ..io.audio.playback import Playback

    try:
        return Output(
            sink,
            Playback(
                settings.audio.player, settings.audio.format, settings.audio.sample_rate, time.monotonic
            ),
        )
    except BaseException:
        sink.keep(unpatched)
        raise
