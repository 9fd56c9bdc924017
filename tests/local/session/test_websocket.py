"""One WebSocket: `lmnt_cli.local.session.websocket`, on its own stream and in the real program."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable

import pytest
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from lmnt_cli.local.session.websocket import MAX_MESSAGE, SocketClosed, WebSocket
from tests.tools.local_service import FINISH, LIMIT, LocalService, shared_service, text, upgrade


HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture
def local() -> LocalService:
    return shared_service()


def accepted() -> ServerProtocol:
    """Return a protocol whose handshake is complete."""
    protocol = ServerProtocol(max_size=MAX_MESSAGE)
    protocol.receive_data(HANDSHAKE)
    (request,) = protocol.events_received()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    protocol.data_to_send()
    return protocol


Both = Callable[[WebSocket, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def meet(both: Both, *, early: bytes = b"", fragments: int = 1, no_pong: bool = False) -> None:
    """Run with a WebSocket and its peer's end of the connection."""

    async def run() -> None:
        ready: asyncio.Future[WebSocket] = asyncio.get_running_loop().create_future()

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            ours = WebSocket(accepted(), reader, writer, early=early, fragments=fragments, no_pong=no_pong)
            ready.set_result(ours)

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            ours = await ready
            await asyncio.wait_for(both(ours, reader, writer), LIMIT)
            writer.close()
            ours.abort()

    asyncio.run(run())


def frame(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


def test_a_message_is_the_sum_of_its_fragments() -> None:
    """Text and binary fragments are joined around control frames; invalid UTF-8 is not an error here."""

    async def both(ours: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            frame(Opcode.TEXT, b"sch", fin=False)
            + frame(Opcode.PING, b"?")
            + frame(Opcode.CONT, "ön".encode()[:1], fin=False)
            + frame(Opcode.PONG)
            + frame(Opcode.CONT, "ön".encode()[1:])
            + frame(Opcode.BINARY, b"\xff")
            + frame(Opcode.TEXT, b"a\xff")
            + frame(Opcode.CLOSE)
        )

        assert [await ours.receive() for _ in range(4)] == ["schön", b"\xff", "a\ufffd", None]
        assert await reader.readexactly(3) == b"\x8a\x01?"
        with pytest.raises(SocketClosed):
            await ours.send("too late")

    meet(both)


def test_early_data_is_received_first() -> None:
    """Data received along with the handshake comes first, even part of a frame."""
    whole = frame(Opcode.TEXT, b"hello")

    async def both(ours: WebSocket, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(whole[3:] + frame(Opcode.TEXT, b"more"))

        assert [await ours.receive(), await ours.receive()] == ["hello", "more"]

    meet(both, early=whole[:3])


def test_empty_fragments_leave_nothing_behind() -> None:
    """Empty fragments do not count towards the limit, and so must not be kept."""

    async def both(ours: WebSocket, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            frame(Opcode.TEXT, fin=False) + frame(Opcode.CONT, fin=False) * 5000 + frame(Opcode.CONT)
        )

        assert await ours.receive() == ""
        assert [value for value in vars(ours).values() if isinstance(value, list) and value] == []

    meet(both)


@pytest.mark.parametrize("size", [MAX_MESSAGE, MAX_MESSAGE + 1])
def test_a_message_has_a_limit(size: int) -> None:
    """The limit applies to one frame or several; beyond it the connection is closed with 1009."""

    async def both(ours: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            frame(Opcode.TEXT, bytes(size // 2), fin=False) + frame(Opcode.CONT, bytes(size - size // 2))
        )
        received = asyncio.create_task(ours.receive())
        if size > MAX_MESSAGE:
            assert (await reader.readexactly(4))[2:] == (1009).to_bytes(2, "big")
            writer.close()
        assert await received == ("\0" * size if size <= MAX_MESSAGE else None)

    meet(both)


@pytest.mark.parametrize(("no_pong", "answer"), [(False, b"\x8a\x01?\x81\x01!"), (True, b"\x81\x01!")])
def test_pings_are_answered_unless_told_otherwise(no_pong: bool, answer: bytes) -> None:
    """Pings are answered during `receive`; with `no_pong` nothing else changes."""

    async def both(ours: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(Opcode.PING, b"?") + frame(Opcode.TEXT, b"hello"))
        await ours.receive()
        await ours.send("!")

        assert await reader.readexactly(len(answer)) == answer

    meet(both, no_pong=no_pong)


def test_a_message_is_sent_in_fragments() -> None:
    """There are as many fragments as set, some empty if there is too little data."""

    async def both(ours: WebSocket, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await ours.send(b"ab")

        assert await reader.readexactly(8) == b"\x02\x00\x00\x01a\x80\x01b"

    meet(both, fragments=3)


def test_a_close_and_a_vanished_peer_are_none() -> None:
    """`receive` returns None from then on, and nothing can be sent."""

    async def both(ours: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ours.close(1000, "done")
        await ours.close(1000)
        assert not ours.is_open
        assert await reader.readexactly(8) == b"\x88\x06\x03\xe8done"
        writer.close()

        assert [await ours.receive(), await ours.receive()] == [None, None]
        with pytest.raises(SocketClosed):
            await ours.send(b"too late")

    meet(both)


def test_a_message_in_fragments_and_pings_between_them(local: LocalService) -> None:
    """A client's text may arrive in any number of WebSocket frames."""
    with local.open() as conversation:
        conversation.init(return_timestamps=True)
        message = json.dumps(text("Hello there."))
        conversation.socket.send(message[at : at + 1] for at in range(len(message)))
        conversation.send(FINISH)
        tokens = conversation.rest().tokens

    assert "".join(token["text"] for token in tokens) == "Hello there."


def test_a_peer_that_breaks_the_websocket_is_closed(local: LocalService) -> None:
    """Unmasked frames, a message beyond 1 MiB and a lost handshake only affect their peer."""
    host, port = local.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT) as peer:
        upgrade(peer)
        peer.sendall(b"\x81\x02{}")
        assert closed_with(peer) == 1002
    with local.open() as conversation:
        conversation.init()
        conversation.socket.send("x" * (2**20 + 1))
        assert conversation.rest().close_code == 1009
    with socket.create_connection((host, int(port)), timeout=LIMIT) as peer:
        peer.sendall(b"GET /v1/ai/speech/stream HTTP/1.1\r\n")

    assert local.talk(FINISH).close_code == 1000


def closed_with(peer: socket.socket) -> int:
    """Return the code of the next close frame."""
    frame = peer.recv(65536)
    assert frame[0] == 0x88
    return int.from_bytes(frame[2:4], "big")
