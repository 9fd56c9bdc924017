"""TLS without sockets: handshake and data in memory, and what the layers themselves send."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from lmnt_cli.errors import UsageError
from lmnt_cli.io.tls import Layers, TlsLayer, default_context
from tests.tools.certificates import Authority


class Peer:
    """The other side of a session, in memory."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def shake_hands(self, data: bytes) -> bytes:
        self.incoming.write(data)
        try:
            self.object.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()


@pytest.fixture
def session(needs: Callable[[str], str], tmp_path: Path) -> tuple[TlsLayer, Peer]:
    """Both sides, after the handshake."""
    authority = Authority(needs("openssl"), tmp_path / "authority")
    layer = TlsLayer(ssl.create_default_context(cafile=authority.file), "a.b")
    peer = Peer(authority.vouch("DNS:a.b"))
    data: bytes | None = None
    while (outgoing := layer.advance_handshake(data)) is not None:
        data = peer.shake_hands(outgoing)
    layer.decrypt(peer.shake_hands(layer.take_outgoing()))  # tickets
    return layer, peer


def test_data(session: tuple[TlsLayer, Peer]) -> None:
    """Data encrypted by one side is decrypted by the other, in any pieces."""
    layer, peer = session
    peer.incoming.write(layer.encrypt(b"x" * 100_000))
    assert sum(len(peer.object.read(1 << 17)) for _ in range(7)) == 100_000
    peer.object.write(b"y" * 20_000)
    data = peer.outgoing.read()

    pieces = [layer.decrypt(data[at : at + 1000]) for at in range(0, len(data), 1000)]

    assert b"".join(pieces) == b"y" * 20_000
    assert not layer.ended


def test_the_end(session: tuple[TlsLayer, Peer]) -> None:
    """A session that is closed cleanly has ended, after the data sent before."""
    layer, peer = session
    peer.object.write(b"last")
    with pytest.raises(ssl.SSLWantReadError):
        peer.object.unwrap()

    assert layer.decrypt(peer.outgoing.read()) == b"last"
    assert layer.ended


def test_a_line_that_is_cut(session: tuple[TlsLayer, Peer]) -> None:
    """A session whose connection is cut has ended too."""
    layer = session[0]

    assert layer.decrypt(b"") == b""
    assert layer.ended


def test_nonsense(session: tuple[TlsLayer, Peer]) -> None:
    """Data that is not TLS is an error."""
    with pytest.raises(ssl.SSLError):
        session[0].decrypt(b"HTTP/1.1 200 OK\r\n\r\n")


def test_no_layers() -> None:
    """Without a layer bytes are unchanged, and nothing else is sent."""
    layers = Layers()

    assert (layers.encrypt(b"a"), layers.decrypt(b"b"), layers.take_replies()) == (b"a", b"b", b"")
    assert not layers.ended


def test_a_key_log_that_cannot_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An SSLKEYLOGFILE that cannot be written is reported as such."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "none" / "keys"))

    with pytest.raises(UsageError, match="SSLKEYLOGFILE"):
        default_context()
