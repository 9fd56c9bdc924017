"""One connection, byte by byte: `lmnt_cli.local.connection`, with a double for the service."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from lmnt_cli.local.connection import STREAM_PATH, HttpConnection
from lmnt_cli.local.faults import Faults
from lmnt_cli.local.http.messages import HttpRequest, HttpResponse, json_response
from lmnt_cli.local.session.websocket import SocketClosed, WebSocket


LIMIT = 20
HANDSHAKE = (
    f"GET {STREAM_PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
).encode()
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


class Echo:
    """Answers with the request, refuses one path, and echoes the messages of its sessions."""

    def __init__(self) -> None:
        self.asked: list[HttpRequest] = []

    def screen(self, request: HttpRequest) -> HttpResponse | None:
        return json_response(403, {"detail": "no"}) if request.path == "/forbidden" else None

    async def respond(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        return json_response(200, [request.method, request.path, len(request.body)])

    async def admit(self, request: HttpRequest) -> Faults | HttpResponse:
        self.asked.append(request)
        return Faults()

    async def run_session(self, socket: WebSocket, faults: Faults) -> None:
        with suppress(SocketClosed):
            while (message := await socket.receive()) is not None:
                await socket.send(message)


Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


def hold(peer: Peer, application: Echo | None = None, timeout: float = LIMIT) -> bytes:
    """Serve one connection to a peer; return the peer's result."""

    async def run() -> bytes:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await HttpConnection(reader, writer, application or Echo(), timeout).run()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            try:
                return await asyncio.wait_for(peer(reader, writer), LIMIT)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    return asyncio.run(run())


def answer_to(*sent: bytes, application: Echo | None = None, timeout: float = LIMIT) -> bytes:
    """Return the whole response to these bytes, up to the close."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for data in sent:
            writer.write(data)
            await writer.drain()
        return await reader.read()

    return hold(peer, application, timeout)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


MALFORMED: dict[str, tuple[bytes, int]] = {
    "no HTTP": (b"rubbish\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), 400),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "a target that is no URL": (b"GET http://[::1/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "a target that is no address": (b"GET http://[x]/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "a stream's target that is no URL": (HANDSHAKE.replace(b"GET /", b"GET //[", 1) + b"\r\n", 400),
    "a length that is none": (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        400,
    ),
    "another encoding": (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    "a chunk that is none": (CHUNKED + b"xyz\r\n", 400),
    "a line feed in a header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n", 400),
    "endless headers": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20000 + b"\r\n", 431),
    "an endless target": (b"GET /" + b"x" * 200_000, 431),
    "an endless chunk size": (CHUNKED + b"1;" + b"e" * 200_000, 431),
    "a body that is too large": (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n" + bytes(2**20 + 2**16),
        413,
    ),
    "chunk extensions that are too large": (CHUNKED + (b"1;" + b"e" * 8000 + b"\r\nx\r\n") * 150, 413),
    "an upgrade without a version": (
        f"GET {STREAM_PATH} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n".encode(),
        426,
    ),
    "an upgrade without a key": (
        HANDSHAKE.replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"") + b"\r\n",
        400,
    ),
    "an upgrade with a key that is none": (
        HANDSHAKE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"x") + b"\r\n",
        400,
    ),
    "an upgrade with a body": (HANDSHAKE + b"Content-Length: 5\r\n\r\nhello", 400),
    "an upgrade with chunks": (HANDSHAKE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 400),
    "an upgrade with an endless header": (
        HANDSHAKE + b"Sec-WebSocket-Protocol: " + b"x" * 9000 + b"\r\n\r\n",
        431,
    ),
    "a forbidden request": (
        b"POST /forbidden HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n",
        403,
    ),
}


@pytest.mark.parametrize(("sent", "status"), MALFORMED.values(), ids=MALFORMED)
def test_what_makes_no_sense_is_answered(sent: bytes, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Malformed input gets a status and a close, however it is cut; never a traceback or silence."""
    caplog.set_level(logging.INFO)

    assert status_of(answer_to(sent)) == status
    assert status_of(answer_to(sent[:1], sent[1:])) == status
    assert [each for each in caplog.records if each.exc_info] == []


def test_an_upgrade_with_many_headers() -> None:
    """websockets accepts 128 headers; those without meaning for a WebSocket are not passed on."""
    answer = answer_to(HANDSHAKE + b"X: y\r\n" * 200 + b"\r\n", b"\x88\x80\0\0\0\0")

    assert status_of(answer) == 101


@pytest.mark.parametrize("cut", [0, 1, 7, 11])
def test_a_message_that_comes_with_the_handshake(cut: int) -> None:
    """A message sent along with the handshake, whole or in part, waits for the session."""
    frame = b"\x81\x85\0\0\0\0hello"

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(HANDSHAKE + b"\r\n" + frame[:cut])
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame[cut:])
        return await reader.readexactly(7)

    assert hold(peer) == b"\x81\x05hello"


def test_an_absolute_target_names_the_host() -> None:
    """The target of a proxy's request overrides the Host header."""
    application = Echo()
    answer_to(
        b"GET http://evil.example:81/path?x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        application=application,
    )

    (asked,) = application.asked
    assert (asked.headers["host"], asked.path, asked.query) == ("evil.example:81", "/path", "x=1")


def test_requests_after_one_another() -> None:
    """Requests sent at once or in turn, with bodies of any kind, are answered in order."""
    request = b"POST /%d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
    answer = answer_to(
        request % 1 + request % 2,
        CHUNKED + b"2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    )

    bodies = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in answer.split(b"HTTP/1.1 200 ")[1:]]
    assert bodies == [["POST", "/1", 3], ["POST", "/2", 3], ["POST", "/", 3], ["GET", "/last", 0]]


def test_a_request_that_does_not_arrive() -> None:
    """An incomplete request is answered 408 at its timeout; an idle connection is closed."""
    assert status_of(answer_to(b"GET / HTTP/1.1\r\nHost:", timeout=0.05)) == 408
    assert status_of(answer_to(CHUNKED + b"1\r\n", timeout=0.05)) == 408
    assert status_of(answer_to(HANDSHAKE + b"Content-Length: 5\r\n\r\n", timeout=0.05)) == 408
    assert answer_to(timeout=0.05) == b""
    served = answer_to(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", timeout=0.05)
    assert served.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("head", "piece", "end"),
    [
        (CHUNKED, b"1\r\nx\r\n", b"0\r\n\r\n"),
        (HANDSHAKE + b"\r\n\x01\x80\0\0\0\0", b"\x00\x80\0\0\0\0", b"\x80\x80\0\0\0\0"),
        (HANDSHAKE + b"\r\n", b"\x8a\x80\0\0\0\0", b"\x81\x80\0\0\0\0"),
        (HANDSHAKE + b"\r\n", b"\x81\x80\0\0\0\0", b""),
    ],
    ids=["chunks", "fragments", "pongs", "messages"],
)
def test_tiny_pieces_delay_nobody(head: bytes, piece: bytes, end: bytes) -> None:
    """Other connections are served in between, however many chunks arrive at once."""
    count = 20_000

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(head + piece * count + end)

        async def read_answer() -> None:
            if head.startswith(HANDSHAKE):
                await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2 if end else 2 * count)

        answered = asyncio.create_task(read_answer())
        # We share the service's event loop, so a turn for us is a turn for any client.
        turns = 0
        while not answered.done():
            await asyncio.sleep(0)
            turns += 1
        await answered
        return json.dumps(turns).encode()

    assert json.loads(hold(peer)) > count / 100
