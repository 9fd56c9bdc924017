"""A server to dial, and names that resolve as a test says."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from lmnt_cli.errors import SayError
from lmnt_cli.io.dialing import dial
from lmnt_cli.io.route import Route
from lmnt_cli.io.wire import Deadline
from tests.doubles.listener import Listener
from tests.tools.limits import LIMIT


class Greeter(Listener):
    """Sends a greeting."""

    def serve(self, connection: socket.socket) -> None:
        connection.sendall(b"hello")


def hello(route: Route) -> bytes:
    """Return the first bytes received from there."""
    wire = dial(route, Deadline(LIMIT))
    try:
        return wire.receive()
    finally:
        wire.close()


def failure(route: Route, limit: float = LIMIT) -> SayError:
    with pytest.raises(SayError) as raised:
        dial(route, Deadline(limit))
    return raised.value


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Make every name resolve to these addresses."""

    def resolve(
        *_: Any, **__: Any
    ) -> list[tuple[int, int, int, str, tuple[Any, ...]]]:  # Any: as the original
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (host, port, 0, 0))
            if ":" in host
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))
            for host, port in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def x_localhost_is(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Make this name alone resolve to these addresses."""
    original = socket.getaddrinfo

    def resolve(host: bytes | str, *more: Any, **named: Any) -> list[Any]:  # Any: as the original
        names = addresses if host == b"x.localhost" else (host,)
        return [found for name in names for found in original(name, *more, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
