"""The listening side of a run: the player is fed, its trouble is met, the rest is waited for."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from ..core.conversation import Conversation
from ..core.figures.snapshot import State
from ..errors import OutputError
from ..io.status import Display


if TYPE_CHECKING:
    from ..io.audio.playback import Playback

# While the rest is played the status line is drawn this often, in seconds.
_TICK = 0.1


class Listening:
    """Plays for a run, and shows how far it is. `recorded` says that everything is written."""

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
        """`records`: there is an output beside the player, which continues without it.

        `name` is shown in the voice's place; `text_size` is the bytes of all text, if they are known.
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
        """Feed the player. Raises OutputError if it fails, unless there is a recording to continue."""
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
        """Show how far the run is."""
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
