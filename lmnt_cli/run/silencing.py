"""Drop the speech in progress, in the session and in the player."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..io.status import Display
from ..io.terminal import same_terminal


if TYPE_CHECKING:
    from ..io.audio.playback import Playback


class Silencer:
    """Drops the speech in progress, and reports it. With `typed` text, Ctrl-C can be used for that."""

    def __init__(
        self,
        drop_speech: Callable[[], bool],
        playback: Playback | None,
        display: Display,
        *,
        typed: bool,
        quiet: bool,
    ) -> None:
        """`drop_speech` drops what the service has not spoken yet, and returns whether there was anything."""
        self._drop_speech = drop_speech
        self._playback = playback
        self._display = display
        self._typed = typed
        self._quiet = quiet
        # Ctrl-C also kills the other programs of a pipeline, so with a pipe it has to end this one.
        self.is_interactive = typed and not _is_pipe(1)

    def drop(self) -> bool:
        """Drop the speech in progress; return whether there was any, or audio still to be played."""
        dropped = self._drop_speech()
        if self._playback is not None and self._playback.sounds:
            dropped = True
            self._playback.silence()
        if dropped and not self._quiet:
            self._report()
        return dropped

    def _report(self) -> None:
        if self._typed and same_terminal(0, 2):
            self._display.line("")  # the terminal has just echoed ^C
        if self._playback is not None and not self._playback.can_silence:
            self._display.line("lmnt-say: webm audio cannot be skipped; playing what was received")
        elif self._typed:
            self._display.line("lmnt-say: dropped what was being said; Ctrl-D or Ctrl-C ends")


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False
