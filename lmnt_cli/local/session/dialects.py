"""The generations of the protocol, and how each encodes the same requests and answers.

The first message of a session selects the generation; the URL is the same for all. A dialect decodes a
client's messages and encodes ours. An answer that a generation lacks is None.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..fields import read_init
from ..requests import ErrorType, Finish, Flush, Init, Refused, Request, Reset, Text


if TYPE_CHECKING:
    from ..speech_stream import TimedToken


class Dialect(ABC):
    """One generation of the protocol."""

    name: str
    # 1.2 counts the start of a token from the last flush or reset; earlier versions from its chunk.
    cumulative = False
    # Generation 1 sends the times of a chunk before its audio; its clients rely on the pairs.
    times_first = False

    @abstractmethod
    def decode_requests(self, message: dict[str, Any]) -> list[Request]:
        """Decode a message after the first. Raises `Refused`."""

    def ready(self, _request_id: str, /) -> str | None:
        """Encode the message that starts a session."""
        return None

    @abstractmethod
    def timestamps(self, tokens: Sequence[TimedToken], all_said: bool, /) -> str:
        """Encode the times of a chunk. `all_said` is whether all text received so far has been spoken."""

    def flush_complete(self, _nonce: int | None, /) -> str | None:
        """Encode that the audio of this flush has been sent."""
        return None

    def reset_complete(self, _nonce: int, /) -> str | None:
        """Encode that the text before this reset has been dropped."""
        return None

    @abstractmethod
    def error(self, refused: Refused, request_id: str, /) -> str:
        """Encode why the connection is about to close."""


class TypedDialect(Dialect):
    """API 1.1 and 1.2: messages with a `type`."""

    def __init__(self, version: str, cumulative: bool) -> None:
        self.name = version
        self.cumulative = cumulative

    def decode_requests(self, message: dict[str, Any]) -> list[Request]:
        match message.get("type"):
            case "text":
                return [Text(_string(message, "text"))]
            case "flush":
                return [Flush(_nonce(message))]
            case "reset":
                return [Reset(_nonce(message))]
            case "finish":
                return [Finish()]
            case kind:
                raise Refused(
                    ErrorType.INVALID_REQUEST,
                    f"type: Input should be 'text', 'flush', 'reset' or 'finish', not {json.dumps(kind)}",
                )

    def ready(self, request_id: str, /) -> str | None:
        return json.dumps({"type": "ready", "request_id": request_id})

    def timestamps(self, tokens: Sequence[TimedToken], _all_said: bool, /) -> str:
        return json.dumps({"type": "timestamps", "timestamps": [asdict(token) for token in tokens]})

    def flush_complete(self, nonce: int | None, /) -> str | None:
        return json.dumps({"type": "flush_complete", "nonce": nonce})

    def reset_complete(self, nonce: int, /) -> str | None:
        return json.dumps({"type": "reset_complete", "nonce": nonce})

    def error(self, refused: Refused, request_id: str, /) -> str:
        error = {"type": refused.type, "message": refused.message}
        return json.dumps({"type": "error", "error": error, "request_id": request_id})


class UntypedDialect(Dialect):
    """The common part of generations 1 and 2: `durations` for times, and errors that are strings."""

    def timestamps(self, tokens: Sequence[TimedToken], all_said: bool, /) -> str:
        extras: dict[str, Any] = {"durations": [asdict(token) for token in tokens]}
        if all_said:
            extras["buffer_empty"] = True
        return json.dumps(extras)

    def error(self, refused: Refused, _request_id: str, /) -> str:
        return json.dumps({"error": refused.message})


class Generation1(UntypedDialect):
    """Generation 1: `text`, `flush`, `eof`; no acknowledgements. A message may contain several."""

    name = "1"
    times_first = True

    def decode_requests(self, message: dict[str, Any]) -> list[Request]:
        found: list[Request] = []
        if "text" in message:
            found.append(Text(_string(message, "text")))
        if _is_set(message, "flush"):
            found.append(Flush())
        if _is_set(message, "eof"):
            found.append(Finish())
        if not found and not {"flush", "eof"} & message.keys():
            raise Refused(ErrorType.INVALID_REQUEST, "text: Field required")
        return found


class Generation2(UntypedDialect):
    """Generation 2 (`protocol_version: 2`): commands with nonces, answered by `complete`."""

    name = "2"

    def decode_requests(self, message: dict[str, Any]) -> list[Request]:
        if "command" not in message:
            return [Text(_string(message, "text"))]
        match message["command"]:
            case "flush":
                return [Flush(_nonce(message))]
            case "reset":
                return [Reset(_nonce(message))]
            case "eof":
                return [Finish()]
        raise Refused(ErrorType.INVALID_REQUEST, "command: Input should be 'flush', 'reset' or 'eof'")

    def flush_complete(self, nonce: int | None, /) -> str | None:
        return json.dumps({"complete": "flush", "nonce": nonce})

    def reset_complete(self, nonce: int, /) -> str | None:
        return json.dumps({"complete": "reset", "nonce": nonce})


def decode(message: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a client's message. Raises `Refused`."""
    if isinstance(message, bytes):
        raise Refused(ErrorType.INVALID_REQUEST, "Messages are JSON in text frames, not binary frames")
    try:
        decoded = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise Refused(ErrorType.INVALID_REQUEST, f"Invalid JSON: {error}") from None
    if not isinstance(decoded, dict):
        raise Refused(ErrorType.INVALID_REQUEST, "Input should be a JSON object")
    return decoded


def choose_dialect(first: dict[str, Any]) -> Dialect:
    """Return the dialect for a session's first message."""
    version = first.get("lmnt-version")
    if isinstance(version, str) and not re.match(r"1\.0\b|\d{4}-", version):
        # An unknown version gets the newest, as over HTTP.
        return TypedDialect(version, cumulative=version != "1.1")
    if str(first.get("protocol_version")) == "2":
        return Generation2()
    return Generation1()


def open_session(message: str | bytes) -> tuple[Dialect, Init | Refused]:
    """Decode a first message: the dialect to answer in, and the settings or their refusal."""
    try:
        first = decode(message)
    except Refused as refused:
        return TypedDialect("1.2", cumulative=True), refused
    dialect = choose_dialect(first)
    try:
        return dialect, read_init(first, coerce=not isinstance(dialect, TypedDialect))
    except Refused as refused:
        return dialect, refused


def _string(message: dict[str, Any], field: str) -> str:
    value = message.get(field)
    if not isinstance(value, str):
        problem = "Input should be a valid string" if field in message else "Field required"
        raise Refused(ErrorType.INVALID_REQUEST, f"{field}: {problem}")
    return value


def _nonce(message: dict[str, Any]) -> int:
    value = message.get("nonce")
    if not isinstance(value, int) or isinstance(value, bool):
        problem = "Input should be a valid integer" if "nonce" in message else "Field required"
        raise Refused(ErrorType.INVALID_REQUEST, f"nonce: {problem}")
    return value


def _is_set(message: dict[str, Any], field: str) -> bool:
    # Clients of this generation also sent booleans as strings.
    return str(message.get(field, False)).lower() == "true"
