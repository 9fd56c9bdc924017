"""Connect: TCP of both families, TLS, under one deadline (contract, 2 and 7)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode
from lmnt_cli.io.dialing import connect_first, dial
from lmnt_cli.io.route import route_to
from lmnt_cli.io.wire import Deadline
from tests.doubles.listener import Listener
from tests.doubles.proxies import HttpProxy
from tests.tools.certificates import Authority
from tests.tools.dialing import Greeter, failure, hello, resolving
from tests.tools.each import each
from tests.tools.limits import LIMIT


def test_direct(greeter: Greeter) -> None:
    """Without a proxy the service itself answers; `prepare` is called once meanwhile."""
    prepared: list[int] = []
    wire = dial(route_to(f"http://127.0.0.1:{greeter.port}"), Deadline(LIMIT), lambda: prepared.append(1))

    assert (wire.receive(), prepared) == (b"hello", [1])
    wire.close()


def test_tls(
    greeter: Greeter, needs: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An https URL uses TLS, verified with the certificates of the environment."""
    authority = Authority(needs("openssl"), tmp_path / "authority")
    with Greeter(tls=authority.vouch("IP:127.0.0.1")) as secure:
        route = route_to(f"https://127.0.0.1:{secure.port}")

        assert "certificate" in failure(route).message
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        assert hello(route) == b"hello"
    assert "TLS failed" in failure(route_to(f"https://127.0.0.1:{greeter.port}")).message


@each(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "TLS failed: "),
        (b"\x15\x03\x01\x00\x02\x02\x28", "TLS failed: "),
        (b"", "the connection was closed"),
    ],
)
def test_no_tls_is_spoken(answer: bytes, reason: str) -> None:
    """A peer without TLS, reached directly or through a proxy, is exit status 5, in words of ours."""

    class Plain(Listener):
        def serve(self, connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(answer)

    with Plain() as plain, HttpProxy(plain.port) as proxy:
        direct = failure(route_to(f"https://127.0.0.1:{plain.port}"))
        tunnelled = failure(route_to("https://a.b", proxy=proxy.url))

    for error, where in ((direct, f"127.0.0.1:{plain.port}"), (tunnelled, "a.b:443")):
        assert error.code is ExitCode.CONNECT
        assert error.message.startswith(f"could not connect to {where}")
        assert reason in error.message
        assert "_ssl.c" not in error.message


def test_the_first_address_is_dead(monkeypatch: pytest.MonkeyPatch, greeter: Greeter) -> None:
    """An address that refuses is followed by the next one at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = listener.getsockname()[1]
    resolving(monkeypatch, ("127.0.0.1", dead), ("127.0.0.1", greeter.port))
    started = time.monotonic()

    assert hello(route_to("http://localhost:1")) == b"hello"
    assert time.monotonic() - started < 0.2 + LIMIT / 10


def test_the_first_address_says_nothing(monkeypatch: pytest.MonkeyPatch, greeter: Greeter) -> None:
    """An address that does not answer soon is followed by one of the other family."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    fillers = []
    for _ in range(4):  # until its backlog is full, and a further attempt gets no answer
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(full.getsockname())
        fillers.append(filler)
    resolving(monkeypatch, full.getsockname(), ("127.0.0.1", greeter.port))

    assert hello(route_to("http://localhost:1")) == b"hello"
    for taken in (full, *fillers):
        taken.close()


def test_no_address_answers() -> None:
    """Of several failures the first is reported; an exceeded limit is a failure too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = listener.getsockname()[1]
    address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", dead))
    with pytest.raises(ConnectionRefusedError):
        connect_first([address, address], Deadline(LIMIT))
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        connect_first([(999, socket.SOCK_STREAM, 6, "", ("127.0.0.1", dead))], Deadline(LIMIT))


def test_deadline(silent_port: socket.socket) -> None:
    """A proxy that does not answer is abandoned at the deadline."""
    proxy = f"http://127.0.0.1:{silent_port.getsockname()[1]}"
    error = failure(route_to("https://a.b", proxy=proxy), limit=0.2)

    assert "no answer within 0.2 s" in error.message


def test_threads_do_not_outlive() -> None:
    """No thread is left running."""
    before = threading.active_count()
    failure(route_to("http://127.0.0.1:1"))

    assert threading.active_count() == before
