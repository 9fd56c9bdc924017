"""The speed of the service itself, as seen by a client of bare sockets that parses nothing."""

from __future__ import annotations

import os
import socket
import struct
from urllib.parse import urlsplit


def _masked(payload: bytes) -> bytes:
    size = len(payload)
    length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0xFE, size)
    return b"\x81" + length + bytes(4) + payload


def main() -> None:
    """Send each read of standard input as a message; write all bytes received, frames included."""
    address = urlsplit(os.environ["LMNT_BASE_URL"])
    with socket.create_connection((address.hostname or "", address.port or 80)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n")
        answer = b""
        while b"req_bench" not in answer:
            answer += line.recv(1 << 16)
            if answer.endswith(b"\r\n\r\n"):
                line.sendall(_masked(b"{}"))
        while text := os.read(0, 1 << 16):
            line.sendall(_masked(b'{"type":"text","text":"' + text + b'"}'))
            os.write(1, line.recv(1 << 20))
        line.sendall(_masked(b'{"type":"finish"}'))
        while block := line.recv(1 << 20):
            os.write(1, block)
            if block.endswith(b"\x88\x02\x03\xe8"):
                return


if __name__ == "__main__":
    main()
