"""A service that breaks the rules, with handmade WebSocket frames (RFC 6455), controlled by a script.

It does what no library would do, so it uses none.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import socket
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence

from tests.doubles.listener import Listener
from tests.tools.limits import LIMIT


CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, flags: int = 0, masked: bool = False
) -> bytes:
    """Return a frame as sent by a server; `flags` are the reserved bits, and a server must not mask."""
    size, mask = len(payload), 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | flags | opcode])
    if size < 126:
        head += bytes([mask | size])
    elif size < 1 << 16:
        head += struct.pack(">BH", mask | 126, size)
    else:
        head += struct.pack(">BQ", mask | 127, size)
    return head + (bytes(4) if masked else b"") + payload  # a mask of zeros leaves the data unchanged


def message(kind: str, **fields: object) -> bytes:
    """Return a text frame with a message of the protocol."""
    return frame(TEXT, json.dumps({"type": kind, **fields}).encode())


GOODBYE = frame(CLOSE, b"\x03\xe8")


class Line:
    """One connection after the upgrade. `texts` is the text received, `said` all messages."""

    def __init__(self, connection: socket.socket, ending: threading.Event) -> None:
        self.ending = ending
        self.said: list[dict[str, object]] = []
        self.texts = ""
        self._connection = connection
        self._buffer = b""

    def send(self, *frames: bytes) -> None:
        self._connection.sendall(b"".join(frames))

    def send_until_stuck(self, frames: bytes, limit: float) -> None:
        """Send these repeatedly until nothing more is accepted for this long."""
        self._connection.settimeout(limit)
        with contextlib.suppress(TimeoutError):
            while True:
                self._connection.sendall(frames)
        self._connection.settimeout(None)

    def read(self) -> dict[str, object]:
        """Return the next message of the client, skipping everything that is not a text message."""
        while True:
            opcode, payload = self._frame()
            if opcode == CLOSE:
                raise ConnectionError("the client closes")
            if opcode == TEXT:
                self.said.append(json.loads(payload))
                self.texts += str(self.said[-1].get("text", ""))
                return self.said[-1]

    def read_until(self, kind: str) -> dict[str, object]:
        """Return the next message of this type."""
        while True:
            said = self.read()
            if said["type"] == kind:
                return said

    def read_all(self) -> None:
        """Read up to the request for the last words: the next flush, or `finish`."""
        while self.read()["type"] not in ("flush", "finish"):
            pass

    def conclude(self) -> None:
        """Answer the last flush read, and close after `finish`."""
        flush = self.said[-1]
        if flush["type"] == "flush":
            self.send(message("flush_complete", nonce=flush["nonce"]))
            self.read_until("finish")
        self.send(GOODBYE)

    def wait_for(self, opcode: int, limit: float) -> None:
        """Read until a frame of this kind arrives. Raises OSError if that takes too long."""
        self._connection.settimeout(limit)
        while self._frame()[0] != opcode:
            pass
        self._connection.settimeout(None)

    def wait_unread(self, count: int, limit: float = LIMIT) -> None:
        """Return when this many bytes are waiting to be read."""
        deadline = time.monotonic() + limit
        while (
            int.from_bytes(fcntl.ioctl(self._connection, termios.FIONREAD, bytes(4)), sys.byteorder) < count
        ):
            if self.ending.wait(0.005) or time.monotonic() > deadline:
                raise TimeoutError(f"no {count} bytes came")

    def reset(self) -> None:
        """End the TCP connection with a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def stay(self) -> None:
        """Read and send nothing until the client has left or the test is over."""
        while True:
            self._frame()

    def hang_up(self) -> None:
        """End the TCP connection without a close; what was sent still arrives."""
        self._connection.shutdown(socket.SHUT_WR)
        self.stay()

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8))[0]
        mask = self._take(4)
        payload = self._take(size)
        key = mask * (size // 4 + 1)
        plain = int.from_bytes(payload) ^ int.from_bytes(key[:size])
        return first & 0x0F, plain.to_bytes(size)

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            block = self._connection.recv(1 << 16)
            if not block:
                raise ConnectionError("the client left")
            self._buffer += block
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken


Script = Callable[[Line], None]


class HostileService(Listener):
    """Upgrades the n-th connection with the n-th extra `headers`, and runs the n-th script on it.

    The last of both also serve all later ones. `lines` has the connections. With `greets` a script starts
    after `init` and `ready`.
    """

    def __init__(self, *scripts: Script, headers: Sequence[bytes] = (b"",), greets: bool = True) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self._scripts = scripts
        self._headers = headers
        self._greets = greets

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(LIMIT * 3)
        script = self._scripts[min(self.accepted, len(self._scripts)) - 1]
        headers = self._headers[min(self.accepted, len(self._headers)) - 1]
        head = b""
        while b"\r\n\r\n" not in head:
            block = connection.recv(1 << 16)
            if not block:
                return
            head += block
        lines = head.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        fields = {name.lower(): value for name, value in (line.split(b": ", 1) for line in lines)}
        accept = base64.b64encode(hashlib.sha1(fields[b"sec-websocket-key"] + _MAGIC).digest())
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n" + headers + b"\r\n"
        )
        line = Line(connection, self.ending)
        self.lines.append(line)
        if self._greets:
            line.read()
            line.send(message("ready", request_id="req_hostile"))
        script(line)


def speak(line: Line) -> None:
    """Speak to the end as a good service does."""
    spoken = 0
    while True:
        said = line.read()
        if said["type"] in ("flush", "finish"):
            line.send(frame(BINARY, line.texts[spoken:].encode()))
            spoken = len(line.texts)
        if said["type"] == "flush":
            line.send(message("flush_complete", nonce=said["nonce"]))
        if said["type"] == "finish":
            line.send(GOODBYE)
            return
