"""The opening handshake of a WebSocket (RFC 6455, section 4), on a connected wire.

The handshake and the first message are written by hand: on a short network path, importing a WebSocket
library takes longer than the whole handshake, and can be done while the service answers. The library handles
everything that follows.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterable

from .connect_errors import Answer, AnswerRefused, translate
from .route import Route
from .wire import Deadline, Wire


# RFC 6455, 1.3.
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LONGEST_HEAD = 1 << 16
_MOST_HEADERS = 128
# How much of a refusal is read for its message, in bytes, and for how long, in seconds.
_LARGEST_REFUSAL = 1 << 16
_PATIENCE = 1.0
_TEXT = 0x81  # FIN and the text opcode


def shake_hands(wire: Wire, route: Route, deadline: Deadline) -> bytes:
    """Perform the handshake; return the bytes that the service has sent after its answer.

    If it fails, closes the wire and raises ConnectError.
    """
    try:
        return _shake_hands(wire, route)
    except Exception as error:
        wire.close()
        raise translate(error, route, at_proxy=False, limit=deadline.limit) from error


def _shake_hands(wire: Wire, route: Route) -> bytes:
    key = b64encode(os.urandom(16))
    lines = [
        f"GET {route.target} HTTP/1.1",
        f"Host: {route.authority}",
        "User-Agent: lmnt-say",
        *([f"Authorization: {route.authorization}"] if route.authorization else []),
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key.decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    wire.send("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
    head, rest = _read_head(wire)
    status, *fields = head.split(b"\r\n")
    if not status.startswith(b"HTTP/1.1 101 ") and status != b"HTTP/1.1 101":
        wire.unread(head + b"\r\n\r\n" + rest)
        raise AnswerRefused(_read_refusal(wire))
    _check(fields, key)
    return rest


def _read_head(wire: Wire) -> tuple[bytes, bytes]:
    """Return the status line with the headers, and the bytes after them. Raises ValueError or EOFError."""
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > _LONGEST_HEAD or data.count(b"\n") > _MOST_HEADERS:
            raise ValueError("its headers are too long")
        block = wire.receive()
        if not block:
            how = "in the middle of its answer" if data else "without an answer"
            raise EOFError(f"it closed the connection {how}")
        data += block
        if data[:7] != b"HTTP/1."[: len(data)]:
            raise ValueError("it does not speak HTTP")
    head, _, rest = data.partition(b"\r\n\r\n")
    if len(head) > _LONGEST_HEAD or head.count(b"\n") > _MOST_HEADERS:
        raise ValueError("its headers are too long")
    return head, rest


def _read_refusal(wire: Wire) -> Answer:
    """Return an answer that refuses the handshake, with as much of its body as arrives soon.

    Raises ValueError if it is not HTTP.
    """
    # Imported only when needed, which is rare.
    from http.client import HTTPException

    from .http_answer import read_answer

    wire.hurry(_PATIENCE)
    try:
        return read_answer(wire, _LARGEST_REFUSAL, whole=False)
    except HTTPException as error:
        raise ValueError("its answer is not valid HTTP") from error


def _check(fields: Iterable[bytes], key: bytes) -> None:
    """Check the headers of an answer with status 101 (RFC 6455, 4.1). Raises ValueError if they are wrong."""
    headers: dict[str, str] = {}
    for field in fields:
        name, colon, value = field.decode("latin-1").partition(":")
        if not colon:
            raise ValueError("its headers are malformed")
        name = name.lower()
        headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    if headers.get("upgrade", "").lower() != "websocket":
        raise ValueError("it does not upgrade to a WebSocket")
    if "upgrade" not in [each.strip().lower() for each in headers.get("connection", "").split(",")]:
        raise ValueError("it does not upgrade the connection")
    accept = b64encode(_sha1(key + _MAGIC)).decode()
    if headers.get("sec-websocket-accept") != accept:
        raise ValueError("its Sec-WebSocket-Accept is wrong")
    for name in ("sec-websocket-extensions", "sec-websocket-protocol"):
        if headers.get(name):
            raise ValueError(f"it chose {headers[name]}, which was not offered")


def _sha1(data: bytes) -> bytes:
    try:
        # Avoids loading OpenSSL, which takes longer than a handshake on this machine.
        from _sha1 import sha1  # type: ignore[import-not-found]  # no stub: private to CPython
    except ImportError:
        from hashlib import sha1
    return bytes(sha1(data).digest())  # noqa: S324 - required by the RFC; no security depends on it


def frame(text: str) -> bytes:
    """Return the frame of a text message from a client, masked (RFC 6455, 5.2)."""
    data = text.encode()
    mask = os.urandom(4)
    size = len(data)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = bytes([0x80 | 126]) + size.to_bytes(2)
    else:
        length = bytes([0x80 | 127]) + size.to_bytes(8)
    key = int.from_bytes((mask * (size // 4 + 1))[:size])
    masked = (int.from_bytes(data) ^ key).to_bytes(size)
    return bytes([_TEXT]) + length + mask + masked
