"""A WebSocket connection on the event loop: an open socket that sends and receives messages."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections import deque
from collections.abc import Iterable

import anyio
import anyio.lowlevel

from ..core.session.messages import Broken, Closed, Incoming
from .background import Background
from .connect_errors import translate
from .opening import Opened, start_opening
from .route import Route
from .websocket import Message, Pong, WebSocket


# Bytes per read. Larger reads are slower: they no longer fit in the nearest cache of a processor.
_RECEIVE = 1 << 16
# Bytes the service may leave unread before it counts as gone.
_MOST_UNREAD = 4 << 20
# Other tasks run at least about this often, in seconds, however much arrives.
_TURN = 0.01
_SMALLEST_SLICE = 1 << 10


class Connection:
    """An open connection, as returned by `open_connection` and `connected`."""

    def __init__(self, opened: Opened) -> None:
        self._socket = opened.wire.socket
        self._socket.setblocking(False)
        self._layers = opened.wire.layers
        self._websocket = WebSocket()
        self._greeting = deque(opened.greeting)
        self._unparsed = opened.early
        self._slice = _RECEIVE
        self._turn_began = time.monotonic()
        self._messages: deque[str | bytes] = deque()
        self._end: Closed | Broken | None = None
        self._outgoing = bytearray()
        self._lost = False
        self._is_empty = False  # whether the last read took everything, so that the next has to wait
        self._draining: asyncio.Task[None] | None = None
        self._pings: dict[bytes, anyio.Event] = {}

    @property
    def accepts(self) -> bool:
        """Whether everything sent so far has left, so that more can be sent."""
        return self._draining is None

    def send(self, text: str) -> None:
        """Send a text message; what the service does not accept now is sent as soon as it does.

        On a closed connection the message is discarded without an error: messages received before the close
        may give its reason, so `receive` reports it. The first messages are not sent again if they were sent
        as the greeting. If they differ from it, the connection is closed: the service has the wrong text.
        """
        if self._greeting:
            if text != self._greeting.popleft():
                self._greeting.clear()
                self._lose()
            return
        self._websocket.send_text(text)
        self._write()

    async def drain(self) -> None:
        """Wait until everything sent so far has left, or the connection is closed."""
        if self._draining is not None:
            await asyncio.wait([self._draining])

    async def receive(self) -> Incoming:
        """Return the next message; binary messages received together are joined.

        The last is Closed, or Broken if the peer violated RFC 6455; every further call returns it again.
        """
        while not self._messages:
            if self._end is not None:
                return self._end
            await self._give_turn()
            data = self._unparsed or await self._read()
            self._unparsed = data[self._slice :]
            self._take(self._websocket.receive(data[: self._slice]))
            self._write()
        return self._messages.popleft()

    async def ping(self) -> None:
        """Send a ping and wait for its pong. `receive` must be running; without a pong this never returns."""
        payload = os.urandom(4)
        answered = self._pings[payload] = anyio.Event()
        self._websocket.send_ping(payload)
        self._write()
        await answered.wait()

    def abort(self) -> None:
        """Drop the connection at once, without a close frame."""
        self._outgoing.clear()
        self._lost = True
        if self._draining is not None:
            self._draining.cancel()
        self._socket.close()

    async def _read(self) -> bytes:
        """Return the next bytes received; b"" at the end of the stream."""
        while True:
            if self._is_empty:
                await anyio.wait_readable(self._socket)
                self._turn_began = time.monotonic()
            try:
                data = self._socket.recv(_RECEIVE)
                self._is_empty = len(data) < _RECEIVE
            except (BlockingIOError, InterruptedError):
                self._is_empty = True
                continue
            except OSError:
                return b""  # a reset ends the stream like a cut line
            if self._layers is None:
                return data
            try:
                said = self._layers.decrypt(data)
            except ssl.SSLError:
                return b""
            self._write()
            if said or self._layers.ended:
                return said
            await self._give_turn()

    async def _give_turn(self) -> None:
        """Let other tasks run if it is time, and adapt how many bytes are parsed between two turns.

        A block of tiny frames takes a hundred times as long as a block of audio. The time our caller spends
        on the messages counts as well.
        """
        spent = time.monotonic() - self._turn_began
        if spent > _TURN:
            self._slice = max(self._slice // 2, _SMALLEST_SLICE)
            await anyio.lowlevel.checkpoint()
            self._turn_began = time.monotonic()
        elif spent < _TURN / 4:
            self._slice = min(self._slice * 2, _RECEIVE)

    def _take(self, messages: Iterable[Message]) -> None:
        for message in messages:
            match message:
                case Pong(data):
                    if answered := self._pings.pop(data, None):
                        answered.set()
                case Closed() | Broken():
                    self._end = message
                case _:
                    self._messages.append(message)

    def _write(self) -> None:
        """Send what the WebSocket and TLS produced; a task sends what the socket does not accept now."""
        data = self._websocket.take_outgoing()
        if self._layers is not None:
            data = (self._layers.encrypt(data) if data else b"") + self._layers.take_replies()
        if not data or self._lost:
            return
        self._outgoing += data
        if self._draining is None:
            self._flush()
            if self._outgoing:
                self._draining = asyncio.create_task(self._drain())
        if len(self._outgoing) > _MOST_UNREAD:
            # Text waits until the service reads it, so these are pongs that it never reads.
            self._lose()

    async def _drain(self) -> None:
        """Send the buffered bytes as the socket accepts them."""
        try:
            while self._outgoing:
                await anyio.wait_writable(self._socket)
                self._flush()
        except (OSError, anyio.ClosedResourceError):
            self._lose()
        finally:
            self._draining = None

    def _flush(self) -> None:
        """Send as much as the socket accepts now."""
        try:
            del self._outgoing[: self._socket.send(self._outgoing)]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._lose()

    def _lose(self) -> None:
        """Stop sending. Messages that have already been received can still be read."""
        self._lost = True
        self._outgoing.clear()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # already disconnected


async def open_connection(route: Route, *, timeout: float) -> Connection:
    """Connect, from DNS to the WebSocket handshake, within `timeout` seconds.

    Raises ConnectError, or UsageError if an option has to change.
    """
    return await connected(start_opening(route, timeout), route, timeout=timeout)


async def connected(opening: Background[Opened], route: Route, *, timeout: float) -> Connection:
    """Wait at most `timeout` seconds for a connection being opened. Raises as `open_connection` does."""
    try:
        with anyio.fail_after(timeout):
            return Connection(await opening.result())
    except TimeoutError as error:
        # The deadline of the dialing thread does not cover the resolver.
        raise translate(error, route, at_proxy=False, limit=timeout) from error
