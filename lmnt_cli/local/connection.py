"""One TCP connection: successive HTTP requests, or a WebSocket if a request asks for one.

h11 reads the requests, because requests other than the WebSocket's have bodies: the server in websockets only
passes the head of a request to its `process_request` hook, and refuses a request with a body. The head of an
upgrade is passed on to websockets' sans-I/O protocol, which then owns the connection.

Rule: whatever a peer sends, it gets an HTTP response or a close, uses bounded memory, and delays no one else.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

import h11
from websockets.datastructures import Headers
from websockets.http11 import Request as Upgrade
from websockets.server import ServerProtocol

from .faults import Faults
from .http.messages import HttpRequest, HttpResponse, json_response
from .session.websocket import MAX_MESSAGE, WebSocket


log = logging.getLogger(__name__)

STREAM_PATH = "/v1/ai/speech/stream"

_READ = 65536
# The limit for a whole request on the wire, including chunk sizes and extensions. Text is at most 5,000
# characters, and voice samples, which may be large, are not accepted here.
_MAX_REQUEST = 2**20
# How long a request may take to arrive, and how long an idle connection is kept, in seconds.
REQUEST_TIMEOUT = 60.0
# After a request is refused before its end, how long and how much to keep reading, in seconds and bytes.
_LINGER = (2.0, 2**20)
# Tiny chunks are parsed in batches of this size, so that others are served in between.
_TURN = 64
# The headers of an upgrade that matter to a WebSocket.
_UPGRADE_HEADERS = ("host", "origin", "upgrade", "connection", "sec-websocket-")


class Application(Protocol):
    """The application that a connection serves."""

    def screen(self, request: HttpRequest) -> HttpResponse | None:
        """Return the refusal of a request that must not be served, judged by its head; None to serve it."""
        ...

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request."""
        ...

    async def admit(self, request: HttpRequest) -> Faults | HttpResponse:
        """Return the settings of a new session, or the refusal of its handshake."""
        ...

    async def run_session(self, socket: WebSocket, faults: Faults) -> None:
        """Run a session until it is over."""
        ...


class HttpConnection:
    """Serves one connection until it ends."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        application: Application,
        timeout: float = REQUEST_TIMEOUT,
    ) -> None:
        """Serve `application` on a connection; `timeout` is in seconds, for each half of a request."""
        self._reader = reader
        self._writer = writer
        self._application = application
        self._timeout = timeout
        self._http = h11.Connection(h11.SERVER)
        self._received = 0

    async def run(self) -> None:
        """Answer requests until the peer leaves. Never raises for anything the peer or the network does."""
        try:
            while await self._serve_request():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            log.info("not HTTP: %s", error)
            await self._refuse(json_response(error.error_status_hint, {"detail": str(error)}))
        except TimeoutError:
            await self._refuse(json_response(408, {"detail": "Request Timeout"}))
        except (OSError, h11.LocalProtocolError):
            pass  # the peer has gone
        except Exception:
            # Audio without its last chunk is recognised as incomplete.
            log.exception("a request failed")
        finally:
            self._writer.close()

    async def _serve_request(self) -> bool:
        """Serve one request; return whether another may follow."""
        self._received = len(self._http.trailing_data[0])
        async with asyncio.timeout(self._timeout):
            head = await self._next_event()
        if not isinstance(head, h11.Request):
            return False
        request = _read_head(head)
        refusal = self._application.screen(request)
        if refusal is not None:
            await self._refuse(refusal)
            return False
        if _is_upgrade(head, request):
            await self._upgrade(request)
            return False
        async with asyncio.timeout(self._timeout):
            body = await self._read_body()
        if body is None:
            await self._refuse(json_response(413, {"detail": "Content Too Large"}))
            return False
        await self._send(await self._application.respond(replace(request, body=body)))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _upgrade(self, request: HttpRequest) -> None:
        """Answer the handshake of a WebSocket, and run the session if it is accepted."""
        async with asyncio.timeout(self._timeout):
            event = await self._next_event()
        if not isinstance(event, h11.EndOfMessage):
            await self._refuse(json_response(400, {"detail": "A WebSocket handshake has no body"}))
            return
        admitted = await self._application.admit(request)
        if not isinstance(admitted, Faults):
            await self._send(admitted)
            return
        protocol = ServerProtocol(max_size=MAX_MESSAGE)
        headers = [each for each in request.headers.items() if each[0].startswith(_UPGRADE_HEADERS)]
        protocol.receive_data(Upgrade(STREAM_PATH, Headers(headers)).serialize())
        events = protocol.events_received()
        if events and isinstance(events[0], Upgrade):
            protocol.send_response(protocol.accept(events[0]))
        self._writer.write(b"".join(protocol.data_to_send()))
        if protocol.handshake_exc is None:
            socket = WebSocket(
                protocol,
                self._reader,
                self._writer,
                early=self._http.trailing_data[0],
                fragments=admitted.fragments,
                no_pong=admitted.no_pong,
            )
            await self._application.run_session(socket, admitted)

    async def _read_body(self) -> bytes | None:
        """Return the body, or None if it is too large."""
        body = bytearray()
        turns = 0
        while isinstance(event := await self._next_event(), h11.Data):
            body += event.data
            turns += 1
            if turns % _TURN == 0:
                await asyncio.sleep(0)
            if self._received > _MAX_REQUEST:
                return None
        return bytes(body)

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            data = await self._reader.read(_READ)
            self._received += len(data)
            self._http.receive_data(data)
        return event

    async def _send(self, response: HttpResponse) -> None:
        headers = list(response.headers)
        if isinstance(response.body, bytes):
            headers.append(("content-length", str(len(response.body))))
        reason = HTTPStatus(response.status).phrase.encode()
        self._write(h11.Response(status_code=response.status, headers=headers, reason=reason))
        if isinstance(response.body, bytes):
            self._write(h11.Data(data=response.body))
        else:
            async for piece in response.body:
                self._write(h11.Data(data=piece))
                await self._writer.drain()
        self._write(h11.EndOfMessage())
        await self._writer.drain()

    async def _refuse(self, response: HttpResponse) -> None:
        """Send a response to a request that was not read to its end, so that the peer receives it.

        Closing a connection with unread data resets it, and the peer may lose the response.
        """
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE) or not self._received:
            return
        seconds, most = _LINGER
        with suppress(OSError, h11.LocalProtocolError):
            await self._send(replace(response, headers=(*response.headers, ("connection", "close"))))
            self._writer.write_eof()
            async with asyncio.timeout(seconds):
                while most > 0 and (data := await self._reader.read(_READ)):
                    most -= len(data)

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)


def _read_head(head: h11.Request) -> HttpRequest:
    """Return the request without its body. Raises h11.RemoteProtocolError if the target is not a URL."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    try:
        target = urlsplit(head.target.decode("latin-1"))
    except ValueError:
        raise h11.RemoteProtocolError("malformed request target", error_status_hint=400) from None
    if target.netloc:
        # An absolute target names the host, regardless of the header (RFC 9112, 3.2.2).
        headers["host"] = target.netloc
    return HttpRequest(head.method.decode("latin-1"), target.path, target.query, headers)


def _is_upgrade(head: h11.Request, request: HttpRequest) -> bool:
    return (
        "websocket" in request.headers.get("upgrade", "").lower()
        and request.path == STREAM_PATH
        and request.method == "GET"
        and head.http_version == b"1.1"
    )
