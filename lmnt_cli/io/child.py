"""A child process that lives no longer than we do: the player, or the embedded service.

It leads a process group of its own, so a Ctrl-C at the terminal reaches us alone, and a signal of ours
reaches the child with everything it has started. We hold the pipe to its standard input: however we end, that
pipe closes, and the child can notice. What it prints on standard error is captured, not shown, and bounded.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from typing import Literal

import anyio


# What a child must never see.
_SECRETS = ("LMNT_API_KEY",)
# Bytes kept of what a child printed last.
_LONGEST_WORDS = 64 << 10
_BLOCK = 1 << 16
# How often its end is looked for, in seconds.
_TICK = 0.02
# How long a child may take to end when asked to, in seconds; then it is killed.
PATIENCE = 0.2


class Child:
    """A running child.

    `input` is our end of the pipe to its standard input, -1 once closed; `output` is that of its standard
    output, -1 where that is not piped.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        stdout: Literal["captured", "piped", "dropped"],
        environment: dict[str, str] | None = None,
    ) -> None:
        """Start it with `environment`, by default ours, without secrets. Raises OSError."""
        given = os.environ if environment is None else environment
        if stdout == "dropped" and not os.path.exists(os.devnull):
            stdout = "captured"  # a container without devices: bounded, it does no harm either
        self._captured, theirs = os.pipe()
        try:
            outputs = {"captured": theirs, "piped": subprocess.PIPE, "dropped": subprocess.DEVNULL}
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=outputs[stdout],
                stderr=theirs,
                bufsize=0,
                env={name: value for name, value in given.items() if name not in _SECRETS},
                process_group=0 if os.name == "posix" else None,
            )
        except BaseException:
            os.close(self._captured)
            raise
        finally:
            os.close(theirs)
        if os.name == "posix":
            os.set_blocking(self._captured, False)
        assert self._process.stdin is not None, "asked for above"
        self.input = self._process.stdin.fileno()
        self.output = -1 if self._process.stdout is None else self._process.stdout.fileno()
        self._words = bytearray()

    @property
    def pid(self) -> int:
        """Its number, which is also that of its group on POSIX."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Its exit status, negative for the signal that killed it; None while it runs."""
        return self._process.poll()

    async def ended(self, limit: float | None = None) -> bool:
        """Wait until it has ended, at most `limit` seconds; return whether it has."""
        with anyio.move_on_after(limit):
            while self.status is None:
                await anyio.sleep(_TICK)
        return self.status is not None

    async def collect(self) -> None:
        """Keep what it prints last. A child whose words are not collected stops once its pipe is full."""
        if os.name != "posix":
            return  # Windows cannot wait for a pipe
        while self._captured >= 0:
            await anyio.wait_readable(self._captured)
            self._read_words()

    def last_words(self) -> list[str]:
        """Return the lines it printed last, without empty ones."""
        while self._read_words():
            pass
        lines = re.split(r"[\r\n]", self._words.decode(errors="replace"))
        return [line.strip() for line in lines if line.strip()]

    def close_input(self) -> None:
        """End its standard input."""
        assert self._process.stdin is not None, "asked for at the start"
        self.input = -1
        try:
            self._process.stdin.close()
        except OSError:
            pass  # it has gone

    def stop(self) -> None:
        """Stop it, as we are about to be stopped."""
        self._signal("SIGSTOP")

    def resume(self) -> None:
        """Continue it, stopped or not."""
        self._signal("SIGCONT")

    def terminate(self) -> None:
        """Ask it to end. Does not wait."""
        self._signal("SIGTERM")
        self._signal("SIGCONT")  # a stopped one would not notice

    def kill(self) -> None:
        """Kill it at once. Safe in a signal handler: nothing is waited for, no lock is taken."""
        if self._process.returncode is None:
            self._send("SIGKILL")

    async def end(self) -> None:
        """End it: ask, wait a moment, then kill. Returns when it is gone."""
        self.terminate()
        with anyio.CancelScope(shield=True):
            if not await self.ended(PATIENCE):
                self.kill()
                await self.ended()
        self.close()

    def close(self) -> None:
        """Close our ends of its pipes, once it has ended and nothing of it is awaited."""
        self.close_input()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._close_captured()

    def _signal(self, name: str) -> None:
        if self.status is None:  # else its number may belong to another by now
            self._send(name)

    def _send(self, name: str) -> None:
        try:
            if os.name == "posix":
                os.killpg(self._process.pid, getattr(signal, name))
            elif name in ("SIGTERM", "SIGKILL"):
                self._process.terminate()
        except OSError:
            pass  # it has ended

    def _read_words(self) -> int:
        """Read what it has printed; return how many bytes. Closes the pipe at its end."""
        if self._captured < 0 or os.name != "posix":
            return 0
        try:
            block = os.read(self._captured, _BLOCK)
        except BlockingIOError:
            return 0
        if not block:
            self._close_captured()
        self._words += block
        del self._words[:-_LONGEST_WORDS]
        return len(block)

    def _close_captured(self) -> None:
        if self._captured >= 0:
            os.close(self._captured)
            self._captured = -1
