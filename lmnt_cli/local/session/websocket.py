"""One WebSocket: websockets' sans-I/O protocol on an asyncio stream.

Rule 1: a peer that reads slowly, or does not answer pings, is never dropped. Rule 2: a message waits until
the peer has taken most of the previous ones, so memory is bounded. Rule 3: the caller must keep receiving:
that is when pings are answered and a Close is noticed.
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


# The limit of websockets and many others. Requests are small; a larger message is closed with 1009.
MAX_MESSAGE = 2**20

# So few bytes that parsing the smallest frames in them delays no one.
_READ = 4096
# The first byte of a pong on the wire: FIN and opcode 0xA.
_PONG = b"\x8a"
# The most bytes of pongs kept for a peer that pings and never reads.
_MAX_UNSENT = 2**20
# Tiny frames are handled in batches of this size, so that others are served in between.
_TURN = 64


class SocketClosed(Exception):
    """The connection is closed or closing: nothing more can be sent."""


class WebSocket:
    """A connection whose handshake has been accepted. `early` was received along with the handshake."""

    def __init__(
        self,
        protocol: ServerProtocol,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        early: bytes = b"",
        fragments: int = 1,
        no_pong: bool = False,
    ) -> None:
        self._protocol = protocol
        self._reader = reader
        self._writer = writer
        self._early = early
        self._fragments = fragments
        self._no_pong = no_pong
        self._frames: deque[Frame] = deque()
        self._partial = bytearray()
        self._is_text = False
        self._turns = 0

    @property
    def is_open(self) -> bool:
        """Whether a message can be sent: neither side has closed."""
        return self._protocol.state is OPEN and not self._writer.is_closing()

    async def receive(self) -> str | bytes | None:
        """Return the next message, or None once the peer has closed or left."""
        while True:
            while self._frames:
                await self._take_turn()
                message = self._assemble(self._frames.popleft())
                if message is not None:
                    return message
            if self._protocol.close_rcvd is not None or not await self._read():
                return None

    async def send(self, message: str | bytes) -> None:
        """Send a message, and wait until there is room for the next. Raises `SocketClosed`."""
        await self._take_turn()
        send = self._protocol.send_text if isinstance(message, str) else self._protocol.send_binary
        first, *rest = _split(message.encode() if isinstance(message, str) else message, self._fragments)
        try:
            send(first, fin=not rest)
            for index, part in enumerate(rest, 1):
                self._protocol.send_continuation(part, fin=index == len(rest))
        except InvalidState:
            raise SocketClosed from None
        await self._write()

    async def close(self, code: int, reason: str = "") -> None:
        """Start the closing handshake. `receive` returns None once the peer has answered it."""
        if self.is_open:
            self._protocol.send_close(code, reason)
            await self._write()

    def abort(self) -> None:
        """Reset the TCP connection. Whatever the peer has not read is lost."""
        sock: socket.socket | None = self._writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _take_turn(self) -> None:
        """Yield to other tasks now and then: reading buffered data or sending with room never waits."""
        self._turns += 1
        if self._turns % _TURN == 0:
            await asyncio.sleep(0)

    async def _read(self) -> bool:
        """Feed data from the peer to the protocol; return False at its end."""
        data, self._early = self._early, b""
        try:
            data = data or await self._reader.read(_READ)
        except OSError:
            pass  # the connection was lost
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._frames += [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        try:
            self._flush()
            if self._writer.transport.get_write_buffer_size() > _MAX_UNSENT:
                await self._writer.drain()
        except (SocketClosed, OSError):
            return False
        return bool(data)

    def _assemble(self, frame: Frame) -> str | bytes | None:
        """Add a frame to its message; return the message when it is complete."""
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._is_text = frame.opcode is Opcode.TEXT
        elif frame.opcode is not Opcode.CONT:
            return None
        # Not a list of parts: empty ones, which do not count towards the limit, would accumulate.
        self._partial += frame.data
        if not frame.fin:
            return None
        message = bytes(self._partial)
        self._partial.clear()
        # Text that is not UTF-8 is never a valid request, and is refused like other text that is not JSON.
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


def _split(data: bytes, count: int) -> list[bytes]:
    """Split data into parts as equal as possible; some are empty if there is too little."""
    return [data[len(data) * index // count : len(data) * (index + 1) // count] for index in range(count)]
