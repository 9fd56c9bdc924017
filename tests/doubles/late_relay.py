"""A network on which everything takes until the test says so."""

from __future__ import annotations

import socket
import threading

from tests.doubles.listener import Listener
from tests.tools.limits import LIMIT


class LateRelay(Listener):
    """Passes nothing on until `go` is set. `blocks` are the pieces in which clients sent their bytes."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.go = threading.Event()
        self.blocks: list[bytes] = []
        self._port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        assert self.go.wait(LIMIT), "the test never let anything pass"
        service = self.adopt(socket.create_connection(("127.0.0.1", self._port)))
        back = self.spawn(self._pass_on, service, connection, [])
        self._pass_on(connection, service, self.blocks)
        back.join()

    def _pass_on(self, source: socket.socket, target: socket.socket, blocks: list[bytes]) -> None:
        while block := source.recv(1 << 16):
            blocks.append(block)
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
