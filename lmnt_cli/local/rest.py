"""The HTTP routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class HttpRequest:
    """A request with its whole body. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A response with its whole body."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def not_found() -> Answer:
    """What the service says of a route it does not have."""
    body = json.dumps({"detail": "Not Found"}, separators=(",", ":")).encode()
    return Answer(404, body, (("content-type", "application/json"),))
