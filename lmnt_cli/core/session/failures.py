"""The errors with which a session fails."""

from __future__ import annotations

import re
from copy import copy

from ...errors import (
    CHECK_KEY,
    ConnectError,
    ConnectionLost,
    ExitCode,
    RemoteProtocolError,
    RetriableError,
    SayError,
    ServiceError,
)
from .ledger import Ledger
from .messages import Closed, ErrorMessage
from .protocol import SpeechProtocol


def lost(
    service: str, how: str, protocol: SpeechProtocol, ledger: Ledger, *, began: bool = False
) -> RetriableError:
    """Return the error for a lost connection: ConnectError if no session was ever ready, else ConnectionLost.

    `began` is whether a session was ready before this one.
    """
    if not (protocol.ready or began):
        return ConnectError(f"could not start a session with {service}: {how}")
    confirmed = ledger.confirmed_bytes
    total = confirmed + ledger.unconfirmed_bytes + ledger.unsent_bytes
    first = quote(ledger.owed_text(60))
    return ConnectionLost(
        f"lost the connection to {service} ({how}): {confirmed} of {total} bytes of text confirmed"
        + (f"; the rest starts at {first}" if first else ""),
        request_id=protocol.request_id,
        why=how,
    )


def given_up(error: RetriableError, service: str, protocol: SpeechProtocol, ledger: Ledger) -> SayError:
    """Return the final error of a run in which a session was once ready.

    An error message and a refused handshake keep their own error; anything else is a lost connection.
    """
    if error.code is not ExitCode.CONNECT:
        return error
    return lost(service, f"no new session: {error.message}", protocol, ledger, began=True)


def after_attempts(error: RetriableError, count: int) -> RetriableError:
    """Return the final error of a run that never had a session, with the number of attempts."""
    if count < 2 or not isinstance(error, ConnectError):
        return error
    final = copy(error)
    final.message = f"{error.message} ({count} attempts)"
    return final


def never_ready(service: str, limit: float) -> ConnectError:
    """Return the error for a service that accepts the connection but never becomes ready."""
    return ConnectError(
        f"could not start a session with {service}: it accepted the connection but was not ready"
        f" within {limit:g} s"
    )


def refused(service: str, event: ErrorMessage, request_id: str | None) -> ServiceError:
    """Return the error that the service reported.

    `request_id` is the session's, used if the message has none.
    """
    kind = event.type
    if not kind and re.search(r"api.?key|unauthorized|forbidden", event.message, re.IGNORECASE):
        # Versions before API 1.1 send plain strings: "Invalid API key".
        kind = "authentication_error"
    words = event.message or "no reason given"
    error = ServiceError(
        kind,
        f"{service} refused: {words}" + (f" ({kind})" if kind else ""),
        request_id=event.request_id or request_id,
    )
    if error.code is ExitCode.AUTHENTICATION:
        error.hint = CHECK_KEY
    return error


def silent(text: str, request_id: str | None) -> RemoteProtocolError:
    """Return the error for words that the service confirmed without sending audio."""
    return RemoteProtocolError(
        f"the service confirmed text but sent no audio for it: {quote(text)}", request_id=request_id
    )


def close_words(event: Closed) -> str:
    """Return how the connection closed. RFC 6455, 7.1.5: 1006 means that there was no close code."""
    if event.code == 1006:
        return "no close code"
    return f"close code {event.code}" + (f": {event.reason}" if event.reason else "")


def quote(text: str) -> str:
    """Return the first words of a text in quotation marks; "" if it has none."""
    words = " ".join(text.split())
    return f"“{words[:40]}{'…' if len(words) > 40 else ''}”" if words else ""
