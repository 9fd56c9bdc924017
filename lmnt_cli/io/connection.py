"""One WebSocket to the service, with every knob set here.

The library's defaults would cost a session: 16 messages and 20 s of ping for a reader that pauses, 10 s to
give up on closing, 1 MiB a message. What a failed attempt is called is in `connect_errors`.
"""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidURI
from websockets.proxy import Proxy, parse_proxy

from ..core.session.messages import Closed
from ..errors import ConnectError, RemoteProtocolError, UsageError
from .connect_errors import translate


# No message of the service is near this; one that is, is refused rather than kept in memory.
_LARGEST_MESSAGE = 16 << 20
# Bytes the service may leave unread before it counts as gone.
_MOST_UNREAD = 4 << 20
# For giving up only, in seconds: in a normal end the service closes first, and is waited for.
_CLOSE_TIMEOUT = 0.5

# The library logs what it raises, and what breaks while it gives up; words for people are ours to find.
_SILENT = logging.getLogger("lmnt_cli.websockets")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Connection:
    """An open connection. Made by `open_connection`."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket

    async def send(self, text: str) -> None:
        """Send a text message; waits while the service takes none. A closed connection swallows it.

        What came before the close is still to be read, and says why: so `receive` tells, not this.
        """
        try:
            await self._websocket.send(text)
        except ConnectionClosed:
            pass

    async def receive(self) -> str | bytes | Closed:
        """The next message, or Closed. Raises RemoteProtocolError if the peer broke RFC 6455."""
        try:
            return await self._websocket.recv()
        except ConnectionClosed as error:
            if error.rcvd is None and error.sent is not None and error.sent.code in (1002, 1007, 1009):
                raise RemoteProtocolError(
                    f"the service broke the WebSocket protocol: {error.sent}"
                ) from error
            if error.rcvd is None:
                return Closed(1006)
            return Closed(error.rcvd.code, error.rcvd.reason)

    async def ping(self) -> None:
        """Send a ping and wait for its answer; never returns if there is none."""
        try:
            await (await self._websocket.ping())
        except ConnectionClosed:
            await anyio.sleep_forever()

    def abort(self) -> None:
        """Drop the connection now, saying nothing."""
        self._websocket.transport.abort()


async def open_connection(url: str, *, proxy: str | None, timeout: float) -> Connection:
    """Connect, from DNS to the WebSocket handshake, within `timeout` seconds.

    `proxy` is the URL of the one to go through, None for none: the library asks no variables. Raises
    ConnectError, and UsageError for a proxy that cannot be.
    """
    host = urlsplit(url).hostname or url
    middle = None if proxy is None else _parse(proxy)
    through = "" if middle is None else f" through the proxy {middle.host}:{middle.port}"
    try:
        with anyio.fail_after(timeout):
            return Connection(
                await _Direct(
                    url,
                    proxy=proxy,
                    compression=None,  # audio does not shrink
                    open_timeout=None,  # ours covers it
                    ping_interval=None,  # ours are sent and judged by speak
                    close_timeout=_CLOSE_TIMEOUT,
                    max_size=_LARGEST_MESSAGE,
                    max_queue=16,
                    logger=_SILENT,
                    create_connection=_Prompt,
                )
            )
    except TimeoutError as error:
        raise ConnectError(f"could not connect to {host}{through}: no answer within {timeout:g} s") from error
    except (OSError, InvalidHandshake, InvalidURI, EOFError, ValueError, ImportError) as error:
        raise translate(error, host, middle) from error


class _Prompt(ClientConnection):
    """A connection that ends soon after it should, whatever the peer does.

    The library ends a read only when the peer closes TCP, even after the last word was said or broken.
    """

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.close_expected():
            self.loop.call_later(_CLOSE_TIMEOUT, self.transport.abort)
        if self.transport.get_write_buffer_size() > _MOST_UNREAD:
            # Text waits for the service to take it, so these are answers to pings it never reads.
            self.transport.abort()


class _Direct(connect):
    """`connect` without redirects: the key goes to the host that was named, and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _parse(proxy: str) -> Proxy:
    try:
        return parse_proxy(proxy)
    except (InvalidProxy, ValueError) as error:
        # Never with the URL, which may hold a password.
        raise UsageError(
            "the proxy is not a URL that can be used",
            hint="look at --proxy and the variables https_proxy, wss_proxy, all_proxy",
        ) from error
