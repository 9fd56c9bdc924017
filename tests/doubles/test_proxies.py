"""The lines between the program and the service: `tests.doubles.proxies`."""

from __future__ import annotations

import socket
import struct

from tests.doubles.listener import Listener
from tests.doubles.proxies import Relay
from tests.tools.limits import LIMIT


class Resets(Listener):
    """Resets each connection once it has received something."""

    def serve(self, connection: socket.socket) -> None:
        connection.recv(100)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def test_a_reset_ends_both_directions() -> None:
    """A client that only waits learns that the service has reset the connection."""
    with (
        Resets() as service,
        Relay(service.port) as line,
        socket.create_connection(("127.0.0.1", line.port), LIMIT) as client,
    ):
        client.sendall(b"Hello.")

        assert client.recv(100) == b""
