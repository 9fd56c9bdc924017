"""Listening: from a socket to an exchange for every connection, and what is behind them all."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from dataclasses import dataclass, field

from .access import AccessPolicy
from .connection import HttpConnection
from .faults import Faults
from .http.messages import HttpRequest, HttpResponse, json_response
from .http.rest import Rest
from .session.session import run_session
from .session.websocket import WebSocket
from .workers import Workers


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServiceSettings:
    """What a service was started with. A `key` of None accepts any key but an empty one."""

    key: str | None = None
    faults: Faults = field(default_factory=Faults)


class Service:
    """The service: every connection it is given, it serves."""

    def __init__(self, settings: ServiceSettings, workers: Workers) -> None:
        self._faults = settings.faults
        self._workers = workers
        self._access = AccessPolicy(settings.key)
        self._rest = Rest(workers, self._access)
        self._refused: Counter[Faults] = Counter()
        self._admitted: Counter[Faults] = Counter()

    async def serve(self, listener: socket.socket) -> None:
        """Serve the connections that come to a listening socket, for ever."""
        server = await asyncio.start_server(self._serve_one, sock=listener)
        async with server:
            await server.serve_forever()

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer an HTTP request."""
        answer = await self._rest.respond(request)
        log.info("%s %s: %d", request.method, request.path, answer.status)
        return answer

    async def admit(self, request: HttpRequest) -> Faults | HttpResponse:
        """Return how a session is to go wrong, or the answer that its handshake gets instead."""
        try:
            faults = self._faults.for_request(request.query, request.headers)
        except ValueError as error:
            return json_response(400, {"detail": str(error)})
        await asyncio.sleep(faults.late_handshake)
        if self._refused[faults] < faults.refuse:
            self._refused[faults] += 1
            log.info("handshake refused with %d", faults.refuse_status)
            retry_after = (("retry-after", faults.retry_after),) if faults.retry_after else ()
            return json_response(faults.refuse_status, {"detail": "Refused, as asked for"}, *retry_after)
        self._admitted[faults] += 1
        if faults.only_first and self._admitted[faults] > faults.only_first:
            return Faults()
        return faults

    async def run_session(self, socket: WebSocket, faults: Faults) -> None:
        """Hold a session until it is over."""
        await run_session(socket, self._workers, self._access, faults)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock: socket.socket = writer.get_extra_info("socket")
        # asyncio does this only for sockets that were opened by name: without it a message waits 40 ms for
        # the peer's acknowledgement of the one before.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A peer that has vanished is noticed some day, one that merely reads slowly never given up.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        await HttpConnection(reader, writer, self).run()
