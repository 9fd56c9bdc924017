"""One TCP connection: HTTP requests one after the other, or a WebSocket from the first upgrade on.

h11 reads the requests, because what stands before a WebSocket must also take bodies: websockets' own
server shows its `process_request` hook a request's head only, and refuses one with a body. An upgrade is
replayed, byte for byte, into websockets' sans-I/O protocol, which then has the connection.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

import h11
from websockets.http11 import Request as Upgrade
from websockets.server import ServerProtocol

from .faults import Faults
from .http.messages import HttpRequest, HttpResponse, json_response
from .session.websocket import MAX_MESSAGE, WebSocket


log = logging.getLogger(__name__)

STREAM_PATH = "/v1/ai/speech/stream"

_READ = 65536
# Text is at most 5,000 characters; voice samples, which may be large, we have no use for.
_MOST_BODY = 2**20


class Application(Protocol):
    """What is behind a connection."""

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        ...

    async def admit(self, request: HttpRequest) -> Faults | HttpResponse:
        """Say how to hold a session, or why there is to be none."""
        ...

    async def run_session(self, socket: WebSocket, faults: Faults) -> None:
        """Hold a session until it is over."""
        ...


class HttpConnection:
    """Serves one connection until it ends."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, application: Application
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._application = application
        self._http = h11.Connection(h11.SERVER)
        # What has been read of the current request: an upgrade is read again by another parser.
        self._read = b""

    async def run(self) -> None:
        """Answer requests until the peer has enough. Never raises what the network did."""
        try:
            while await self._one():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            await self._complain(error)
        except (OSError, h11.LocalProtocolError):
            pass  # the peer has gone
        except Exception:
            # Audio that ends without its last chunk is not taken for whole.
            log.exception("a request failed")
        finally:
            self._writer.close()

    async def _one(self) -> bool:
        """Answer one request; whether another may follow."""
        self._read = self._http.trailing_data[0]
        head = await self._event()
        if not isinstance(head, h11.Request):
            return False
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        target = urlsplit(head.target.decode("latin-1"))
        request = HttpRequest(head.method.decode("latin-1"), target.path, target.query, headers)
        if "websocket" in headers.get("upgrade", "").lower() and target.path == STREAM_PATH:
            admitted = await self._application.admit(request)
            if isinstance(admitted, Faults):
                await self._hold(admitted)
                return False
            await self._send(admitted)
            return False
        body = await self._body()
        if body is None:
            await self._send(json_response(413, {"detail": "Content Too Large"}))
            return False
        await self._send(await self._application.respond(replace(request, body=body)))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _hold(self, faults: Faults) -> None:
        protocol = ServerProtocol(max_size=MAX_MESSAGE)
        protocol.receive_data(self._read)
        (upgrade,) = protocol.events_received()
        assert isinstance(upgrade, Upgrade), "h11 has read the same bytes"
        protocol.send_response(protocol.accept(upgrade))
        self._writer.write(b"".join(protocol.data_to_send()))
        if protocol.handshake_exc is None:
            socket = WebSocket(
                protocol, self._reader, self._writer, fragments=faults.fragments, no_pong=faults.no_pong
            )
            await self._application.run_session(socket, faults)

    async def _body(self) -> bytes | None:
        body = b""
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > _MOST_BODY:
                return None
        return body

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            data = await self._reader.read(_READ)
            self._read += data
            self._http.receive_data(data)
        return event

    async def _send(self, answer: HttpResponse) -> None:
        headers = list(answer.headers)
        if isinstance(answer.body, bytes):
            headers.append(("content-length", str(len(answer.body))))
        reason = HTTPStatus(answer.status).phrase.encode()
        self._write(h11.Response(status_code=answer.status, headers=headers, reason=reason))
        if isinstance(answer.body, bytes):
            self._write(h11.Data(data=answer.body))
        else:
            async for piece in answer.body:
                self._write(h11.Data(data=piece))
                await self._writer.drain()
        self._write(h11.EndOfMessage())
        await self._writer.drain()

    async def _complain(self, error: h11.RemoteProtocolError) -> None:
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            log.info("not HTTP: %s", error)
            await self._send(json_response(error.error_status_hint, {"detail": str(error)}))

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
