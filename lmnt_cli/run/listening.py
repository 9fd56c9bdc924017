"""Playback during a run: feed the player, handle its failure, wait for it to finish."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anyio

from ..core.conversation import Conversation
from ..core.figures.snapshot import State
from ..core.value import replace
from ..errors import OutputError
from ..io.status import Display


if TYPE_CHECKING:
    from ..io.audio.playback import Playback

# How often the status line is drawn while the rest is played, in seconds.
_TICK = 0.1


class Listening:
    """Plays the audio of a run and shows its progress. `recorded` is set when everything is written."""

    def __init__(
        self,
        conversation: Conversation,
        playback: Playback | None,
        display: Display,
        *,
        records: bool,
        quiet: bool,
        name: str | None = None,
        text_size: int | None = None,
    ) -> None:
        """`records` states that there is a recording, which continues if the player fails.

        `name` is shown in place of the voice. `text_size` is the size of the whole text in bytes, if known.
        """
        self.recorded = False
        self._conversation = conversation
        self._playback = playback
        self._display = display
        self._records = records
        self._quiet = quiet
        self._name = name
        self._text_size = text_size

    async def feed(self) -> None:
        """Feed the player. Raises OutputError if it fails, unless there is a recording."""
        if self._playback is None:
            return
        try:
            await self._playback.run()
        except OutputError as error:
            if not self._records:
                raise
            if not self._quiet:
                recording = "is complete" if self.recorded else "continues"
                self._display.line(f"lmnt-say: {error.message}; the recording {recording}")

    async def play_out(self) -> None:
        """Wait until the player has played everything."""
        if self._playback is None:
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_showing)
            await self._playback.finish()
            tasks.cancel_scope.cancel()

    def show(self, now: float) -> None:
        """Show the progress of the run."""
        snapshot = self._conversation.snapshot(now)
        if self._name is not None:
            snapshot = replace(snapshot, name=self._name)
        if self._text_size is not None and not snapshot.ended:
            snapshot = replace(snapshot, total=max(self._text_size, snapshot.total), ended=True)
        idle = self.recorded or snapshot.state in (State.WAITING, State.FINISHING)
        if idle and self._playback is not None and self._playback.sounds:
            position = self._playback.seconds
            played = None if position is None else position[0]
            snapshot = replace(snapshot, state=State.PLAYING, played=played)
        self._display.show(snapshot, now)

    async def _keep_showing(self) -> None:
        while True:
            self.show(time.monotonic())
            await anyio.sleep(_TICK)
