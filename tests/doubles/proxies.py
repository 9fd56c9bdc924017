"""What is between the program and the service: a line that may go dead, HTTP and SOCKS proxies.

Each records what the client sent to it. A proxy connects every name to the same service.
"""

from __future__ import annotations

import base64
import socket
import ssl
import struct
import threading
from collections.abc import Sequence

from tests.doubles.listener import Listener
from tests.tools.limits import LIMIT


class Relay(Listener):
    """Passes bytes on in both directions.

    `blocks` are the pieces in which clients sent their bytes, over all connections.
    """

    def __init__(self, port: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.blocks: list[bytes] = []
        self._answers: list[bytes] = []
        self._passed = threading.Condition()
        self._port = port
        self._dead_below = 0

    @property
    def sent(self) -> bytes:
        """Everything that clients sent."""
        return b"".join(self.blocks)

    def lead_to(self, port: int) -> None:
        """Connect later clients to another service."""
        self._port = port

    def wait_for_answer(self, part: bytes) -> None:
        """Wait until the bytes sent to clients, which `go_dead` can no longer stop, contain this."""
        with self._passed:
            assert self._passed.wait_for(lambda: part in b"".join(self._answers), LIMIT), self._answers

    def go_dead(self) -> None:
        """Stop passing bytes on, without closing anything: as if the far end had vanished."""
        self._dead_below = self.accepted + 1

    def serve(self, connection: socket.socket) -> None:
        self.pass_on(connection)

    def pass_on(self, client: socket.socket) -> None:
        """Connect this client and the service until either end is closed."""
        number = self.accepted
        service = self.adopt(socket.create_connection(("127.0.0.1", self._port)))
        back = self.spawn(self._pump, service, client, number, self._answers)
        self._pump(client, service, number, self.blocks)
        back.join()

    def _pump(self, source: socket.socket, target: socket.socket, number: int, record: list[bytes]) -> None:
        how = socket.SHUT_WR
        try:
            while block := source.recv(1 << 16):
                if number < self._dead_below:
                    self.ending.wait()
                    return
                with self._passed:
                    record.append(block)
                    self._passed.notify_all()
                target.sendall(block)
        except ConnectionResetError:
            how = socket.SHUT_RDWR  # of a reset the other direction learns nothing while nobody sends
        if number < self._dead_below:
            self.ending.wait()
        target.shutdown(how)


class LateRelay(Relay):
    """A network that passes nothing on until `go` is set."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.go = threading.Event()

    def serve(self, connection: socket.socket) -> None:
        assert self.go.wait(LIMIT), "the test never let anything pass"
        self.pass_on(connection)


class HttpProxy(Relay):
    """An HTTP proxy. The n-th CONNECT gets the n-th of `answer` and `later`, and more get the last.

    An answer is a status, other bytes, or None for silence.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        answer: int | bytes | None = 200,
        later: Sequence[int | bytes | None] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(port, tls=tls)
        self.requests: list[str] = []
        self._replies = (answer, *later)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)  # no byte of what follows belongs to the request
            if not byte:
                break
            head += byte
        self.blocks.append(head)
        self.requests.append(head.decode())
        answer = self._replies[min(len(self.requests), len(self._replies)) - 1]
        if answer is None:
            self.ending.wait()
        elif isinstance(answer, bytes):
            connection.sendall(answer)
        elif answer == 200:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.pass_on(connection)
        else:
            body = b"Ask the \x1b[31madministrator\x1b[0m."
            head = b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n" % (answer, len(body))
            connection.sendall(head + body)


def authorization(user: str, password: str) -> str:
    """Return the header line of a request to a proxy that knows this user."""
    return f"Proxy-Authorization: Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


class SocksProxy(Relay):
    """A SOCKS5 proxy (RFC 1928). `reply` is its reply to a request, 0 for success, None for silence.

    `requests` has the address and port of each; `login` requires a user and password (RFC 1929).
    """

    def __init__(self, port: int = 0, *, reply: int | None = 0, login: tuple[str, str] | None = None) -> None:
        super().__init__(port)
        self.requests: list[tuple[str, int]] = []
        self._reply = reply
        self._login = login

    def url(self, scheme: str = "socks5", user: str = "") -> str:
        return f"{scheme}://{user}127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        methods = self._take(connection, self._take(connection, 2)[1])
        method = 0 if self._login is None else 2
        connection.sendall(bytes([5, method if method in methods else 0xFF]))
        if method not in methods or (method == 2 and not self._is_known(connection)):
            return
        kind = self._take(connection, 4)[3]
        if kind == 1:
            host = socket.inet_ntoa(self._take(connection, 4))
        else:
            host = self._take(connection, self._take(connection, 1)[0]).decode()
        self.requests.append((host, struct.unpack(">H", self._take(connection, 2))[0]))
        if self._reply is None:
            self.ending.wait()
            return
        connection.sendall(bytes([5, self._reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if self._reply == 0:
            self.pass_on(connection)

    def _is_known(self, connection: socket.socket) -> bool:
        user = self._take(connection, self._take(connection, 2)[1]).decode()
        password = self._take(connection, self._take(connection, 1)[0]).decode()
        known = (user, password) == self._login
        connection.sendall(bytes([1, 0 if known else 1]))
        return known

    def _take(self, connection: socket.socket, count: int) -> bytes:
        data = b""
        while len(data) < count:
            block = connection.recv(count - len(data))
            if not block:
                raise ConnectionError("the client left")
            data += block
        self.blocks.append(data)
        return data
