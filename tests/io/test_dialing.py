"""Connect: names, addresses of both families, proxies and TLS, under one deadline (contract, 2 and 7)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.errors import ConnectError, SayError, UsageError
from lmnt_cli.io.dialing import connect_first, dial
from lmnt_cli.io.route import Route, route_to
from lmnt_cli.io.wire import Deadline
from tests.doubles.listener import Listener
from tests.doubles.proxies import HttpProxy, SocksProxy, authorization
from tests.tools.certificates import Authority
from tests.tools.limits import LIMIT


class Greeter(Listener):
    """Sends a greeting."""

    def serve(self, connection: socket.socket) -> None:
        connection.sendall(b"hello")


@pytest.fixture
def greeter() -> Iterator[Greeter]:
    with Greeter() as running:
        yield running


def hello(route: Route) -> bytes:
    """Return the first bytes received from there."""
    wire = dial(route, Deadline(LIMIT))
    try:
        return wire.receive()
    finally:
        wire.close()


def failure(route: Route, limit: float = LIMIT) -> SayError:
    with pytest.raises(SayError) as raised:
        dial(route, Deadline(limit))
    return raised.value


def test_direct(greeter: Greeter) -> None:
    """Without a proxy the service itself answers; `prepare` is called once meanwhile."""
    prepared: list[int] = []
    wire = dial(route_to(f"http://127.0.0.1:{greeter.port}"), Deadline(LIMIT), lambda: prepared.append(1))

    assert (wire.receive(), prepared) == (b"hello", [1])
    wire.close()


@pytest.mark.parametrize("user", ["", "me:p%40ss@"])
def test_tunnel(greeter: Greeter, user: str) -> None:
    """An http proxy opens a tunnel for those who have the password."""
    with HttpProxy(greeter.port) as proxy:
        url = proxy.url.replace("//", f"//{user}")

        assert (
            hello(route_to("https://a.b:1/".replace("https", "http"), proxy=url, insecure=True)) == b"hello"
        )
        assert proxy.requests[0].splitlines()[0] == "CONNECT a.b:1 HTTP/1.1"
        assert (authorization("me", "p@ss") in proxy.requests[0]) is bool(user)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"SSH-2.0\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 20_000,
    ],
    ids=["nothing", "cut off", "no status", "no number", "another protocol", "no end"],
)
def test_proxies_that_talk_nonsense(answer: bytes) -> None:
    """A proxy that gives a wrong answer is blamed."""
    with HttpProxy(answer=answer) as proxy:
        error = failure(route_to("https://a.b", proxy=proxy.url))

        assert isinstance(error, ConnectError)
        assert f"the proxy 127.0.0.1:{proxy.port}" in error.message


def test_what_follows_the_answer_of_a_proxy() -> None:
    """Bytes that arrive together with the proxy's answer are not lost."""
    with HttpProxy(answer=b"HTTP/1.1 200 OK\r\n\r\nhello") as proxy:
        assert hello(route_to("http://a.b", proxy=proxy.url, insecure=True)) == b"hello"


def test_socks(greeter: Greeter) -> None:
    """A SOCKS proxy works too; the name is resolved by the proxy, or here."""
    pytest.importorskip("python_socks")
    with SocksProxy(greeter.port) as proxy:
        assert hello(route_to("http://a.b:7", proxy=proxy.url("socks5h"), insecure=True)) == b"hello"
        assert hello(route_to("http://localhost:8", proxy=proxy.url("socks5"))) == b"hello"

        assert proxy.requests == [("a.b", 7), ("127.0.0.1", 8)]


def test_dead_socks_proxy() -> None:
    """A SOCKS proxy that does not exist is blamed."""
    pytest.importorskip("python_socks")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert (
        f"the proxy 127.0.0.1:{port}"
        in failure(route_to("https://a.b", proxy=f"socks5://127.0.0.1:{port}")).message
    )


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


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Make every name resolve to these addresses."""

    def resolve(
        *_: Any, **__: Any
    ) -> list[tuple[int, int, int, str, tuple[Any, ...]]]:  # Any: as the original
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (host, port, 0, 0))
            if ":" in host
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))
            for host, port in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://x.localhost:1"])
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "0.0.0.0", "::ffff:192.0.2.1"])
def test_a_name_of_another_machine(monkeypatch: pytest.MonkeyPatch, url: str, address: str) -> None:
    """A name that claims to be this machine and is not is refused before connecting."""
    monkeypatch.setattr(socket, "socket", None)
    resolving(monkeypatch, (address, 1))
    error = failure(route_to(url))

    assert isinstance(error, UsageError)
    assert "localhost" in error.message


def test_of_several_addresses_only_ours(monkeypatch: pytest.MonkeyPatch, greeter: Greeter) -> None:
    """Of several addresses, only those of this machine are tried."""
    resolving(monkeypatch, ("192.0.2.1", 1), ("127.0.0.1", greeter.port))

    assert hello(route_to("http://x.localhost:1")) == b"hello"


def test_a_proxy_of_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds for a proxy that would see plain text."""
    monkeypatch.setattr(socket, "socket", None)
    resolving(monkeypatch, ("192.0.2.1", 1))

    assert isinstance(failure(route_to("http://127.0.0.1:1", proxy="http://x.localhost:1")), UsageError)


def x_localhost_is(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Make this name alone resolve to these addresses."""
    original = socket.getaddrinfo

    def resolve(host: bytes | str, *more: Any, **named: Any) -> list[Any]:  # Any: as the original
        names = addresses if host == b"x.localhost" else (host,)
        return [found for name in names for found in original(name, *more, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
def test_a_name_behind_a_proxy(monkeypatch: pytest.MonkeyPatch, greeter: Greeter, scheme: str) -> None:
    """A proxy is asked for an address of this machine, not for a name that it could resolve to another."""
    x_localhost_is(monkeypatch, "192.0.2.1", "::1", "127.0.0.1")
    if scheme == "http":
        with HttpProxy(greeter.port) as proxy:
            assert hello(route_to("http://x.localhost:7", proxy=proxy.url)) == b"hello"
            assert proxy.requests[0].splitlines()[0] == "CONNECT 127.0.0.1:7 HTTP/1.1"
        return
    pytest.importorskip("python_socks")
    with SocksProxy(greeter.port) as socks:
        assert hello(route_to("http://x.localhost:7", proxy=socks.url(scheme))) == b"hello"
        assert socks.requests == [("127.0.0.1", 7)]


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
def test_a_name_of_another_machine_behind_a_proxy(
    monkeypatch: pytest.MonkeyPatch, greeter: Greeter, scheme: str
) -> None:
    """Behind a proxy as well it is refused, before the proxy is asked for anything."""
    if scheme != "http":
        pytest.importorskip("python_socks")
    x_localhost_is(monkeypatch, "192.0.2.1", "2001:db8::1")
    with HttpProxy(greeter.port) as proxy:
        error = failure(route_to("http://x.localhost:7", proxy=f"{scheme}://127.0.0.1:{proxy.port}"))

        assert isinstance(error, UsageError)
        assert "x.localhost" in error.message
        assert proxy.requests == []


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
    for each in (full, *fillers):
        each.close()


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
