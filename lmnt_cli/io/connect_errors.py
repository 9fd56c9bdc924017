"""What a failed attempt to connect is called: the library's and the system's errors, as ours.

The one place that translates them. A line says who failed: the service, or the proxy on the way to it.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from dataclasses import dataclass

from websockets.exceptions import (
    InvalidHandshake,
    InvalidProxyStatus,
    InvalidStatus,
    ProxyError,
)
from websockets.http11 import Response
from websockets.proxy import Proxy

from ..errors import CHECK_KEY, ConnectError, SayError, UsageError


@dataclass(frozen=True)
class _Way:
    """The host that was to be reached, and the proxy in between, if any."""

    host: str
    proxy: Proxy | None

    @property
    def through(self) -> str:
        return self.host if self.proxy is None else f"{self.host} through the proxy {self.middle}"

    @property
    def middle(self) -> str:
        assert self.proxy is not None, "asked for with a proxy only"
        return f"{self.proxy.host}:{self.proxy.port}"


def translate(error: Exception, host: str, proxy: Proxy | None) -> SayError:
    """What the user is told: ConnectError, or UsageError where something must be installed."""
    way = _Way(host, proxy)
    match error:
        case InvalidStatus():
            return _refused(error.response, way)
        case InvalidProxyStatus():
            return _refused_by_proxy(error.response, way)
        case ProxyError():
            reason = f"{error}: {error.__cause__}" if error.__cause__ else str(error)
            return ConnectError(f"could not connect to {way.through}: {reason}")
        case InvalidHandshake() | EOFError():
            return ConnectError(
                f"could not connect to {way.through}: it does not answer as a WebSocket should: {error}"
            )
        case ImportError():
            return UsageError("a SOCKS proxy needs one more package", hint="pip install 'lmnt-say[socks]'")
        case ssl.SSLCertVerificationError():
            reason = f"its certificate is not valid: {error.verify_message}"
            return ConnectError(f"could not connect to {way.host}: {reason}", transient=False)
        case ssl.SSLError():
            return ConnectError(f"could not connect to {way.through}: {_tls_words(error)}")
        case OSError():
            return _unreachable(error, way)
        case _:
            return ConnectError(f"could not connect to {way.through}: {error}", transient=False)


def _refused(response: Response, way: _Way) -> ConnectError:
    status = response.status_code
    return ConnectError(
        f"could not connect to {way.host}: the handshake was refused with status {_status_words(response)}",
        status=status,
        hint=CHECK_KEY if status in (401, 403) else None,
        transient=status == 429 or status >= 500,
        retry_after=_seconds(response.headers.get("Retry-After")),
    )


def _refused_by_proxy(response: Response, way: _Way) -> ConnectError:
    password = "name the user as in http://USER:PASSWORD@HOST:PORT"  # noqa: S105 - a hint
    reason = f"the proxy {way.middle} refused with status {_status_words(response)}"
    return ConnectError(
        f"could not connect to {way.host}: {reason}",
        hint=password if response.status_code == 407 else None,
        transient=response.status_code >= 500,
    )


def _status_words(response: Response) -> str:
    return f"{response.status_code} {response.reason_phrase}".strip()


def _unreachable(error: OSError, way: _Way) -> ConnectError:
    # With a proxy it is the proxy that the system could not reach.
    whom = way.host if way.proxy is None else f"the proxy {way.middle}"
    # "Try again" is the resolver's trouble and may pass; that there is no such name does not.
    known = not isinstance(error, socket.gaierror) or error.errno == socket.EAI_AGAIN
    return ConnectError(f"could not connect to {whom}: {_system_words(error)}", transient=known)


def _system_words(error: OSError) -> str:
    """The system's word for it: asyncio hides it behind addresses, or joins one for each address."""
    number = error.errno
    if number is None and (found := re.search(r"\[Errno (\d+)\]", str(error))):
        number = int(found[1])
    if number is None and isinstance(error, ConnectionResetError):
        number = errno.ECONNRESET  # asyncio raises it bare when the peer hangs up during TLS
    if number is None or isinstance(error, socket.gaierror):
        words = error.strerror or str(error) or "the connection failed"
    else:
        words = os.strerror(number)
    return words[:1].lower() + words[1:]


def _tls_words(error: ssl.SSLError) -> str:
    reason = (error.reason or "handshake failure").replace("_", " ").lower()
    return f"TLS failed: {reason}"


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
    except (ValueError, TypeError, OverflowError):
        return None
