"""One WebSocket: websockets' sans-I/O protocol on an asyncio stream.

Rule 1: it never gives up on a peer that reads slowly, or on one that does not answer pings.
Rule 2: what is sent waits until the peer has taken most of what went before, so memory is bounded.
Rule 3: whoever uses it must keep receiving: that is where pings are answered and a Close is seen.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque

from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol


# Requests are small; a message beyond this is a mistake (close 1009).
MAX_MESSAGE = 16 * 2**20

_READ = 65536
# How a pong begins on the wire: FIN and opcode 0xA.
_PONG = b"\x8a"
# Pongs to a peer that pings and never reads.
_MOST_UNSENT = 2**20


class SocketClosed(Exception):
    """The connection is closed or closing: nothing more can be sent."""


class WebSocket:
    """A connection whose handshake has been accepted."""

    def __init__(
        self,
        protocol: ServerProtocol,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        fragments: int = 1,
        no_pong: bool = False,
    ) -> None:
        self._protocol = protocol
        self._reader = reader
        self._writer = writer
        self._fragments = fragments
        self._no_pong = no_pong
        self._frames: deque[Frame] = deque()
        self._parts: list[bytes] = []
        self._is_text = False

    @property
    def is_open(self) -> bool:
        """Whether a message can be sent: neither side has closed."""
        return self._protocol.state is OPEN and not self._writer.is_closing()

    async def receive(self) -> str | bytes | None:
        """Return the next message, or None when the peer has closed or gone."""
        while True:
            while self._frames:
                message = self._assemble(self._frames.popleft())
                if message is not None:
                    return message
            if self._protocol.close_rcvd is not None or not await self._read():
                return None

    async def send(self, message: str | bytes) -> None:
        """Send a message and wait until there is room for the next. Raises `SocketClosed`."""
        send = self._protocol.send_text if isinstance(message, str) else self._protocol.send_binary
        first, *rest = _parts(message.encode() if isinstance(message, str) else message, self._fragments)
        try:
            send(first, fin=not rest)
            for index, part in enumerate(rest, 1):
                self._protocol.send_continuation(part, fin=index == len(rest))
        except InvalidState:
            raise SocketClosed from None
        await self._write()

    async def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake; the peer's answer comes out of `receive` as None."""
        if self.is_open:
            self._protocol.send_close(code, reason)
            await self._write()

    def abort(self) -> None:
        """Reset the TCP connection, losing what the peer has not read."""
        sock: socket.socket | None = self._writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _read(self) -> bool:
        """Feed what the peer sent to the protocol; False at the end."""
        try:
            data = await self._reader.read(_READ)
        except OSError:
            data = b""
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._frames += [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        try:
            self._flush()
            if self._writer.transport.get_write_buffer_size() > _MOST_UNSENT:
                await self._writer.drain()
        except (SocketClosed, OSError):
            return False
        return bool(data)

    def _assemble(self, frame: Frame) -> str | bytes | None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._is_text = frame.opcode is Opcode.TEXT
        elif frame.opcode is not Opcode.CONT:
            return None
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return None
        message = b"".join(self._parts)
        self._parts.clear()
        # Undecodable text becomes what no request can be: it is refused like any other non-JSON.
        return message.decode(errors="replace") if self._is_text else message

    async def _write(self) -> None:
        try:
            self._flush()
            await self._writer.drain()
        except OSError:
            raise SocketClosed from None

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if self._writer.is_closing():
                raise SocketClosed
            if self._no_pong and data[:1] == _PONG:
                continue
            if data:
                self._writer.write(data)
            elif self._writer.can_write_eof():
                self._writer.write_eof()


def _parts(data: bytes, count: int) -> list[bytes]:
    """Cut data into so many parts, as equal as can be; some are empty if there is too little."""
    return [data[len(data) * index // count : len(data) * (index + 1) // count] for index in range(count)]
