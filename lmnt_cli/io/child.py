"""A child process that does not outlive us: the player, or the embedded service.

It leads its own process group, so a Ctrl-C at the terminal reaches only us, and our signals reach the child
and everything it has started. We hold the pipe to its standard input, which closes however we end, so that
the child can notice. Its standard error is captured, up to a limit, and not shown.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from typing import Literal


# Environment variables that a child must never see.
_SECRETS = ("LMNT_API_KEY",)
# How much of the last output of a child is kept, in bytes.
_LONGEST_WORDS = 64 << 10
_BLOCK = 1 << 16
# How often to check whether the child has ended, in seconds.
_TICK = 0.02
# How long a child may take to end on SIGTERM before it is killed, in seconds.
PATIENCE = 0.2


class Child:
    """A running child.

    `input` is our end of the pipe to its standard input, -1 once closed. `output` is our end of the pipe from
    its standard output, -1 if that is not piped.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        stdout: Literal["captured", "piped", "dropped"],
        environment: dict[str, str] | None = None,
    ) -> None:
        """Start the child with `environment`, by default ours, without secrets. Raises OSError."""
        given = os.environ if environment is None else environment
        if stdout == "dropped" and not os.path.exists(os.devnull):
            stdout = "captured"  # a container without devices; captured output is bounded
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
        assert self._process.stdin is not None, "it is a pipe"
        self.input = self._process.stdin.fileno()
        self.output = -1 if self._process.stdout is None else self._process.stdout.fileno()
        self._words = bytearray()

    @property
    def pid(self) -> int:
        """The process id, which on POSIX is also the id of its group."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, None while the child is running; negative for the signal that killed it."""
        return self._process.poll()

    async def ended(self, limit: float | None = None) -> bool:
        """Wait until the child has ended, for at most `limit` seconds; return whether it has."""
        # Imported late because a child may be started before anything else is loaded.
        import anyio

        with anyio.move_on_after(limit):
            while self.status is None:
                await anyio.sleep(_TICK)
        return self.status is not None

    async def collect(self) -> None:
        """Read the captured output and keep the end of it. Otherwise a full pipe would block the child."""
        if os.name != "posix":
            return  # Windows cannot wait for a pipe
        import anyio

        while self._captured >= 0:
            await anyio.wait_readable(self._captured)
            self._read_words()

    def last_words(self) -> list[str]:
        """Return the last lines of the captured output, without empty ones."""
        import re

        while self._read_words():
            pass
        lines = re.split(r"[\r\n]", self._words.decode(errors="replace"))
        return [line.strip() for line in lines if line.strip()]

    def close_input(self) -> None:
        """Close the child's standard input."""
        assert self._process.stdin is not None, "it is a pipe"
        self.input = -1
        try:
            self._process.stdin.close()
        except OSError:
            pass  # the child has ended

    def stop(self) -> None:
        """Stop the child, because this process is about to be stopped."""
        self._signal("SIGSTOP")

    def resume(self) -> None:
        """Continue the child, whether it is stopped or not."""
        self._signal("SIGCONT")

    def terminate(self) -> None:
        """Ask the child to end, without waiting."""
        self._signal("SIGTERM")
        self._signal("SIGCONT")  # a stopped process would not handle SIGTERM

    def kill(self) -> None:
        """Kill the child at once. Safe in a signal handler: it does not wait or take a lock."""
        if self._process.returncode is None:
            self._send("SIGKILL")

    async def end(self) -> None:
        """End the child: ask it to, wait a moment, then kill it. Returns when it has ended."""
        import anyio

        self.terminate()
        with anyio.CancelScope(shield=True):
            if not await self.ended(PATIENCE):
                self.kill()
                await self.ended()
        self.close()

    def close(self) -> None:
        """Close our ends of the pipes. Call it once the child has ended and nothing waits for it."""
        self.close_input()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._close_captured()

    def _signal(self, name: str) -> None:
        if self.status is None:  # otherwise its id may belong to another process by now
            self._send(name)

    def _send(self, name: str) -> None:
        try:
            if os.name == "posix":
                os.killpg(self._process.pid, getattr(signal, name))
            elif name in ("SIGTERM", "SIGKILL"):
                self._process.terminate()
        except OSError:
            pass  # the child has ended

    def _read_words(self) -> int:
        """Read captured output; return the number of bytes. Close the pipe at its end."""
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
