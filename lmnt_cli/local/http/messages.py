"""What an HTTP request and its answer are, between the connection and the routes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class HttpRequest:
    """A request with its whole body. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """A response: a body that is known, or one that comes as it is made."""

    status: int
    body: bytes | AsyncIterator[bytes]
    headers: tuple[tuple[str, str], ...] = ()


def json_answer(status: int, content: Any, *headers: tuple[str, str]) -> Answer:
    """Return an answer in JSON."""
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(status, body, (("content-type", "application/json"), *headers))
