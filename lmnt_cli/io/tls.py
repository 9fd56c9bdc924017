"""TLS without sockets: layers that encrypt and decrypt bytes.

They are used by blocking code while a connection is opened, and by the event loop afterwards. There may be
two layers: one to an https proxy, and another one through it.
"""

from __future__ import annotations

import os
import ssl

from ..errors import UsageError


# A TLS record has at most 16 KiB; several are decrypted in one call.
_READ = 1 << 18


def default_context() -> ssl.SSLContext:
    """Return a context that verifies against the system's certificates, or those of SSL_CERT_FILE.

    Raises UsageError if SSLKEYLOGFILE cannot be written.
    """
    try:
        return ssl.create_default_context()
    except OSError as error:
        if os.environ.get("SSLKEYLOGFILE") and not isinstance(error, ssl.SSLError):
            raise UsageError(f"could not write to SSLKEYLOGFILE: {error.strerror}") from error
        raise


class TlsLayer:
    """A TLS session. `ended` is set when the peer has ended it."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self.ended = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        # Passed as bytes: Python would encode a string with IDNA, which loads large tables.
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host.encode())

    def advance_handshake(self, data: bytes | None) -> bytes | None:
        """Process received bytes (None to begin, b"" at the end of the stream); return the bytes to send.

        Returns None when the handshake is complete; `take_outgoing` then returns its last message, if any.
        Raises ssl.SSLError.
        """
        if data is not None:
            self._feed(data)
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return self._outgoing.read()
        return None

    def encrypt(self, data: bytes) -> bytes:
        """Return the bytes to send for this data."""
        self._object.write(data)
        return self._outgoing.read()

    def decrypt(self, data: bytes) -> bytes:
        """Return the plaintext of received bytes (b"" at the end of the stream). Raises ssl.SSLError."""
        self._feed(data)
        parts = []
        while not self.ended:
            try:
                part = self._object.read(_READ)
            except ssl.SSLWantReadError:
                break
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                part = b""  # closed, cleanly or not: only the close at the level above matters
            self.ended = not part
            parts.append(part)
        return b"".join(parts)

    def take_outgoing(self) -> bytes:
        """Return the bytes that TLS itself has to send, such as the answer to a key update."""
        return self._outgoing.read()

    def _feed(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


class Layers:
    """The TLS layers of a connection, outermost first. Without any, the connection is plain."""

    def __init__(self) -> None:
        self._layers: list[TlsLayer] = []

    def add(self, layer: TlsLayer) -> None:
        """Add a layer inside the others."""
        self._layers.append(layer)

    def encrypt(self, data: bytes) -> bytes:
        """Return the bytes to send on the network for this data."""
        for layer in reversed(self._layers):
            data = layer.encrypt(data)
        return data

    def decrypt(self, data: bytes) -> bytes:
        """Return the plaintext of received bytes (b"" at the end of the stream). Raises ssl.SSLError."""
        for layer in self._layers:
            data = layer.decrypt(data)
            if not data and not layer.ended:
                break
        return data

    @property
    def ended(self) -> bool:
        """Whether the peer has closed a layer."""
        return any(layer.ended for layer in self._layers)

    def take_replies(self) -> bytes:
        """Return the bytes that the layers themselves have to send on the network."""
        replies = b""
        for layer in reversed(self._layers):
            # The bytes of an inner layer go through the outer ones.
            replies = (layer.encrypt(replies) if replies else b"") + layer.take_outgoing()
        return replies
