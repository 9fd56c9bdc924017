"""A connected socket, with or without TLS, for blocking code with a deadline."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import ssl

    from .tls import Layers

_RECEIVE = 1 << 16


class Deadline:
    """A deadline `limit` seconds from now."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._at = time.monotonic() + limit

    def earlier(self, limit: float) -> Deadline:
        """Return a deadline `limit` seconds from now, or this one if it is earlier."""
        other = Deadline(limit)
        return other if other._at < self._at else self

    def left(self) -> float:
        """Return the seconds left, always more than 0. Raises TimeoutError if there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class Wire:
    """A connected socket. `layers` holds its TLS layers, None without TLS."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self.socket = connected
        self.layers: Layers | None = None
        self._deadline = deadline
        self._unread = b""

    def send(self, data: bytes) -> None:
        """Send all the data. Raises OSError, including TimeoutError."""
        self._send(data if self.layers is None else self.layers.encrypt(data))

    def receive(self) -> bytes:
        """Return the next bytes, b"" at the end of the stream. Raises OSError, including TimeoutError."""
        data, self._unread = self._unread, b""
        while not data:
            data = self._receive()
            if self.layers is None:
                return data
            data = self.layers.decrypt(data)
            if replies := self.layers.take_replies():
                self._send(replies)
            if self.layers.ended:
                return data
        return data

    def unread(self, data: bytes) -> None:
        """Return received bytes to the wire, to be received again."""
        self._unread = data + self._unread

    def hurry(self, limit: float) -> None:
        """Bring the deadline forward to `limit` seconds from now."""
        self._deadline = self._deadline.earlier(limit)

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Start TLS, verifying that the peer is `host`. Raises OSError, including ssl.SSLError."""
        from .tls import Layers, TlsLayer

        layer = TlsLayer(context, host)
        data: bytes | None = None
        while (outgoing := layer.advance_handshake(data)) is not None:
            self.send(outgoing)
            data = self.receive()
        self.send(layer.take_outgoing())
        if self.layers is None:
            self.layers = Layers()
        self.layers.add(layer)

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()

    def _send(self, data: bytes) -> None:
        self.socket.settimeout(self._deadline.left())
        self.socket.sendall(data)

    def _receive(self) -> bytes:
        self.socket.settimeout(self._deadline.left())
        return self.socket.recv(_RECEIVE)
