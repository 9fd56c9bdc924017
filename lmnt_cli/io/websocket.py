"""A WebSocket after its handshake, without a socket: received bytes become messages, and the reverse.

The library parses frames and enforces RFC 6455; this module turns frames into messages. The library's default
size limits would end a session, so all limits are set here.
"""

from __future__ import annotations

import logging

from ..core.session.messages import Broken, Closed
from ..core.value import value
from ..lazy import deferred
from .plain_frames import PlainFrames


# A third of the library's import time, to find a version number that is hard-coded in its releases.
with deferred("importlib.metadata"):
    from websockets.frames import Frame, Opcode
    from websockets.protocol import CLIENT, OPEN, Protocol


# No message of the service comes close to this size. A larger one is refused instead of kept in memory.
LARGEST_MESSAGE = 16 << 20
# A message with more fragments is refused: empty ones take time and never reach the limit above.
MOST_FRAGMENTS = 1 << 14

# Close codes that we send when the peer violates the protocol (RFC 6455, 7.4.1).
_PROTOCOL_ERROR = 1002
_INVALID_DATA = 1007
_TOO_BIG = 1009

# The library logs errors while it closes a connection; the messages for the user are ours.
_SILENT = logging.getLogger("lmnt_cli.websockets")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


@value
class Pong:
    """The answer to a ping with the same data."""

    data: bytes


# Closed or Broken is always the last message.
Message = str | bytes | Pong | Closed | Broken


class WebSocket:
    """The client side of an open WebSocket. `ended` is set when no more messages can follow."""

    def __init__(self) -> None:
        self.ended = False
        self._protocol = Protocol(CLIENT, state=OPEN, max_size=LARGEST_MESSAGE, logger=_SILENT)
        self._parts: list[bytes | bytearray] = []
        self._kind = Opcode.BINARY
        self._fragments = 0
        self._failed = False
        self._plain = PlainFrames()

    def receive(self, data: bytes) -> list[Message]:
        """Process received bytes (b"" at the end of the stream); return the messages they complete.

        Consecutive binary messages are returned as one, because their boundaries have no meaning.
        """
        if self.ended:
            return []
        messages: list[Message] = []
        audio: list[bytes | bytearray | memoryview] = []
        for is_audio, part in self._plain.split(data):
            if is_audio:
                audio.append(part)
                continue
            self._protocol.receive_data(bytes(part))
            self._take_events(messages, audio)
            if self._protocol.state is not OPEN:
                break
        if not data:
            self._protocol.receive_data(self._plain.rest)
            self._protocol.receive_eof()
            self._take_events(messages, audio)
        _join(audio, messages)
        if (last := self._end()) is not None:
            self.ended = True
            messages.append(last)
        return messages

    def send_text(self, text: str) -> None:
        """Queue a text message for `take_outgoing`. After the end nothing is sent."""
        if not self.ended:
            self._protocol.send_text(text.encode())

    def send_ping(self, data: bytes) -> None:
        """Queue a ping, which is answered by a Pong with the same data."""
        if not self.ended:
            self._protocol.send_ping(data)

    def take_outgoing(self) -> bytes:
        """Return the bytes to send now: messages, and answers to pings and to a close."""
        return b"".join(self._protocol.data_to_send())

    def _take_events(self, messages: list[Message], audio: list[bytes | bytearray | memoryview]) -> None:
        """Add the messages that the library has completed; `audio` is what comes before them."""
        for frame in self._protocol.events_received():
            assert isinstance(frame, Frame), "the handshake is complete"
            message = self._take(frame)
            if self._failed:
                return
            if isinstance(message, bytes | bytearray):
                audio.append(message)
            elif message is not None:
                _join(audio, messages)
                messages.append(message)

    def _take(self, frame: Frame) -> Message | bytearray | None:
        """Return the message that a frame completes, if any. Audio is the parser's object, not a copy."""
        opcode = frame.opcode
        if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
            if frame.fin:
                return self._message(opcode is Opcode.TEXT, _data(frame))
            self._kind, self._parts, self._fragments = opcode, [_data(frame)], 1
        elif opcode is Opcode.CONT:
            self._fragments += 1
            if frame.data:
                self._parts.append(_data(frame))
            if frame.fin:
                data, self._parts = b"".join(self._parts), []
                return self._message(self._kind is Opcode.TEXT, data)
            if self._fragments == MOST_FRAGMENTS:
                self._fail(_PROTOCOL_ERROR, f"more than {MOST_FRAGMENTS} fragments")
        elif opcode is Opcode.PONG:
            return Pong(bytes(frame.data))
        return None

    def _message(self, is_text: bool, data: bytes | bytearray) -> str | bytes | bytearray | None:
        if not is_text:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            self._fail(_INVALID_DATA, f"{error.reason} at position {error.start}")
            return None

    def _fail(self, code: int, why: str) -> None:
        self._failed = True
        self._protocol.fail(code, why)

    def _end(self) -> Closed | Broken | None:
        """Return how the connection ended, None while it is open."""
        received, sent = self._protocol.close_rcvd, self._protocol.close_sent
        if received is not None:
            return Closed(received.code, received.reason)
        if sent is not None and sent.code in (_PROTOCOL_ERROR, _INVALID_DATA, _TOO_BIG):
            return Broken(str(sent))
        if sent is not None or self._protocol.parser_exc is not None:
            return Closed(1006)
        return None


def _data(frame: Frame) -> bytes | bytearray:
    data = frame.data
    assert not isinstance(data, memoryview), "only outgoing frames have one"
    return data


def _join(audio: list[bytes | bytearray | memoryview], messages: list[Message]) -> None:
    if data := b"".join(audio):
        messages.append(data)
    audio.clear()
