"""Translate failed attempts to reach the service: errors of the system, of TLS and of HTTP become ours.

This is done only here, for sessions and listings. A message names what failed: the service or the proxy.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import sys
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import CHECK_KEY, ConnectError, SayError, UsageError
from .route import Route


# The hint if nothing answers.
_OFFLINE = "--local speaks without a network"
# The hint for an answer that cannot be from the service.
NOT_THE_SERVICE = "this may be a login page of the network, or another service: check --base-url"
# How much of a page or JSON body is examined, in bytes.
_LONGEST_BODY = 1 << 20


class NotLoopback(Exception):
    """A host that should be this machine has no loopback address."""


class ProxyRefused(Exception):
    """An HTTP proxy refused to connect. `words` are its status and reason."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


class Answer(NamedTuple):
    """An HTTP response. Header names are in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


class AnswerRefused(Exception):
    """The service answered a handshake with a status other than 101."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def translate(error: Exception, route: Route, *, at_proxy: bool, limit: float) -> SayError:
    """Return the error to report: ConnectError, or UsageError if an option has to change.

    `at_proxy` states that the proxy failed; `limit` is the time limit of the attempt in seconds.
    """
    through = route.name if route.proxy is None else f"{route.name} through {route.proxy.name}"
    whom = route.proxy.name if at_proxy and route.proxy is not None else route.name
    match error:
        case SayError():
            return error
        case NotLoopback(args=(host,)):
            return UsageError(
                f"{host} is not on this machine, so the key would be sent unencrypted",
                hint="use https, or allow it with --insecure-http",
            )
        case ProxyRefused():
            return _refused_by_proxy(error, route, whom)
        case AnswerRefused():
            return refused(f"could not connect to {route.name}", error.answer)
        case TimeoutError() if error.errno is None:
            return _no_answer(f"could not connect to {through}: no answer within {limit:g} s", route)
        case _ if _is_of_tls(error):
            return _tls_failed(error, whom, through)
        case socket.gaierror():
            # EAI_AGAIN is a temporary failure of the resolver; an unknown name is permanent.
            message = f"could not connect to {whom}: {_of_the_system(error)}"
            return _no_answer(message, route, transient=error.errno == socket.EAI_AGAIN)
        case OSError():
            return _no_answer(f"could not connect to {whom}: {_of_the_system(error)}", route)
        case _ if at_proxy:
            return ConnectError(f"could not connect to {through}: the proxy failed: {words(error)}")
        case _:
            reason = f"the WebSocket handshake failed: {words(error)}"
            return ConnectError(f"could not connect to {through}: {reason}")


def refused(task: str, answer: Answer) -> ConnectError:
    """Return the error for a refusal, or for an answer that is not from the service.

    `task` states what could not be done. A message in the body is included after the status.
    """
    words = f"status {answer.status} {answer.reason}".strip()
    body = _json_object(answer.body)
    said = body.get("error")
    said = said.get("message") if isinstance(said, dict) else said
    request_id = body.get("request_id") or answer.headers.get("request-id")
    if isinstance(said, str) and said:
        words += f": {said}"
    page = is_page(answer)
    hint = CHECK_KEY if answer.status in (401, 403) and not page else None
    if location := answer.headers.get("location"):
        words += f", redirecting to {location}"
    if answer.status < 400:
        hint = NOT_THE_SERVICE
    elif page and answer.status == 403:
        hint = "the answer is a web page, as sent by firewalls, and not from the service"
    error = ConnectError(
        f"{task}: {words}",
        status=answer.status,
        hint=hint,
        transient=answer.status in (408, 425, 429) or answer.status >= 500,
        retry_after=_seconds(answer.headers.get("retry-after")),
        by_page=page,
    )
    error.request_id = request_id if isinstance(request_id, str) else None
    return error


def is_page(answer: Answer) -> bool:
    """Return whether an answer is an HTML page, which the service never sends."""
    return b"<html" in answer.body[:_LONGEST_BODY].lower() or b"<!doctype" in answer.body[:200].lower()


def _refused_by_proxy(error: ProxyRefused, route: Route, whom: str) -> ConnectError:
    password = "name the user as in http://USER:PASSWORD@HOST:PORT"  # noqa: S105 - a hint
    return ConnectError(
        f"could not connect to {route.name}: {whom} refused with status {error.words}",
        hint=password if error.status == 407 else None,
        transient=error.status >= 500,
    )


def _no_answer(message: str, route: Route, *, transient: bool = True) -> ConnectError:
    return ConnectError(message, transient=transient, hint=None if route.local else _OFFLINE)


def _certificates() -> str | None:
    """Return a hint if the trusted certificates cannot be read, which OpenSSL ignores."""
    import ssl

    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        path = os.environ.get(name)
        if path and not os.access(path, os.R_OK):
            return f"{name} is {path}, which cannot be read"
        if path and name == "SSL_CERT_FILE":
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
            except OSError:  # SSLError is one
                return f"{name} is {path}, which contains no certificates"
    return None


def _of_the_system(error: OSError) -> str:
    """Return the description of an error given by the system."""
    number = error.errno
    if number is None and isinstance(error, ConnectionResetError):
        number = errno.ECONNRESET
    if number is None or isinstance(error, socket.gaierror):
        words = error.strerror or str(error) or "the connection failed"
    else:
        words = os.strerror(number)
    return words[:1].lower() + words[1:]


def _is_of_tls(error: Exception) -> bool:
    # Without TLS the ssl module has not been imported, so it cannot have raised the error.
    if "ssl" not in sys.modules:
        return False
    # Another thread may be importing it right now; this import waits until that is complete.
    import ssl

    return isinstance(error, ssl.SSLError)


def _tls_failed(error: Exception, whom: str, through: str) -> ConnectError:
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"its certificate is not valid: {error.verify_message}"
        return ConnectError(f"could not connect to {whom}: {reason}", transient=False, hint=_certificates())
    assert isinstance(error, ssl.SSLError)
    reason = (error.reason or "handshake failure").replace("_", " ").lower()
    if isinstance(error, ssl.SSLEOFError):
        reason = "the connection was closed"
    return ConnectError(f"could not connect to {through}: TLS failed: {reason}")


def words(error: Exception) -> str:
    """Return the description of an error, to be appended to a message."""
    if isinstance(error, OSError):
        return _of_the_system(error)
    said = str(error) or type(error).__name__
    return said[:1].lower() + said[1:]


def _json_object(body: bytes) -> dict[str, object]:
    try:
        content = json.loads(body[:_LONGEST_BODY])
    except (ValueError, RecursionError):
        return {}  # the status is enough
    return content if isinstance(content, dict) else {}


def _seconds(retry_after: str | None) -> float | None:
    """Return the delay in a Retry-After header (RFC 9110, 10.2.3), in seconds from now."""
    if retry_after is None:
        return None
    if re.fullmatch(r"\s*-?[0-9.]+\s*", retry_after):
        try:
            return float(retry_after)
        except ValueError:
            return None
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        return (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
