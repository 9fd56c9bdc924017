"""Read an HTTP response from a wire, bounded in time and size, whatever its framing."""

from __future__ import annotations

import http.client
import io
import socket
from typing import TYPE_CHECKING, cast

from .connect_errors import Answer
from .wire import Wire


if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# The body is read in pieces of this size, so that small chunks do not accumulate.
_PIECE = 1 << 13
# Headers and framing may exceed the size of the body by this many bytes.
_OVERHEAD = 1 << 17
_CUT_OFF = "the connection was lost in the middle of the answer"


class AnswerTooLong(Exception):
    """The response is longer than allowed."""


def read_answer(wire: Wire, largest: int, *, whole: bool = True) -> Answer:
    """Return the response to a GET request; without `whole`, with as much of its body as can be read.

    Raises AnswerTooLong if the body or its framing exceeds `largest` bytes, EOFError if the response is cut
    off, OSError, and http.client.HTTPException if it is not HTTP.
    """
    source = _Source(wire, 2 * largest + _OVERHEAD)
    response = http.client.HTTPResponse(cast(socket.socket, source), method="GET")
    response.begin()
    body = bytearray()
    try:
        _read_body(response, body, largest)
    except (AnswerTooLong, EOFError, OSError, http.client.HTTPException):
        if whole:
            raise
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, response.reason, headers, bytes(body))


def _read_body(response: http.client.HTTPResponse, body: bytearray, largest: int) -> None:
    try:
        while piece := response.read(_PIECE):
            body += piece
            if len(body) > largest:
                raise AnswerTooLong
    except http.client.IncompleteRead as error:
        raise EOFError(_CUT_OFF) from error
    if response.length:
        raise EOFError(_CUT_OFF)


class _Source(io.RawIOBase):
    """A file object over a wire, up to a limit. It also passes for the socket that http.client expects."""

    def __init__(self, wire: Wire, limit: int) -> None:
        self._wire = wire
        self._left = limit
        self._held = b""

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        if not self._held:
            if self._left <= 0:
                raise AnswerTooLong
            self._held = self._wire.receive()
            self._left -= len(self._held)
        count = min(len(view), len(self._held))
        view[:count] = self._held[:count]
        self._held = self._held[count:]
        return count
