"""Addresses of this machine, and names that only claim to be (contract, 2)."""

from __future__ import annotations

import socket

import pytest

from lmnt_cli.errors import UsageError
from lmnt_cli.io.route import route_to
from tests.tools.dialing import Greeter, failure, hello, resolving


@pytest.mark.parametrize("url", ["http://localhost:1", "http://x.localhost:1"])
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "0.0.0.0", "::ffff:192.0.2.1"])
def test_a_name_of_another_machine(monkeypatch: pytest.MonkeyPatch, url: str, address: str) -> None:
    """A name that claims to be this machine and is not is refused before connecting."""
    monkeypatch.setattr(socket, "socket", None)
    resolving(monkeypatch, (address, 1))
    error = failure(route_to(url))

    assert isinstance(error, UsageError)
    assert "localhost" in error.message


def test_of_several_addresses_only_ours(monkeypatch: pytest.MonkeyPatch, greeter: Greeter) -> None:
    """Of several addresses, only those of this machine are tried."""
    resolving(monkeypatch, ("192.0.2.1", 1), ("127.0.0.1", greeter.port))

    assert hello(route_to("http://x.localhost:1")) == b"hello"


def test_a_proxy_of_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds for a proxy that would see plain text."""
    monkeypatch.setattr(socket, "socket", None)
    resolving(monkeypatch, ("192.0.2.1", 1))

    assert isinstance(failure(route_to("http://127.0.0.1:1", proxy="http://x.localhost:1")), UsageError)
