"""Reads an HTTP answer from a wire: bounded in time and in size, however it is framed."""

from __future__ import annotations

import http.client
import io
import socket
from typing import TYPE_CHECKING, cast

from .connect_errors import Answer
from .wire import Wire


if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# The body is taken in pieces of this size, so that small chunks do not pile up.
_PIECE = 1 << 13
# Headers and framing may be as long as the body, and so much longer.
_OVERHEAD = 1 << 17
_CUT_OFF = "the connection was lost in the middle of the answer"


class AnswerTooLong(Exception):
    """The answer is longer than it may be."""


def read_answer(wire: Wire, largest: int, *, whole: bool = True) -> Answer:
    """Return the answer to a GET request; unless `whole`, with as much of its body as can be had.

    Raises AnswerTooLong for a body, or a framing of it, of more than `largest` bytes; EOFError for one that
    is cut off; OSError; and http.client.HTTPException for what is no HTTP.
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
    """The bytes of a wire, up to a limit, as a file; it is what http.client wants of a socket, too."""

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
