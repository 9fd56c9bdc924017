"""The service: accepts connections and answers their requests."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field, replace

from .access import AccessPolicy
from .connection import STREAM_PATH, HttpConnection
from .faults import HEADER, Faults
from .http.messages import HttpRequest, HttpResponse, json_response
from .http.rest import Rest
from .session.session import run_session
from .session.websocket import WebSocket
from .workers import Workers


log = logging.getLogger(__name__)

# The most connections at once. A session takes up to ten megabytes.
_MAX_CONNECTIONS = 256
# Descriptors other than connections: ours, and those of the libraries while they load.
_SPARE_DESCRIPTORS = 32
# The most refused connections that are kept open for the peer to read the response.
_MAX_LINGERING = 8
# The most combinations of settings whose sessions are counted.
_MAX_COUNTED = 1000

_NOT_ALLOWED = "Fault settings from clients are only accepted with lmnt-local serve --faults-from-clients"


@dataclass(frozen=True)
class ServiceSettings:
    """The settings with which a service was started."""

    access: AccessPolicy = field(default_factory=AccessPolicy)
    faults: Faults = field(default_factory=Faults)
    faults_from_clients: bool = False


@dataclass
class _Count:
    """The handshakes with one combination of settings so far."""

    refused: int = 0
    admitted: int = 0


class Service:
    """Serves every connection it accepts."""

    def __init__(self, settings: ServiceSettings, workers: Workers) -> None:
        self._settings = settings
        self._workers = workers
        self._rest = Rest(workers, settings.access)
        self._counts: OrderedDict[Faults, _Count] = OrderedDict()
        self._connections = 0
        self._lingering = 0
        self._max_connections = _max_connections()

    async def serve(self, listener: socket.socket) -> None:
        """Serve the connections to a listening socket, forever."""
        asyncio.get_running_loop().set_exception_handler(_report)
        server = await asyncio.start_server(self._serve_connection, sock=listener)
        async with server:
            await server.serve_forever()

    def screen(self, request: HttpRequest) -> HttpResponse | None:
        """Return the refusal of a request from a forbidden source or with forbidden settings, or None."""
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        problem = self._settings.access.problem_with(host, origin)
        if problem is not None:
            log.info("%s %s: %s", request.method, request.path, problem)
            return json_response(403, {"detail": problem})
        has_settings = HEADER in request.headers or (request.path == STREAM_PATH and request.query)
        if has_settings and not self._settings.faults_from_clients:
            return json_response(400, {"detail": _NOT_ALLOWED})
        return None

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Return the response to an HTTP request."""
        response = await self._rest.respond(request)
        log.info("%s %s: %d", request.method, request.path, response.status)
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        if origin is None or not self._settings.access.is_allowed_origin(host, origin):
            return response
        cors = (("access-control-allow-origin", origin), ("vary", "origin"))
        return replace(response, headers=(*response.headers, *cors))

    async def admit(self, request: HttpRequest) -> Faults | HttpResponse:
        """Return the settings of a new session, or the refusal of its handshake."""
        try:
            faults = self._settings.faults.for_request(request.query, request.headers)
        except ValueError as error:
            return json_response(400, {"detail": str(error)})
        await asyncio.sleep(faults.late_handshake)
        count = self._count(faults)
        if count.refused < faults.refuse:
            count.refused += 1
            log.info("handshake refused with %d", faults.refuse_status)
            retry_after = (("retry-after", faults.retry_after),) if faults.retry_after else ()
            return json_response(
                faults.refuse_status, {"detail": "Refused by the setting 'refuse'"}, *retry_after
            )
        count.admitted += 1
        if faults.only_first and count.admitted > faults.only_first:
            return Faults()
        return faults

    async def run_session(self, socket: WebSocket, faults: Faults) -> None:
        """Run a session until it is over."""
        await run_session(socket, self._workers, self._settings.access, faults)

    def _count(self, faults: Faults) -> _Count:
        """Return the count for these settings. If there are too many, drop the least recently used."""
        count = self._counts.setdefault(faults, _Count())
        self._counts.move_to_end(faults)
        if len(self._counts) > _MAX_COUNTED:
            self._counts.popitem(last=False)
        return count

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._connections >= self._max_connections:
            await self._refuse_connection(reader, writer)
            return
        sock: socket.socket = writer.get_extra_info("socket")
        # asyncio only does this for sockets opened by name. Without it a message waits 40 ms for the
        # acknowledgement of the previous one.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A peer that has vanished is eventually noticed; one that merely reads slowly is never dropped.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._connections += 1
        try:
            await HttpConnection(reader, writer, self).run()
        finally:
            self._connections -= 1

    async def _refuse_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        log.info("refused a connection: %d are open", self._connections)
        writer.write(_TOO_MANY)
        # Closing with an unread request would reset the connection, and the peer might not see the response.
        if self._lingering < _MAX_LINGERING:
            self._lingering += 1
            with suppress(OSError):
                writer.write_eof()
                async with asyncio.timeout(1):
                    while await reader.read(2**16):
                        pass
            self._lingering -= 1
        writer.close()


_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n"
    b'connection: close\r\ncontent-length: 33\r\n\r\n{"detail":"Too many connections"}'
)


def _max_connections() -> int:
    """Return how many connections the limit on descriptors allows."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return _MAX_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = _MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - _SPARE_DESCRIPTORS
    return max(1, min(_MAX_CONNECTIONS, free))


def _report(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log in one line what asyncio could not do, such as accept a connection without a free descriptor."""
    log.info("%s: %s", context.get("message", "failed"), context.get("exception", ""))
