"""HTTP requests and responses, as passed between the connection and the routes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ..requests import ErrorType, Refused


# More fields than any request has; a form with more is rejected.
_MAX_FIELDS = 100


@dataclass(frozen=True)
class HttpRequest:
    """A request with its whole body. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class HttpResponse:
    """A response. The body is either complete or generated while it is sent."""

    status: int
    body: bytes | AsyncIterator[bytes]
    headers: tuple[tuple[str, str], ...] = ()


def json_response(status: int, content: Any, *headers: tuple[str, str]) -> HttpResponse:
    """Return a response with a JSON body."""
    # A request may contain a lone surrogate, which we might quote and which cannot be encoded.
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    return HttpResponse(status, body, (("content-type", "application/json"), *headers))


def read_body(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a JSON or form body; those of a form are strings. Raises `Refused`."""
    kind = request.headers.get("content-type", "")
    try:
        if kind.startswith("application/x-www-form-urlencoded"):
            text = request.body.decode("utf-8", "replace")
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS))
        if kind.startswith("multipart/form-data"):
            return _read_parts(kind, request.body)
        fields = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Refused(ErrorType.INVALID_REQUEST, f"Invalid body: {error}") from None
    if not isinstance(fields, dict):
        raise Refused(ErrorType.INVALID_REQUEST, "Input should be a JSON object")
    return {name: value for name, value in fields.items() if value is not None}


def _read_parts(kind: str, body: bytes) -> dict[str, Any]:
    from email.parser import BytesParser

    message = BytesParser().parsebytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    fields: dict[str, Any] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            fields[name] = payload.decode("utf-8", "replace")
    return fields
