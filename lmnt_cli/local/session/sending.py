"""The sending side of a session: messages and audio, in order, with the faults that were set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress

from ..faults import Faults
from ..requests import ErrorType, Refused
from .websocket import SocketClosed, WebSocket


# The most timestamps waiting to be sent late; beyond that audio waits.
_MAX_LATE = 1000


class Sender:
    """Sends a session's messages and audio. Every method raises `SocketClosed` once nothing can be sent."""

    def __init__(self, socket: WebSocket, faults: Faults) -> None:
        self._socket = socket
        self._faults = faults
        self._count = 0
        self._due = 0.0
        self._late: set[asyncio.Task[None]] = set()

    async def greet(self, ready: str | None) -> None:
        """Send `ready`, and apply the faults set for the time before any audio."""
        await asyncio.sleep(self._faults.late_ready)
        if self._faults.error_after:
            await self._send_ready(ready)
            await self._end_early()
        else:
            await self._end_early()
            await self._send_ready(ready)

    async def send_message(self, message: str | None) -> None:
        """Send a message, if there is one."""
        if message is None:
            return
        if self._faults.unknown_messages:
            await self._socket.send(json.dumps({"type": "weather", "outlook": "unknown to all"}))
            message = json.dumps({**json.loads(message), "unknown_field": [1, {"two": None}]})
        await self._socket.send(message)

    async def send_times(self, message: str) -> None:
        """Send timestamps, late if so set."""
        if not self._faults.late_times:
            await self.send_message(message)
            return
        if len(self._late) >= _MAX_LATE:
            await asyncio.wait(self._late, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._send_late(message))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def send_audio(self, pieces: Sequence[bytes], seconds: float, interrupted: asyncio.Event) -> None:
        """Send audio of this duration. When interrupted, stop at the end of a piece."""
        size = sum(map(len, pieces))
        for frame in _frames(pieces, self._faults.frame_bytes, interrupted):
            await self._wait_for_pace(seconds * len(frame) / max(size, 1), interrupted)
            if self._faults.empty_frames and self._count % self._faults.empty_frames == 0:
                await self._socket.send(b"")
            await self._socket.send(frame)
            self._count += 1
            await self._end_early()

    async def wait_for_first_sound(self, interrupted: asyncio.Event) -> None:
        """Wait for the time set before the first audio of an utterance."""
        await _sleep(self._faults.first_sound, interrupted)

    async def close(self, code: int, reason: str = "") -> None:
        """Close the connection after everything still to be sent, including late timestamps."""
        while self._late:
            await asyncio.gather(*self._late)
        await self._socket.close(code, reason)

    def cancel_late(self) -> None:
        """Drop the timestamps still to be sent late."""
        for task in self._late:
            task.cancel()

    async def _send_ready(self, ready: str | None) -> None:
        if not self._faults.no_ready:
            await self.send_message(ready)

    async def _end_early(self) -> None:
        """Apply the faults set for this number of audio messages."""
        faults = self._faults
        if faults.error is not None and self._count == faults.error_after:
            raise Refused(ErrorType(faults.error), "Caused by the setting 'error'")
        if self._count == faults.close_after:
            await self._socket.close(faults.close_code, faults.close_reason)
            raise SocketClosed
        if self._count == faults.cut_after:
            self._socket.abort()
            raise SocketClosed
        if self._count == faults.stall_after:
            await asyncio.Event().wait()

    async def _wait_for_pace(self, seconds: float, interrupted: asyncio.Event) -> None:
        if self._faults.pace:
            now = asyncio.get_running_loop().time()
            await _sleep(self._due - now, interrupted)
            self._due = max(now, self._due) + seconds / self._faults.pace

    async def _send_late(self, message: str) -> None:
        await asyncio.sleep(self._faults.late_times)
        with suppress(SocketClosed):
            await self.send_message(message)


async def _sleep(seconds: float, interrupted: asyncio.Event) -> None:
    if seconds > 0:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await interrupted.wait()


def _frames(pieces: Sequence[bytes], size: int, interrupted: asyncio.Event) -> Iterator[bytes]:
    """Yield the pieces, joined and cut into frames of this size (0: all in one)."""
    if not size:
        yield b"".join(pieces)
        return
    rest = b""
    for piece in pieces:
        rest += piece
        whole = len(rest) - len(rest) % size
        for start in range(0, whole, size):
            yield rest[start : start + size]
        rest = rest[whole:]
        if interrupted.is_set():
            break
    if rest:
        yield rest
