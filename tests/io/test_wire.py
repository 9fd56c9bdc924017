"""A connected socket with a deadline, plain or through one or two layers of TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmnt_cli.io.wire import Deadline, Wire
from tests.doubles.listener import Listener
from tests.doubles.proxies import Relay
from tests.tools.certificates import Authority
from tests.tools.limits import LIMIT


class Echo(Listener):
    """Sends back everything it receives."""

    def serve(self, connection: socket.socket) -> None:
        while block := connection.recv(65536):
            connection.sendall(block)


@pytest.fixture
def authority(needs: Callable[[str], str], tmp_path: Path) -> Authority:
    return Authority(needs("openssl"), tmp_path / "authority")


def wire_to(port: int, limit: float = LIMIT) -> Wire:
    return Wire(socket.create_connection(("127.0.0.1", port)), Deadline(limit))


def returned(wire: Wire, data: bytes) -> bytes:
    """Return what comes back for this data."""
    received = b""
    wire.send(data)
    while len(received) < len(data):
        received += wire.receive()
    return received


def receive_all(wire: Wire) -> None:
    """Receive for ever."""
    while True:
        wire.receive()


@pytest.fixture
def pair() -> Iterator[tuple[Wire, socket.socket]]:
    near, far = socket.socketpair()
    with near, far:
        yield Wire(near, Deadline(LIMIT)), far


def test_plain(pair: tuple[Wire, socket.socket]) -> None:
    """Bytes pass in both directions, up to the end."""
    wire, far = pair
    wire.send(b"there")
    far.sendall(b"back")
    far.shutdown(socket.SHUT_WR)

    assert (far.recv(10), wire.receive(), wire.receive()) == (b"there", b"back", b"")


def test_unread(pair: tuple[Wire, socket.socket]) -> None:
    """Bytes returned to the wire are received again first."""
    wire, far = pair
    far.sendall(b"later")
    wire.unread(b"second")
    wire.unread(b"first ")

    assert (wire.receive(), wire.receive()) == (b"first second", b"later")


@pytest.mark.parametrize("drips", [False, True])
def test_deadline(pair: tuple[Wire, socket.socket], drips: bool) -> None:
    """The deadline covers all steps together, however steadily bytes arrive."""
    near, far = pair
    wire = Wire(near.socket, Deadline(0.2))
    stop = threading.Event()

    def drip() -> None:
        while drips and not stop.wait(0.02):
            far.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(TimeoutError):
        receive_all(wire)
    stop.set()
    thread.join()


def test_hurry(pair: tuple[Wire, socket.socket]) -> None:
    """The deadline can be brought forward, but not postponed."""
    wire = pair[0]
    wire.hurry(0.01)
    wire.hurry(LIMIT)

    with pytest.raises(TimeoutError):
        wire.receive()


def test_tls(authority: Authority) -> None:
    """A large amount of data comes back unchanged through TLS."""
    trusting = ssl.create_default_context(cafile=authority.file)
    with Echo(tls=authority.vouch("DNS:a.b")) as echo:
        wire = wire_to(echo.port)
        wire.start_tls(trusting, "a.b")
        data = bytes(range(256)) * 200

        assert returned(wire, data) == data
        wire.close()


def test_tls_in_tls(authority: Authority) -> None:
    """It also does through TLS in TLS, as to a service behind an https proxy."""
    trusting = ssl.create_default_context(cafile=authority.file)
    with (
        Echo(tls=authority.vouch("DNS:a.b")) as echo,
        Relay(echo.port, tls=authority.vouch("DNS:c.d")) as relay,
    ):
        wire = wire_to(relay.port)
        wire.start_tls(trusting, "c.d")
        wire.start_tls(trusting, "a.b")
        data = bytes(range(256)) * 200

        assert returned(wire, data) == data
        assert data[:256] not in relay.sent
        wire.close()


@pytest.mark.parametrize(
    ("names", "since", "until", "reason"),
    [
        ("DNS:c.d", "2020", "2099", "mismatch"),
        ("IP:127.0.0.1", "2020", "2099", "mismatch"),
        ("DNS:127.0.0.1", "2020", "2099", "mismatch"),
        ("DNS:a.b", "2020", "2021", "expired"),
        ("DNS:a.b", "2098", "2099", "not yet valid"),
    ],
)
def test_certificates_that_are_not_good(
    authority: Authority, names: str, since: str, until: str, reason: str
) -> None:
    """A certificate for another name, or that has expired or is not valid yet, is refused as such."""
    trusting = ssl.create_default_context(cafile=authority.file)
    tls = authority.vouch(names, since=f"{since}0101000000Z", until=f"{until}0101000000Z")
    with Echo(tls=tls) as echo:
        wire = wire_to(echo.port)
        with pytest.raises(ssl.SSLCertVerificationError) as raised:
            wire.start_tls(trusting, "127.0.0.1" if names == "DNS:127.0.0.1" else "a.b")
        wire.close()

    assert reason in raised.value.verify_message


@pytest.mark.parametrize("signed", ["by an unknown authority", "by itself"])
def test_strangers(authority: Authority, signed: str) -> None:
    """A certificate that nobody trusted has signed is refused."""
    nobody = ssl.create_default_context(cafile=None)
    with Echo(tls=authority.vouch("DNS:a.b") if "auth" in signed else authority.stranger("DNS:a.b")) as echo:
        wire = wire_to(echo.port)
        with pytest.raises(ssl.SSLCertVerificationError) as raised:
            wire.start_tls(nobody, "a.b")
        wire.close()

    assert ("issuer" if "auth" in signed else "self-signed") in raised.value.verify_message


def test_address_as_name(authority: Authority) -> None:
    """An IP address is verified as an address."""
    trusting = ssl.create_default_context(cafile=authority.file)
    with Echo(tls=authority.vouch("IP:127.0.0.1")) as echo:
        wire = wire_to(echo.port)
        wire.start_tls(trusting, "127.0.0.1")

        assert returned(wire, b"there") == b"there"
        wire.close()
