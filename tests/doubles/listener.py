"""A server of plain sockets, the base of the proxies and hostile services of the tests.

Each connection has its own thread and ends with the server, in any state.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.tools.limits import LIMIT


class Listener:
    """Accepts connections on its own port; `serve` handles each of them."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.accepted = 0
        self.changed = threading.Condition()
        self.ending = threading.Event()
        self._tls = tls
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def serve(self, connection: socket.socket) -> None:
        """Handle one connection, in its own thread; an OSError ends it."""
        raise NotImplementedError

    def wait_accepted(self, count: int, limit: float = LIMIT) -> None:
        """Return when this many connections have been accepted."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.accepted >= count, limit):
                raise AssertionError(f"{self.accepted} of {count} connections came in {limit} s")

    def adopt(self, connection: socket.socket) -> socket.socket:
        """Close this socket with the server too."""
        self._sockets.append(connection)
        return connection

    def spawn(self, target: Callable[..., None], *args: object) -> threading.Thread:
        """Run a function in a thread that ends with the server; an OSError there is no failure."""

        def run() -> None:
            with contextlib.suppress(OSError):
                target(*args)

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def cut(self) -> None:
        """End every connection."""
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self.spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ending.set()
        # Only a connection wakes a thread in `accept` on every system.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.cut()
        for thread in self._threads:
            thread.join(LIMIT)
            assert not thread.is_alive(), "a connection did not end"
        for connection in [*self._sockets, self._listener]:
            connection.close()

    def _accept(self) -> None:
        while True:
            connection = self.adopt(self._listener.accept()[0])
            if self.ending.is_set():
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.changed:
                self.accepted += 1
                self.changed.notify_all()
            self.spawn(self._secure, connection)

    def _secure(self, connection: socket.socket) -> None:
        if self._tls is not None:
            connection = self.adopt(self._tls.wrap_socket(connection, server_side=True))
        try:
            self.serve(connection)
        finally:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
