"""The way out of a session: audio and messages, in order, with the faults that were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from .faults import Faults
from .websocket import WebSocket


class Outlet:
    """Sends what a session says. Everything may raise `Closed`."""

    def __init__(self, socket: WebSocket, faults: Faults) -> None:
        self._socket = socket
        self._faults = faults

    async def message(self, message: str | None) -> None:
        """Send a message, if there is one."""
        if message is not None:
            await self._socket.send(message)

    async def audio(self, pieces: Sequence[bytes], interrupted: asyncio.Event) -> None:
        """Send audio; when interrupted, stop at the end of a piece."""
        for frame in _frames(pieces, self._faults.frame_bytes, interrupted):
            await self._socket.send(frame)

    async def close(self, code: int, reason: str = "") -> None:
        """Close the connection, after all that was sent."""
        await self._socket.close(code, reason)


def _frames(pieces: Sequence[bytes], size: int, interrupted: asyncio.Event) -> Iterator[bytes]:
    """Join and cut pieces to frames of a size (0: all in one)."""
    if not size:
        yield b"".join(pieces)
        return
    rest = b""
    for piece in pieces:
        rest += piece
        while len(rest) >= size:
            yield rest[:size]
            rest = rest[size:]
        if interrupted.is_set():
            break
    if rest:
        yield rest
