"""One WebSocket to the service: the only module that names `websockets`, and translates its errors.

Every knob is set here, because the library's defaults would cost a session: 16 messages and 20 s of ping for
a reader that pauses, 10 s to give up on closing, 1 MiB a message.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidProxyMessage,
    InvalidProxyStatus,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

from ..core.messages import Closed
from ..errors import ConnectError, RemoteProtocolError, UsageError


# No message of the service is near this; one that is, is refused rather than kept in memory.
_LARGEST_MESSAGE = 16 << 20


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


async def open_connection(url: str, *, proxy: str | Literal[True] | None, timeout: float) -> Connection:
    """Connect, from DNS to the WebSocket handshake, within `timeout` seconds. Raises ConnectError."""
    host = urlsplit(url).hostname or url
    try:
        with anyio.fail_after(timeout):
            return Connection(
                await _Direct(
                    url,
                    proxy=proxy,
                    compression=None,  # audio does not shrink
                    open_timeout=None,  # ours covers it
                    ping_interval=None,  # ours are sent and judged by speak
                    close_timeout=0.5,
                    max_size=_LARGEST_MESSAGE,
                    max_queue=16,
                )
            )
    except TimeoutError as error:
        raise ConnectError(f"could not connect to {host}: no answer within {timeout:g} s") from error
    except (OSError, InvalidHandshake, InvalidURI, EOFError, ValueError, ImportError) as error:
        raise _translate(error, host) from error


class _Direct(connect):
    """`connect` without redirects: the key goes to the host that was named, and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _translate(error: Exception, host: str) -> Exception:
    for kinds, translate in _TRANSLATIONS:
        if isinstance(error, kinds):
            return translate(error, host)
    return error


def _refused(error: Exception, host: str) -> Exception:
    assert isinstance(error, InvalidStatus)
    response = error.response
    words = f"{response.status_code} {response.reason_phrase}".strip()
    hint = "check the key in LMNT_API_KEY or --api-key-file" if response.status_code in (401, 403) else None
    return ConnectError(
        f"could not connect to {host}: the handshake was refused with status {words}",
        status=response.status_code,
        hint=hint,
        transient=response.status_code == 429 or response.status_code >= 500,
        retry_after=_seconds(response.headers.get("Retry-After")),
    )


def _seconds(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3); a date is turned into seconds from now."""
    if retry_after is None:
        return None
    try:
        return float(retry_after)
    except ValueError:
        pass
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        return (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None


def _name_unknown(error: Exception, host: str) -> Exception:
    assert isinstance(error, socket.gaierror)
    # "Try again" is the resolver's trouble and may pass; that there is no such name does not.
    transient = error.errno == socket.EAI_AGAIN
    return ConnectError(f"could not connect to {host}: {_reason(error)}", transient=transient)


def _certificate(error: Exception, host: str) -> Exception:
    assert isinstance(error, ssl.SSLCertVerificationError)
    return ConnectError(
        f"could not connect to {host}: its certificate is not valid: {error.verify_message}", transient=False
    )


def _no_socks(error: Exception, host: str) -> Exception:  # noqa: ARG001 - one shape for the table
    return UsageError("a SOCKS proxy needs one more package", hint="pip install 'lmnt-say[socks]'")


def _proxy_failed(error: Exception, host: str) -> Exception:
    return ConnectError(f"could not connect to {host} through the proxy: {error}")


def _nonsense(error: Exception, host: str) -> Exception:
    return ConnectError(f"could not connect to {host}: it does not answer as a WebSocket should: {error}")


def _unreachable(error: Exception, host: str) -> Exception:
    return ConnectError(f"could not connect to {host}: {_reason(error)}")


def _bad_address(error: Exception, host: str) -> Exception:
    return ConnectError(f"could not connect to {host}: {error}", transient=False)


# Order matters: the first kind that fits.
_TRANSLATIONS: tuple[tuple[tuple[type[Exception], ...], Callable[[Exception, str], Exception]], ...] = (
    ((InvalidStatus,), _refused),
    ((InvalidProxy, InvalidProxyMessage, InvalidProxyStatus, ProxyError), _proxy_failed),
    ((InvalidMessage, InvalidHandshake, EOFError), _nonsense),
    ((socket.gaierror,), _name_unknown),
    ((ssl.SSLCertVerificationError,), _certificate),
    ((OSError,), _unreachable),
    ((ImportError,), _no_socks),
    ((ValueError, InvalidURI), _bad_address),
)


def _reason(error: Exception) -> str:
    """The system's word for it: asyncio hides it behind addresses, or joins one for each address."""
    number = getattr(error, "errno", None)
    if number is None and (found := re.search(r"\[Errno (-?\d+)\]", str(error))):
        number = int(found[1])
    if isinstance(number, int) and number > 0 and not isinstance(error, socket.gaierror | ssl.SSLError):
        words = os.strerror(number)
    else:
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return words[:1].lower() + words[1:]
