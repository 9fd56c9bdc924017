"""The service used for measuring: raw sockets and prepared frames, so that it is never the slow end.

It is a separate process. Each job has a port, and defines what is sent for each text, and how much at the
first flush or finish. It prints one JSON line with the ports, then one for each session with its times, in
seconds of time.monotonic(). The audio is silent MP3 in whole frames, so that a client can count them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import ssl
import struct
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any


FRAME = b"\xff\xf3\xa4\xc4" + bytes(284)  # MPEG-2 Layer III, 24 kHz, 96 kbit/s, mono: 24 ms in 288 bytes
MESSAGE = 8192
CYCLE = 9  # messages of a whole number of frames
MOST_TIMES = 1000
READY = b'{"type":"ready","request_id":"req_bench"}'


@dataclass(frozen=True)
class Job:
    """What a port sends: bytes for each text, bytes at the first flush or finish. TLS with a certificate."""

    reply: int = 4 * len(FRAME)
    bulk: int = 0
    frames: bool = True  # MP3, or else silent samples
    certificate: str = ""
    key: str = ""


@dataclass
class Session:
    """The times of one session, including those of up to a thousand texts and replies."""

    job: str
    init: float = 0.0
    texts: list[float] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    last_audio: float = 0.0
    audio: int = 0


def bulk_bytes(bulk: int) -> int:
    """Return how many bytes are sent when `bulk` are requested: whole cycles of messages."""
    return -(-bulk // (MESSAGE * CYCLE)) * MESSAGE * CYCLE


def _frame(opcode: int, payload: bytes) -> bytes:
    """Return a WebSocket frame from a server."""
    size = len(payload)
    head = (
        struct.pack("!BB", 0x80 | opcode, size)
        if size < 126
        else struct.pack("!BBH", 0x80 | opcode, 126, size)
    )
    return head + payload


_MP3 = FRAME * (MESSAGE * CYCLE // len(FRAME))
_SAMPLES = bytes(MESSAGE * CYCLE)
_PACK = 14  # cycles sent in one call: about 1 MiB


class Peer:
    """One connection: bytes in, messages out."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.arrived = 0.0
        self._data = bytearray()

    def _take(self, count: int) -> bytes:
        while len(self._data) < count:
            block = self.connection.recv(1 << 18)
            self.arrived = time.monotonic()
            if not block:
                raise EOFError
            self._data += block
        taken = bytes(self._data[:count])
        del self._data[:count]
        return taken

    def handshake(self) -> None:
        """Answer the upgrade, without checking it."""
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            head += self._take(1)
        found = re.search(rb"sec-websocket-key: *(\S+)", head, re.IGNORECASE)
        assert found, "not a WebSocket handshake"
        proof = hashlib.sha1(found[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False)
        accept = base64.b64encode(proof.digest()).decode()
        self.connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )

    def receive(self) -> dict[str, Any] | None:
        """Return the next JSON message, None at a close frame or the end."""
        while True:
            try:
                first, second = self._take(2)
                size = second & 0x7F
                if size > 125:
                    size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
                mask = self._take(4)
                payload = self._take(size)
            except (EOFError, OSError):
                return None
            key = (mask * (size // 4 + 1))[:size]
            clear = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
            match first & 0x0F:
                case 1 | 2:
                    message: dict[str, Any] = json.loads(clear)
                    return message
                case 9:
                    self.connection.sendall(_frame(10, clear))
                case 8:
                    return None

    def send(self, opcode: int, payload: bytes) -> None:
        self.connection.sendall(_frame(opcode, payload))


def hold(name: str, job: Job, connection: socket.socket) -> Session:
    """Hold a session to its end."""
    peer, session = Peer(connection), Session(name)
    peer.handshake()
    if peer.receive() is None:
        return session
    session.init = peer.arrived
    peer.send(1, READY)
    stream = _MP3 if job.frames else _SAMPLES
    reply = stream[: job.reply]
    block = b"".join(_frame(2, stream[at : at + MESSAGE]) for at in range(0, len(stream), MESSAGE))
    bulk = bulk_bytes(job.bulk)
    while (message := peer.receive()) is not None:
        kind = message["type"]
        if kind == "text":
            replied = time.monotonic()
            if len(session.texts) < MOST_TIMES:
                session.texts.append(peer.arrived)
                session.replies.append(replied)
            if reply:
                peer.send(2, reply)
                session.last_audio = time.monotonic()
                session.audio += len(reply)
            continue
        for at in range(0, bulk, MESSAGE * CYCLE * _PACK):
            cycles = min(_PACK, (bulk - at) // (MESSAGE * CYCLE))
            peer.connection.sendall(block * cycles)
            session.last_audio = time.monotonic()
        session.audio, bulk = session.audio + bulk, 0
        if kind == "flush":
            peer.send(1, json.dumps({"type": "flush_complete", "nonce": message["nonce"]}).encode())
        elif kind == "finish":
            peer.send(8, struct.pack("!H", 1000))
    return session


def serve(name: str, job: Job, listener: socket.socket, printing: threading.Lock) -> None:
    """Accept connections for a job for ever, each in a thread."""
    context = None
    if job.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(job.certificate, job.key)

    def one(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = Session(name)
        try:
            with context.wrap_socket(connection, server_side=True) if context else connection as line:
                session = hold(name, job, line)
        except (OSError, EOFError):
            pass
        with printing:
            print(json.dumps(asdict(session)), flush=True)

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=one, args=(connection,), daemon=True).start()


def main() -> None:
    """Serve the jobs given as JSON in the first argument, until standard input ends."""
    jobs = {name: Job(**job) for name, job in json.loads(sys.argv[1]).items()}
    printing = threading.Lock()
    ports = {}
    for name, job in jobs.items():
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        ports[name] = listener.getsockname()[1]
        threading.Thread(target=serve, args=(name, job, listener, printing), daemon=True).start()
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
