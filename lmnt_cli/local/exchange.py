"""One TCP connection: HTTP requests one after the other, or a WebSocket from the first upgrade on.

h11 reads the requests, because what stands before a WebSocket must also take bodies: websockets' own
server shows its `process_request` hook a request's head only, and refuses one with a body. An upgrade is
replayed, byte for byte, into websockets' sans-I/O protocol, which then has the connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import h11
from websockets.http11 import Request as Upgrade
from websockets.server import ServerProtocol

from .rest import Answer, HttpRequest
from .websocket import MAX_MESSAGE, WebSocket


log = logging.getLogger(__name__)

_READ = 65536
# Voice samples may be uploaded up to 250 MB; nothing we keep is near that.
_MOST_BODY = 2**20

STREAM_PATH = "/v1/ai/speech/stream"

Respond = Callable[[HttpRequest], Awaitable[Answer]]
Hold = Callable[[WebSocket], Awaitable[None]]


class Exchange:
    """Serves one connection until it ends."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond, hold: Hold
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._respond = respond
        self._hold = hold
        self._http = h11.Connection(h11.SERVER)
        # What has been read of the current request: an upgrade is read again by another parser.
        self._head = b""

    async def run(self) -> None:
        """Answer requests until the peer has enough. Never raises what the network did."""
        try:
            while await self._one():
                self._http.start_next_cycle()
        except (OSError, h11.LocalProtocolError):
            pass
        except h11.RemoteProtocolError as error:
            log.debug("not HTTP: %s", error)
        finally:
            self._writer.close()

    async def _one(self) -> bool:
        """Answer one request; whether another may follow."""
        self._head = self._http.trailing_data[0]
        request = await self._event()
        if not isinstance(request, h11.Request):
            return False
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        target = urlsplit(request.target.decode("ascii", "replace"))
        if "websocket" in headers.get("upgrade", "").lower() and target.path == STREAM_PATH:
            await self._websocket()
            return False
        body = await self._body()
        answer = await self._respond(
            HttpRequest(request.method.decode(), target.path, target.query, headers, body)
        )
        await self._send(answer)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _websocket(self) -> None:
        protocol = ServerProtocol(max_size=MAX_MESSAGE)
        protocol.receive_data(self._head)
        (upgrade,) = protocol.events_received()
        assert isinstance(upgrade, Upgrade)
        protocol.send_response(protocol.accept(upgrade))
        self._writer.write(b"".join(protocol.data_to_send()))
        if protocol.handshake_exc is None:
            await self._hold(WebSocket(protocol, self._reader, self._writer))

    async def _body(self) -> bytes:
        body = b""
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > _MOST_BODY:
                raise h11.RemoteProtocolError("body too large", 413)
        return body

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            data = await self._reader.read(_READ)
            self._head += data
            self._http.receive_data(data)
        return event

    async def _send(self, answer: Answer) -> None:
        headers = [("content-length", str(len(answer.body))), *answer.headers]
        self._write(h11.Response(status_code=answer.status, headers=headers))
        self._write(h11.Data(data=answer.body))
        self._write(h11.EndOfMessage())
        await self._writer.drain()

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
