"""A player as a process: it reads audio from a pipe that we hold, in a process group of its own.

What it says is kept, not shown; when it ends before its time, it is asked why.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile

import anyio

from ...core.audio.players import WAYS_OUT, PlayerCommand
from ...errors import OutputError, UsageError


# ffplay exits with 0 when it could not open the audio device, or make sense of what it got. Only what is
# said of the end counts: sound libraries complain on stderr about ways they then do without.
_SILENT_FAILURE = re.compile("audio open failed|configure filtergraph|no sound", re.IGNORECASE)
# Bytes in the pipe to it: three seconds of MP3, most of a second of PCM.
_PIPE = 32 << 10
# How often its end is looked for, in seconds.
_TICK = 0.05
# How long it may take to end when it is told to, or has closed its input; then it is killed.
_PATIENCE = 0.2
_LONGEST_WORDS = 64 << 10  # bytes, of what it said last


class Player:
    """A running player. `descriptor` is the end of the pipe that is written to; it never blocks on POSIX."""

    def __init__(self, command: PlayerCommand) -> None:
        """Start it. Raises UsageError if it cannot be."""
        self.name = command.name
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - read when it has failed
        try:
            self._process = subprocess.Popen(
                command.words,
                stdin=subprocess.PIPE,
                # mpv says on its standard output why there is no sound.
                stdout=self._said if command.is_known else subprocess.DEVNULL,
                stderr=self._said,
                bufsize=0,
                process_group=0 if os.name == "posix" else None,
            )
        except OSError as error:
            self._said.close()
            raise UsageError(
                f"could not start the player {self.name}: {error.strerror}", hint=WAYS_OUT
            ) from error
        assert self._process.stdin is not None, "asked for above"
        self.descriptor = self._process.stdin.fileno()
        if os.name == "posix":
            os.set_blocking(self.descriptor, False)
            _shorten(self.descriptor)

    @property
    def pid(self) -> int:
        """Its number, which is also that of its group on POSIX."""
        return self._process.pid

    async def write(self, data: bytes) -> None:
        """Write all of it, at the player's pace. Raises OSError when it reads no more."""
        rest = memoryview(data)
        while rest:
            if os.name != "posix":
                # Windows cannot wait for a pipe; the thread is left behind if we are cancelled.
                count = await anyio.to_thread.run_sync(
                    os.write, self.descriptor, rest, abandon_on_cancel=True
                )
            else:
                try:
                    count = os.write(self.descriptor, rest)
                except BlockingIOError:
                    await anyio.wait_writable(self.descriptor)
                    continue
            rest = rest[count:]

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    async def ended(self, limit: float | None = None) -> bool:
        """Wait for it to end, for so many seconds at most; whether it has."""
        with anyio.move_on_after(limit):
            while self._process.poll() is None:
                await anyio.sleep(_TICK)
        return self._process.poll() is not None

    def no_more(self) -> None:
        """Tell it that nothing more comes: it plays what it has and ends."""
        assert self._process.stdin is not None, "asked for at the start"
        self._process.stdin.close()

    async def why(self, *, early: bool) -> OutputError | None:
        """Why it ended or reads no more; None if that is as it should be. `early`: it was not told to."""
        if not await self.ended(_PATIENCE):
            return OutputError(f"the player {self.name} reads no more")
        status = self._process.returncode
        words = self._last_words()
        reason = f": {words}" if words else ""
        if status < 0:
            return OutputError(f"the player {self.name} was killed by {_signal_name(-status)}{reason}")
        if status > 0:
            return OutputError(f"the player {self.name} failed with status {status}{reason}")
        if _SILENT_FAILURE.search(words):
            return OutputError(f"the player {self.name} failed{reason}")
        return OutputError(f"the player {self.name} was quit before the end") if early else None

    def stop(self) -> None:
        """Stop it, as we are about to be."""
        self._signal("SIGSTOP")

    def go_on(self) -> None:
        """Let it go on."""
        self._signal("SIGCONT")

    def end(self) -> None:
        """End it now, with whatever it started, in silence."""
        if self._process.poll() is None:
            self._signal("SIGTERM")
            self._signal("SIGCONT")  # stopped, it would not notice
            try:
                self._process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._signal("SIGKILL")
                self._process.wait()
        self.no_more()
        self._said.close()

    def _signal(self, name: str) -> None:
        if self._process.poll() is not None:
            return  # its number may belong to another by now
        if os.name != "posix":
            if name == "SIGTERM":
                self._process.terminate()
            return
        try:
            os.killpg(self._process.pid, getattr(signal, name))
        except OSError:
            pass  # it has ended

    def _last_words(self) -> str:
        """The line that tells what is wrong, or else the last one."""
        if self._said.closed:
            return ""
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _LONGEST_WORDS))
        text = self._said.read().decode(errors="replace")
        lines = [line.strip() for line in re.split(r"[\r\n]", text) if line.strip()]
        return next((line for line in lines if _SILENT_FAILURE.search(line)), lines[-1] if lines else "")


def _shorten(descriptor: int) -> None:
    """Keep little in the pipe: that is what still sounds if we are killed and cannot end the player."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)
        except OSError:
            pass  # then it is longer


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
