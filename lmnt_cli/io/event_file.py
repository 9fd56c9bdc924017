"""Events as JSON lines (`--events`), for a reader that may pause or leave without blocking anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import anyio

from ..core.json_text import to_json
from ..errors import UsageError
from .side_output import SideOutput


# Bytes buffered for a reader that pauses; further lines are dropped and counted.
MOST_HELD = 1 << 20
# How long the end of a run waits for the reader, in seconds.
_LONGEST_WAIT = 0.5


class EventFile:
    """Writes events at once. Strings that may come from the network pass through `redact`."""

    def __init__(self, descriptor: int, started: float, redact: Callable[[str], str]) -> None:
        """`started` is the time at which `t` is 0, in seconds on the clock used for `write`."""
        self._output = SideOutput(descriptor)
        self._started = started
        self._redact = redact
        self._dropped = 0

    def write(self, fields: dict[str, Any], now: float) -> None:
        """Write an event, or count it as dropped if the buffer is full."""
        dropped = {"dropped": self._dropped} if self._dropped else {}
        line = to_json({"t": round(now - self._started, 3), **self._without_secrets(fields), **dropped})
        data = line.encode() + b"\n"
        if self._output.held + len(data) > MOST_HELD:
            self._dropped += 1
            return
        self._dropped = 0
        self._output.put(data)

    @property
    def failure(self) -> OSError | None:
        """The error that ended writing, as of a full disk; None for a reader that left."""
        failure = self._output.failure
        return None if isinstance(failure, BrokenPipeError) else failure

    def push(self) -> None:
        """Write as much of the buffer as the reader accepts now."""
        self._output.push()

    async def finish(self) -> None:
        """Wait briefly for a reader that has not read everything."""
        with anyio.move_on_after(_LONGEST_WAIT):
            await self._output.drained()

    def _without_secrets(self, fields: dict[str, Any]) -> dict[str, Any]:
        network = ("why", "message", "hint", "request_id")
        return {
            name: self._redact(value) if name in network and isinstance(value, str) else value
            for name, value in fields.items()
        }


def open_events(target: str) -> int:
    """Return the descriptor to write to. `target` is a file name or `fd:N`. Raises UsageError."""
    if target.startswith("fd:"):
        return _descriptor(target)
    if target == "-":
        raise UsageError("--events takes a file or fd:N, not -; standard output is fd:1")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        return os.open(target, flags, 0o666)
    except OSError as error:
        raise UsageError(f"could not open {target} for events: {error.strerror}") from error


def _descriptor(target: str) -> int:
    number = target.removeprefix("fd:")
    if not (number.isascii() and number.isdigit()):
        raise UsageError(f"--events takes a file or fd:N with a number, not {target}")
    import fcntl  # Windows has no such module, and no such descriptors to pass

    try:
        writable = fcntl.fcntl(int(number), fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
    except (OSError, OverflowError) as error:
        raise UsageError(f"could not write events to {target}: descriptor {number} is not open") from error
    if not writable:
        raise UsageError(f"could not write events to {target}: descriptor {number} is open for reading only")
    return int(number)
