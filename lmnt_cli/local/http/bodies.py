"""The fields of a request's body: JSON, or a form of either kind."""

from __future__ import annotations

import json
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from ..requests import ErrorType, Refused
from .messages import HttpRequest


def fields_of(request: HttpRequest) -> dict[str, Any]:
    """Return the fields; those of a form are strings. Raises `Refused`."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    if kind.startswith("multipart/form-data"):
        return _parts(kind, request.body)
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Refused(ErrorType.INVALID_REQUEST, f"Invalid JSON: {error}") from None
    if not isinstance(fields, dict):
        raise Refused(ErrorType.INVALID_REQUEST, "Input should be a JSON object")
    return {name: value for name, value in fields.items() if value is not None}


def _parts(kind: str, body: bytes) -> dict[str, Any]:
    message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    fields: dict[str, Any] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            fields[name] = payload.decode("utf-8", "replace")
    return fields
