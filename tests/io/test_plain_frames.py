"""Audio is found in a WebSocket's bytes; everything else reaches the library unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.io import plain_frames
from lmnt_cli.io.plain_frames import PlainFrames
from lmnt_cli.io.websocket import Message, WebSocket
from tests.doubles.hostile_service import BINARY, CLOSE, CONT, PING, TEXT, frame
from tests.tools.strategies import cut, places, properties


BIG = 1 << 16
# Audio of all sizes of headers, the messages of a session, fragments, and violations.
_FRAMES = [
    *(frame(BINARY, bytes([size & 0xFF]) * size) for size in (0, 1, 125, 126, 300, BIG, BIG + 1)),
    *(frame(TEXT, text) for text in (b"", b"text", b"x" * 200)),
    frame(PING, b"ping"),
    frame(10, b"pong"),
    frame(BINARY, b"begin", fin=False),
    frame(TEXT, b"begin", fin=False),
    frame(CONT, b"middle", fin=False),
    frame(CONT, b"end"),
    frame(BINARY, b"reserved", flags=0x40),
    frame(BINARY, b"masked", masked=True),
    frame(3, b"no such opcode"),
    frame(CLOSE, b"\x03\xe8bye"),
    b"\x82\x7f" + (1 << 40).to_bytes(8),
    b"\x82\xff" + (1 << 63).to_bytes(8),
    b"\x82\x7e\x00\x05short",
]
_streams = st.lists(st.sampled_from(_FRAMES) | st.binary(max_size=12), max_size=10).map(b"".join)


def received(pieces: list[bytes]) -> list[Message]:
    """Return the messages, consecutive audio joined."""
    socket = WebSocket()
    joined: list[Message] = []
    for message in [message for piece in [*pieces, b""] for message in socket.receive(piece)]:
        if isinstance(message, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += message
        else:
            joined.append(message)
    return joined


@properties
@given(_streams, places)
def test_the_messages_are_those_of_the_library(stream: bytes, where: list[int]) -> None:
    """With audio found here or parsed by the library, the same messages come, and the same end."""
    pieces = [piece for piece in cut(stream, where) if piece]
    found = received(pieces)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plain_frames, "_LARGEST", -1)
        parsed = received(pieces)

    assert found == parsed


@properties
@given(_streams, places)
def test_nothing_is_lost(stream: bytes, where: list[int]) -> None:
    """What is yielded, with headers put back, and what is held back are the stream."""
    splitter = PlainFrames()
    found = [
        frame(BINARY, bytes(part)) if is_audio else bytes(part)
        for piece in cut(stream, where)
        for is_audio, part in splitter.split(piece)
    ]

    if b"\x82\x7e\x00\x05" not in stream:  # a header that is longer than necessary
        assert b"".join([*found, splitter.rest]) == stream
    assert len(splitter.rest) <= BIG + 10


def test_audio_does_not_reach_the_library() -> None:
    """Frames of audio are taken whole, several at once; the rest of one waits."""
    splitter = PlainFrames()
    one, two = frame(BINARY, b"1" * 8192), frame(BINARY, b"2" * 10)
    parts = [(is_audio, bytes(part)) for is_audio, part in splitter.split(one + two + one[:100])]

    assert parts == [(True, b"1" * 8192), (True, b"2" * 10)]
    assert splitter.rest == one[:100]
