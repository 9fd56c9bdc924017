"""Frames become messages however they are split; a violation of RFC 6455 ends with a reason."""

from __future__ import annotations

import subprocess
import sys
import zlib
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.session.messages import Broken, Closed
from lmnt_cli.io.websocket import MOST_FRAGMENTS, Message, Pong, WebSocket
from tests.doubles.hostile_service import BINARY, CLOSE, CONT, PING, TEXT, frame
from tests.tools.each import each
from tests.tools.strategies import properties


PONG = 10


def received(data: bytes, *cuts: int) -> list[Message]:
    """Return the messages in this data, received in pieces up to the end; consecutive audio is joined."""
    socket = WebSocket()
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    messages = [message for one, other in pairwise(edges) for message in socket.receive(data[one:other])]
    messages += socket.receive(b"")
    joined: list[Message] = []
    for message in messages:
        if isinstance(message, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += message
        else:
            joined.append(message)
    return joined


FRAMES = [
    frame(TEXT, b"one"),
    frame(BINARY, b"two"),
    frame(BINARY, b""),
    frame(BINARY, b"three"),
    frame(TEXT, "fü".encode(), fin=False),
    frame(PING, b"x"),
    frame(CONT, b"", fin=False),
    frame(CONT, b"nf"),
    frame(PONG, b"y"),
    frame(BINARY, b"si", fin=False),
    frame(CONT, b"x"),
    frame(CLOSE, b"\x03\xe8done"),
]
EXPECTED = ["one", b"twothree", "fünf", Pong(b"y"), b"six", Closed(1000, "done")]


def test_messages() -> None:
    """Fragments and consecutive binary messages are joined; the close is the last message."""
    assert received(b"".join(FRAMES)) == EXPECTED


@properties
@given(st.lists(st.integers(min_value=0), max_size=20))
def test_cuts(cuts: list[int]) -> None:
    """It does not matter where the data is split."""
    assert received(b"".join(FRAMES), *cuts) == EXPECTED


def test_answers() -> None:
    """Pings and the close are answered by masked frames; nothing is sent after that."""
    socket = WebSocket()
    socket.receive(frame(PING, b"x"))
    assert socket.take_outgoing()[:2] == bytes([0x80 | PONG, 0x80 | 1])
    socket.receive(frame(CLOSE, b"\x03\xe8"))
    assert socket.take_outgoing()[:2] == bytes([0x80 | CLOSE, 0x80 | 2])
    socket.send_text("late")
    socket.send_ping(b"late")

    assert socket.take_outgoing() == b""
    assert socket.receive(b"more") == []
    assert socket.ended


@each("data", [b"", frame(BINARY, b"half", fin=False), frame(BINARY, b"half")[:3]])
def test_a_line_that_is_cut(data: bytes) -> None:
    """A connection that ends without a close is 1006; a partial message is dropped."""
    assert received(data) == [Closed(1006)]


def test_a_close_without_a_code() -> None:
    """A close without a code is 1005 (RFC 6455, 7.1.5)."""
    assert received(frame(CLOSE)) == [Closed(1005)]


DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)
BOMB = DEFLATE.compress(bytes(10_000_000)) + DEFLATE.flush(zlib.Z_SYNC_FLUSH)

BREAKS = {
    "bytes that are no UTF-8": frame(TEXT, b"\xff"),
    "no UTF-8 in fragments": frame(TEXT, b"\xc3", fin=False) + frame(CONT, b"x"),
    "a reserved bit": frame(BINARY, b"x", flags=0x40),
    "a masked frame": frame(BINARY, b"x", masked=True),
    "a continuation of nothing": frame(CONT, b"x"),
    "a message in a message": frame(BINARY, b"x", fin=False) + frame(BINARY, b"y"),
    "a long ping": frame(PING, bytes(126)),
    "a message that is too large": b"\x82\x7f" + (1 << 40).to_bytes(8),
    "a message announced with 2 ** 62 bytes": b"\x82\x7f\x40" + bytes(7),
    "a message of 20 MB": frame(BINARY, bytes(20_000_000)),
    "20 MB in fragments": frame(BINARY, bytes(1_000_000), fin=False)
    + frame(CONT, bytes(1_000_000), fin=False) * 20,
    "a compressed bomb that was not negotiated": frame(BINARY, BOMB, flags=0x40),
    "too many fragments": frame(BINARY, fin=False) + frame(CONT, fin=False) * MOST_FRAGMENTS,
    "a wrong close code": frame(CLOSE, b"\x03\xed"),
    "a close whose reason is not UTF-8": frame(CLOSE, b"\x03\xe8\xff\xff"),
}


@each("fault", BREAKS)
def test_what_breaks_the_rules(fault: str) -> None:
    """A violation of RFC 6455 ends the connection with a reason, after what came before."""
    messages = received(frame(BINARY, b"before") + BREAKS[fault] + frame(BINARY, b"after"))

    assert messages[0] == b"before"
    assert len(messages) == 2
    assert isinstance(messages[1], Broken)
    assert messages[1].detail


def test_start() -> None:
    """The library is loaded without importlib.metadata, which can still be imported afterwards."""
    script = (
        "import sys, lmnt_cli.io.websocket\n"
        "assert 'importlib.metadata' not in sys.modules\n"
        "import importlib.metadata\n"
        "print(importlib.metadata.version('websockets'))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=False
    )

    assert (result.stderr, bool(result.stdout.strip())) == ("", True)
