"""The opening handshake and the first message, both written by hand (RFC 6455, 4 and 5.2)."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.protocol import OPEN, SERVER, Protocol

from lmnt_cli.errors import ConnectError, ExitCode
from lmnt_cli.io.handshake import frame, shake_hands
from lmnt_cli.io.route import route_to
from lmnt_cli.io.wire import Deadline, Wire
from tests.tools.each import each
from tests.tools.limits import LIMIT
from tests.tools.strategies import properties


ROUTE = route_to("wss://me:pw@a.b:444/v1/x?y=1")


def accept(request: str) -> str:
    """Return the Sec-WebSocket-Accept for a request (RFC 6455, 4.2.2)."""
    key = re.search(r"^Sec-WebSocket-Key: (\S+)\r$", request, re.MULTILINE)
    assert key
    assert len(base64.b64decode(key[1])) == 16
    magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1((key[1] + magic).encode()).digest()).decode()


def shaken(answer: Callable[[str], bytes], limit: float = LIMIT) -> tuple[bytes, str]:
    """Return the bytes after the handshake with a service that answers this, and the request."""
    near, far = socket.socketpair()
    requests: list[str] = []

    def serve() -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += far.recv(4096)
        requests.append(request.decode())
        try:
            far.sendall(answer(requests[0]))
            if limit == LIMIT:
                far.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was enough

    thread = threading.Thread(target=serve)
    thread.start()
    deadline = Deadline(limit)
    with near, far:
        try:
            return shake_hands(Wire(near, deadline), ROUTE, deadline), requests[0]
        finally:
            near.close()
            thread.join()


def upgraded(request: str, more: str = "", **changes: str) -> bytes:
    fields = {
        "Upgrade": "WebSocket",
        "Connection": "keep-alive, Upgrade",
        "Sec-WebSocket-Accept": accept(request),
    }
    fields |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        *(f"{name}: {value}" for name, value in fields.items() if value),
    ]
    return ("\r\n".join(lines) + f"\r\n{more}\r\n").encode()


def test_request() -> None:
    """The request follows RFC 6455; bytes after the answer are kept."""
    early, request = shaken(lambda request: upgraded(request) + b"\x81\x02hi")

    assert early == b"\x81\x02hi"
    lines = request.split("\r\n")
    assert lines[0] == "GET /v1/x?y=1 HTTP/1.1"
    assert {"Host: a.b:444", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"} <= set(
        lines
    )
    assert f"Authorization: Basic {base64.b64encode(b'me:pw').decode()}" in lines
    assert "Sec-WebSocket-Extensions" not in request


def test_byte_by_byte() -> None:
    """An answer may arrive in any pieces, and with a header split over two lines."""
    assert shaken(lambda request: upgraded(request, "X: a\r\nX: b\r\n"))[0] == b""


WRONG: dict[str, Callable[[str], bytes]] = {
    "nothing": lambda _: b"",
    "cut off": lambda request: upgraded(request)[:-3],
    "another protocol": lambda _: b"SSH-2.0-OpenSSH\r\n",
    "another version": lambda _: b"HTTP/2 101 OK\r\n\r\n",
    "101 and nothing else": lambda _: b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "no upgrade": lambda request: upgraded(request, Upgrade=""),
    "another upgrade": lambda request: upgraded(request, Upgrade="h2c"),
    "no connection": lambda request: upgraded(request, Connection="close"),
    "no accept": lambda request: upgraded(request, Sec_WebSocket_Accept=""),
    "a wrong accept": lambda request: upgraded(request, Sec_WebSocket_Accept="bm90IHRoZSByaWdodCBvbmU="),
    "two accepts": lambda request: upgraded(request, f"Sec-WebSocket-Accept: {accept(request)}\r\n"),
    "an extension": lambda request: upgraded(request, Sec_WebSocket_Extensions="permessage-deflate"),
    "a protocol": lambda request: upgraded(request, Sec_WebSocket_Protocol="chat"),
    "a line that is no header": lambda request: upgraded(request, "nonsense\r\n"),
    "a long header": lambda request: upgraded(request, f"X: {'x' * 70_000}\r\n"),
    "a header of 1 MB": lambda request: upgraded(request, f"X: {'x' * 1_000_000}\r\n"),
    "many headers": lambda request: upgraded(request, "X: 1\r\n" * 200),
    "headers without end": lambda _: b"HTTP/1.1 101 OK\r\n" + b"X: 1\r\n" * 100_000,
}


@each("fault", WRONG)
def test_no_websocket(fault: str) -> None:
    """A wrong answer to the handshake is reported as such, in a short line."""
    with pytest.raises(ConnectError) as raised:
        shaken(WRONG[fault])

    assert raised.value.message.startswith("could not connect to a.b:444: the WebSocket handshake failed: ")
    assert len(raised.value.message) < 200


@each(
    "body", [b"", b"<html>", b"x" * 200_000], ids=["no body", "shorter than announced", "longer than is read"]
)
def test_refused(body: bytes) -> None:
    """A refusal is reported with its status, however its body is framed."""
    with pytest.raises(ConnectError) as raised:
        shaken(lambda _: b"HTTP/1.1 404 Not here\r\nContent-Length: 200000\r\n\r\n" + body)

    assert "status 404 Not here" in raised.value.message
    assert raised.value.code is ExitCode.REFUSED


def test_a_refusal_that_drips() -> None:
    """The body of a refusal is not waited for until the deadline of the attempt."""
    with pytest.raises(ConnectError) as raised:
        shaken(lambda _: b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\n", limit=LIMIT - 0.01)

    assert raised.value.code is ExitCode.AUTHENTICATION


@properties
@given(st.text(max_size=300) | st.sampled_from([125, 126, 65535, 65536, 100_000]).map("x".__mul__))
def test_frames(text: str) -> None:
    """A frame written by hand is read by the library as that message, masked."""
    server = Protocol(SERVER, state=OPEN, max_size=None)
    server.receive_data(frame(text))
    (found,) = server.events_received()

    assert bytes(found.data).decode() == text  # type: ignore[union-attr]  # a frame
    assert server.close_sent is None


def test_masks_differ() -> None:
    """Each frame has its own mask."""
    assert len({frame("the same text") for _ in range(8)}) == 8
    assert os.urandom(4) != os.urandom(4)
