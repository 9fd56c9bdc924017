"""The messages of the service in LMNT's speech sessions, API 1.2, decoded from JSON.

Source: LMNT docs, api/speech-sessions/create. Unknown fields and types are ignored, because the service's
versioning policy allows it to add them.
"""

from __future__ import annotations

import json
import math
from typing import Any

from ...errors import RemoteProtocolError
from ..value import value


# Far longer than any text message of the service. Parsed JSON can take twenty times its length in memory.
_LONGEST_TEXT = 1 << 20


@value
class Ready:
    """The session is established."""

    request_id: str | None


@value
class Audio:
    """The next bytes of audio. Message boundaries have no meaning."""

    data: bytes


@value
class Token:
    """A piece of the spoken text and when it is heard, in seconds."""

    text: str
    start: float
    duration: float


@value
class Timestamps:
    """When words are heard, counted from the last flush or reset."""

    tokens: tuple[Token, ...]


@value
class FlushComplete:
    """All audio for the flush with this nonce has been sent."""

    nonce: int


@value
class ResetComplete:
    """The reset with this nonce has been carried out."""

    nonce: int


@value
class ErrorMessage:
    """The service reports an error and ends the session.

    `type` is "" for the plain strings of older API versions.
    """

    type: str
    message: str
    request_id: str | None = None


@value
class Legacy:
    """A message that only versions before API 1.1 send; `kind` is the key that identifies it."""

    kind: str


@value
class Unknown:
    """A message of an unknown type, to be ignored."""

    kind: str


@value
class Closed:
    """The connection is closed. `code` is the service's close code, 1006 for none (RFC 6455, 7.1.5)."""

    code: int
    reason: str = ""


@value
class Broken:
    """The connection delivered something that is not a message: `detail` is the violation of RFC 6455."""

    detail: str


# What a connection delivers: a message as received, or the reason why there is none.
Incoming = str | bytes | Closed | Broken

Event = Ready | Audio | Timestamps | FlushComplete | ResetComplete | ErrorMessage | Legacy | Unknown | Closed


def decode(message: Incoming) -> Event:
    """Return the meaning of what the connection delivered. Raises RemoteProtocolError if it is malformed."""
    if isinstance(message, Closed):
        return message
    if isinstance(message, Broken):
        raise RemoteProtocolError(f"the service broke the WebSocket protocol: {message.detail}")
    if isinstance(message, bytes):
        return Audio(message)
    if len(message) > _LONGEST_TEXT:
        raise RemoteProtocolError(f"the service sent a text message of {len(message)} characters")
    try:
        body = json.loads(message, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise RemoteProtocolError(f"the service sent text that is not JSON: {_start(message)}") from error
    if not isinstance(body, dict):
        raise RemoteProtocolError(f"the service sent JSON that is not a message: {_start(message)}")
    try:
        return _event(body)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise RemoteProtocolError(f"the service sent a malformed message: {_start(message)}") from error


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")  # RFC 8259, 6: no NaN and no Infinity


def _event(body: dict[str, Any]) -> Event:  # Any: JSON, checked field by field below
    match body.get("type"):
        case "ready":
            return Ready(_request_id(body))
        case "timestamps":
            # The array is optional in the service's schema.
            return Timestamps(tuple(_token(entry) for entry in body.get("timestamps") or ()))
        case "flush_complete":
            return FlushComplete(_nonce(body))
        case "reset_complete":
            return ResetComplete(_nonce(body))
        case None if body.get("error") is None:
            for kind in ("durations", "buffer_empty", "complete"):
                if kind in body:
                    return Legacy(kind)
            return Unknown("")
        case "error" | None:
            return _error(body)
        case kind:
            return Unknown(str(kind))


def _error(body: dict[str, Any]) -> ErrorMessage:
    error = body.get("error")
    if isinstance(error, dict):
        kind, message = error.get("type"), error.get("message")
        return ErrorMessage(
            kind if isinstance(kind, str) else "", str(message or kind or ""), _request_id(body)
        )
    return ErrorMessage("", str(error or ""), _request_id(body))


def _token(entry: dict[str, Any]) -> Token:
    if not isinstance(entry["text"], str):
        raise TypeError("text")
    start, duration = float(entry["start"]), float(entry["duration"])
    if not (math.isfinite(start) and math.isfinite(duration)):
        raise ValueError("infinite time")  # 1e999 is JSON, and infinite
    return Token(entry["text"], start, duration)


def _nonce(body: dict[str, Any]) -> int:
    nonce = body["nonce"]
    if not isinstance(nonce, int) or isinstance(nonce, bool):
        raise TypeError("nonce")
    return nonce


def _request_id(body: dict[str, Any]) -> str | None:
    request_id = body.get("request_id")
    return request_id if isinstance(request_id, str) and request_id else None


def _start(message: str) -> str:
    return repr(message if len(message) <= 60 else message[:57] + "...")
