"""Listening: from a socket to an exchange for every connection."""

from __future__ import annotations

import asyncio
import socket

from .exchange import Exchange
from .rest import Answer, HttpRequest, not_found
from .session import Access, hold_session
from .settings import Settings
from .studio import Studio
from .websocket import WebSocket


class Service:
    """The service: every connection it is given, it serves."""

    def __init__(self, settings: Settings, studio: Studio) -> None:
        self._settings = settings
        self._studio = studio
        self._access = Access(settings.key)

    async def serve(self, listener: socket.socket) -> None:
        """Serve the connections that come to a listening socket, for ever."""
        server = await asyncio.start_server(self._serve_one, sock=listener)
        async with server:
            await server.serve_forever()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Exchange(reader, writer, self._respond, self._hold).run()

    async def _respond(self, _request: HttpRequest) -> Answer:
        return not_found()

    async def _hold(self, socket: WebSocket) -> None:
        await hold_session(socket, self._studio, self._access, self._settings.faults)
