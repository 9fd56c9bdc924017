"""A player: a child process that reads audio on its standard input, and the reason if it fails."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys

import anyio

from ...core.audio.player_options import WAYS_OUT, PlayerCommand
from ...errors import OutputError, UsageError
from ..child import PATIENCE, Child


# ffplay exits with 0 even if it could not open the audio device or decode its input. Only messages about a
# final failure match: sound libraries also complain on stderr about devices that they can do without.
_SILENT_FAILURE = re.compile("audio open failed|configure filtergraph|no sound", re.IGNORECASE)
# Size of the pipe to the player in bytes: three seconds of MP3, most of a second of PCM.
_PIPE = 32 << 10
# Errors that mean the command is wrong, as opposed to a machine that lacks resources at the moment.
_NOT_RUNNABLE = (FileNotFoundError, PermissionError, NotADirectoryError)


class Player(Child):
    """A running player. Writing to it never blocks the loop on POSIX."""

    def __init__(self, command: PlayerCommand) -> None:
        """Start the player. Raises UsageError for a wrong command, OutputError if the system fails."""
        self.name = command.name
        try:
            # mpv reports on its standard output why there is no sound.
            super().__init__(command.words, stdout="captured" if command.is_known else "dropped")
        except OSError as error:
            message = f"could not start the player {self.name}: {error.strerror}"
            wrong = isinstance(error, _NOT_RUNNABLE) or error.errno == errno.ENOEXEC
            raise (UsageError if wrong else OutputError)(message, hint=WAYS_OUT) from error
        if os.name == "posix":
            os.set_blocking(self.input, False)
            _shorten(self.input)

    @property
    def unread(self) -> int:
        """Bytes in the pipe that the player has not read; 0 where the system does not report it."""
        if os.name != "posix" or self.input < 0:
            return 0
        import fcntl
        import termios

        return int.from_bytes(fcntl.ioctl(self.input, termios.FIONREAD, bytes(4)), sys.byteorder)

    async def write(self, data: bytes) -> None:
        """Write all the data, at the player's pace. Raises OSError if the player no longer reads."""
        rest = memoryview(data)
        while rest:
            if os.name != "posix":
                # Windows cannot wait for a pipe. A cancelled write leaves its thread running.
                count = await anyio.to_thread.run_sync(os.write, self.input, rest, abandon_on_cancel=True)
            else:
                try:
                    count = os.write(self.input, rest)
                except BlockingIOError:
                    await anyio.wait_writable(self.input)
                    continue
            rest = rest[count:]

    async def failure(self, *, early: bool) -> OutputError | None:
        """Return why the player ended or stopped reading, None if it ended normally.

        `early` states that it ended before its input did.
        """
        if not await self.ended(PATIENCE):
            return OutputError(f"the player {self.name} stopped reading")
        status = self.status
        assert status is not None, "the player has ended"
        words = _telling(self.last_words())
        reason = f": {words}" if words else ""
        if status < 0:
            return OutputError(f"the player {self.name} was killed by {_signal_name(-status)}{reason}")
        if status > 0:
            return OutputError(f"the player {self.name} failed with status {status}{reason}")
        if _SILENT_FAILURE.search(words):
            return OutputError(f"the player {self.name} failed{reason}")
        return OutputError(f"the player {self.name} was quit before the end") if early else None


def _telling(lines: list[str]) -> str:
    """Return the line that explains the failure, or else the last one."""
    return next((line for line in lines if _SILENT_FAILURE.search(line)), lines[-1] if lines else "")


def _shorten(descriptor: int) -> None:
    """Shrink the pipe: its content is still played if we are killed and cannot end the player."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)
        except OSError:
            pass  # the pipe keeps its size


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
