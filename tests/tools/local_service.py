"""The embedded service as a separate program, and raw conversations with it, without SDK or client."""

from __future__ import annotations

import functools
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


PROGRAM = (sys.executable, "-m", "lmnt_cli.local")
PATH = "/v1/ai/speech/stream"
# Long enough for loading the voice on a busy machine; used up only by a failure.
LIMIT = 30


class LocalService:
    """`lmnt-local serve`, running until this process ends or `stop` is called."""

    def __init__(
        self, *arguments: str, first_line: str = "", limits: str = "true", **environment: str
    ) -> None:
        """Start it, after the shell command `limits`; `first_line` is written to its standard input."""
        self.process = subprocess.Popen(
            ["sh", "-c", f'{limits} && exec "$@"', "sh", *PROGRAM, "serve", "--stop-with-stdin", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        if first_line:
            print(first_line, file=self.process.stdin, flush=True)
        self.url = self.process.stdout.readline().strip()

    def stop(self) -> str:
        """Stop it; return its stderr."""
        _, said = self.process.communicate(timeout=LIMIT)
        return said

    @contextmanager
    def open(self, query: str = "", path: str = PATH, **options: Any) -> Iterator[Conversation]:
        """Connect. Raises InvalidStatus if the handshake is refused."""
        url = f"ws{self.url.removeprefix('http')}{path}{'?' + query if query else ''}"
        options = {"compression": None, "open_timeout": LIMIT, "max_size": None, "proxy": None, **options}
        with connect(url, **options) as socket:
            yield Conversation(socket)

    def talk(self, *messages: dict[str, Any], query: str = "", **init: Any) -> Transcript:
        """Hold a whole session: init, the messages, and everything received until the close."""
        with self.open(query) as conversation:
            conversation.init(**init)
            conversation.send(*messages)
            return conversation.rest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def voiceless_environment(directory: Path) -> dict[str, str]:
    """Return variables for a service that loads no voice: it has all but speech, and starts for less."""
    (directory / "onnxruntime.py").write_text("raise ImportError('a service without a voice')\n")
    return {"PYTHONPATH": str(directory)}


@functools.cache
def shared_service() -> LocalService:
    """Return one service for all tests without settings of their own: the voice is loaded once."""
    return LocalService("--faults-from-clients")


def text(content: str) -> dict[str, Any]:
    """Return a text message of API 1.1 and later; the next three functions are similar."""
    return {"type": "text", "text": content}


def flush(nonce: int) -> dict[str, Any]:
    return {"type": "flush", "nonce": nonce}


def reset(nonce: int) -> dict[str, Any]:
    return {"type": "reset", "nonce": nonce}


FINISH = {"type": "finish"}


@dataclass
class Transcript:
    """The messages received, in order, and the close code, None until the connection is closed."""

    messages: list[dict[str, Any] | bytes] = field(default_factory=list)
    close_code: int | None = None
    close_reason: str = ""

    @property
    def audio(self) -> bytes:
        """All audio, joined."""
        return b"".join(self.frames)

    @property
    def frames(self) -> list[bytes]:
        """The audio messages."""
        return [message for message in self.messages if isinstance(message, bytes)]

    @property
    def kinds(self) -> list[str]:
        """The types of the messages received, with repetitions reduced to one."""
        kinds: list[str] = []
        for message in self.messages:
            kind = "audio" if isinstance(message, bytes) else message.get("type", "/".join(message))
            if kinds[-1:] != [kind]:
                kinds.append(kind)
        return kinds

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of a type."""
        return [each for each in self.messages if isinstance(each, dict) and each.get("type") == kind]

    @property
    def tokens(self) -> list[dict[str, Any]]:
        """All timed tokens."""
        return [token for message in self.of("timestamps") for token in message["timestamps"]]

    @property
    def error(self) -> dict[str, Any]:
        """The only error received."""
        (error,) = self.of("error")
        return error


class Conversation:
    """One connection, step by step."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def init(self, **fields: Any) -> None:
        """Send a first message for API 1.2 with these fields changed; a field set to `...` is omitted."""
        message = {
            "type": "init",
            "X-API-Key": "a key",
            "lmnt-version": "1.2",
            "voice": "lily",
            "format": "pcm_s16le",
            "sample_rate": 24000,
        }
        names = {"key": "X-API-Key", "version": "lmnt-version"}
        message |= {names.get(name, name): value for name, value in fields.items()}
        self.send({name: value for name, value in message.items() if value is not ...})

    def send(self, *messages: dict[str, Any]) -> None:
        """Send messages, unless the service has closed."""
        with suppress(ConnectionClosed):
            for message in messages:
                self.socket.send(json.dumps(message))

    def receive(self, timeout: float = LIMIT) -> dict[str, Any] | bytes:
        """Return the next message."""
        message = self.socket.recv(timeout)
        return json.loads(message) if isinstance(message, str) else message

    def until(self, kind: str) -> Transcript:
        """Return the messages up to and including one of this type (`audio` is a type)."""
        transcript = Transcript()
        while transcript.kinds[-1:] != [kind]:
            transcript.messages.append(self.receive())
        return transcript

    def rest(self) -> Transcript:
        """Return everything received until the close."""
        transcript = Transcript()
        try:
            while True:
                transcript.messages.append(self.receive())
        except ConnectionClosed as closed:
            if closed.rcvd is not None:
                transcript.close_code = closed.rcvd.code
                transcript.close_reason = closed.rcvd.reason
        return transcript


def pieces(content: str, size: int) -> Iterator[dict[str, Any]]:
    """Return a text as text messages of this many characters."""
    for start in range(0, len(content), size):
        yield text(content[start : start + size])


def memory(service: LocalService) -> int:
    """Return the resident memory of the service in bytes."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024  # type: ignore[index]  # always there


def connect_narrowly(service: LocalService) -> socket.socket:
    """Connect so that the sockets of both sides hold a tenth of a megabyte and not four."""
    peer = socket.socket()
    peer.settimeout(LIMIT)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    # The sender's buffer grows with the size of a segment, which is 64 kB on loopback.
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 500)
    peer.connect(("127.0.0.1", port_of(service)))
    return peer


def upgrade(peer: socket.socket) -> None:
    """Request a WebSocket and read the answer, byte by byte so that nothing after it is read."""
    peer.sendall(
        b"GET /v1/ai/speech/stream HTTP/1.1\r\nHost: localhost\r\n"
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += peer.recv(1)
    assert head.startswith(b"HTTP/1.1 101")


def port_of(service: LocalService) -> int:
    """Return the port on which it listens."""
    return int(service.url.rsplit(":", 1)[1])
