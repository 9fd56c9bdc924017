"""HTTP responses are bounded in size however they are framed, and read whole or in part."""

from __future__ import annotations

import http.client
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from lmnt_cli.io.http_answer import AnswerTooLong, read_answer
from lmnt_cli.io.wire import Deadline, Wire
from tests.tools.limits import LIMIT


LARGEST = 1 << 17
OK = b"HTTP/1.1 200 Fine\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def answered() -> Iterator[Callable[[bytes], Wire]]:
    """A wire that delivers these bytes and then ends."""
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def answer(data: bytes) -> Wire:
        near, far = socket.socketpair()
        sockets.extend((near, far))

        def send() -> None:
            try:
                far.sendall(data)
                far.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # whoever reads has had enough

        threads.append(threading.Thread(target=send))
        threads[-1].start()
        return Wire(near, Deadline(LIMIT))

    yield answer
    for each in sockets:
        each.close()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 4\r\nX-A: b\r\n\r\nbody",
        OK + b"X-A: b\r\n\r\nbody",
        OK + b"Transfer-Encoding: chunked\r\nx-a: b\r\n\r\n1;e=f\r\nb\r\n3\r\nody\r\n0\r\n\r\n",
    ],
)
def test_answers(answered: Callable[[bytes], Wire], answer: bytes) -> None:
    """Status, headers in lower case, and body, framed by length, by chunks or by the end."""
    found = read_answer(answered(answer), LARGEST)

    assert (found.status, found.reason, found.headers["x-a"], found.body) == (200, "Fine", "b", b"body")


TOO_LONG = {
    "a length": OK + b"Content-Length: 200000\r\n\r\n" + bytes(200_000),
    "no length": OK + b"\r\n" + bytes(200_000),
    "chunks": CHUNKED + (b"2710\r\n" + bytes(10_000) + b"\r\n") * 20,
    "extensions": CHUNKED + (b"1;" + b"e" * 2000 + b"\r\nx\r\n") * 300,
    "one-byte chunks": CHUNKED + b"1\r\nx\r\n" * 100_000,
    "two-byte chunks": CHUNKED + b"2\r\nxy\r\n" * 80_000,
}


@pytest.mark.parametrize("framing", TOO_LONG)
def test_too_long(answered: Callable[[bytes], Wire], framing: str) -> None:
    """A body or framing that is too long is refused, without keeping much more than the limit in memory."""
    tracemalloc.start()
    with pytest.raises(AnswerTooLong):
        read_answer(answered(TOO_LONG[framing]), LARGEST)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 8 * LARGEST


CUT_OFF = {"length": OK + b"Content-Length: 9\r\n\r\nbo", "chunks": CHUNKED + b"2\r\nbo\r\n5\r\nd"}


@pytest.mark.parametrize("framing", CUT_OFF)
def test_cut_off(answered: Callable[[bytes], Wire], framing: str) -> None:
    """A body that is cut off is an error, unless a partial one is accepted."""
    with pytest.raises(EOFError):
        read_answer(answered(CUT_OFF[framing]), LARGEST)

    found = read_answer(answered(CUT_OFF[framing]), LARGEST, whole=False)
    assert found.status == 200


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0\r\n", OK + b"X-Many: 1\r\n" * 200 + b"\r\n", CHUNKED + b"zz\r\n"]
)
def test_no_http(answered: Callable[[bytes], Wire], answer: bytes) -> None:
    """An answer that is not HTTP, or has too many headers, is an error."""
    with pytest.raises((http.client.HTTPException, EOFError, ValueError)):
        read_answer(answered(answer), LARGEST)
