"""TLS without a socket: layers that turn bytes of the network into bytes of the peer, and back.

Used by blocking code while a connection is opened and by the event loop afterwards. There may be two layers:
one to an https proxy and one through it.
"""

from __future__ import annotations

import os
import ssl

from ..errors import UsageError


# A TLS record holds 16 KiB at most; several are decrypted in one call.
_READ = 1 << 18


def default_context() -> ssl.SSLContext:
    """Return a context that verifies, with the system's certificates or those of SSL_CERT_FILE.

    Raises UsageError where SSLKEYLOGFILE cannot be written.
    """
    try:
        return ssl.create_default_context()
    except OSError as error:
        if os.environ.get("SSLKEYLOGFILE") and not isinstance(error, ssl.SSLError):
            raise UsageError(f"could not write the file of SSLKEYLOGFILE: {error.strerror}") from error
        raise


class TlsLayer:
    """One TLS session. `ended` is set when the peer has said all."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self.ended = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        # As bytes: a name would be encoded as an international one, which loads large tables.
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host.encode())

    def advance_handshake(self, data: bytes | None) -> bytes | None:
        """Take data of the network (None: to begin; empty: its end); return what to send.

        None is the end of the handshake; `take_outgoing` may then hold its last message. Raises ssl.SSLError.
        """
        if data is not None:
            self._feed(data)
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return self._outgoing.read()
        return None

    def encrypt(self, data: bytes) -> bytes:
        """Return what to send for this data."""
        self._object.write(data)
        return self._outgoing.read()

    def decrypt(self, data: bytes) -> bytes:
        """Return what the peer said in this data of the network (empty: its end). Raises ssl.SSLError."""
        self._feed(data)
        parts = []
        while not self.ended:
            try:
                part = self._object.read(_READ)
            except ssl.SSLWantReadError:
                break
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                part = b""  # closed, in order or not: what matters was said at a higher level
            self.ended = not part
            parts.append(part)
        return b"".join(parts)

    def take_outgoing(self) -> bytes:
        """Return what TLS itself has to say, such as the answer to a key update."""
        return self._outgoing.read()

    def _feed(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


class Layers:
    """The TLS layers of a connection, outermost first; none is a plain one."""

    def __init__(self) -> None:
        self._layers: list[TlsLayer] = []

    def add(self, layer: TlsLayer) -> None:
        """Put a layer inside the others."""
        self._layers.append(layer)

    def encrypt(self, data: bytes) -> bytes:
        """Return what to send on the network for this data."""
        for layer in reversed(self._layers):
            data = layer.encrypt(data)
        return data

    def decrypt(self, data: bytes) -> bytes:
        """Return what the peer said in this data of the network (empty: its end). Raises ssl.SSLError."""
        for layer in self._layers:
            data = layer.decrypt(data)
            if not data and not layer.ended:
                break
        return data

    @property
    def ended(self) -> bool:
        """Whether a layer was closed by the peer."""
        return any(layer.ended for layer in self._layers)

    def take_replies(self) -> bytes:
        """Return what the layers themselves have to say on the network."""
        replies = b""
        for layer in reversed(self._layers):
            # What an inner layer says goes through the outer ones.
            replies = (layer.encrypt(replies) if replies else b"") + layer.take_outgoing()
        return replies
