"""Proxies: tunnels, SOCKS, and what they are asked for (contract, 2)."""

from __future__ import annotations

import socket

import pytest

from lmnt_cli.errors import ConnectError, UsageError
from lmnt_cli.io.route import route_to
from tests.doubles.proxies import HttpProxy, SocksProxy, authorization
from tests.tools.dialing import Greeter, failure, hello, x_localhost_is
from tests.tools.each import each


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


@each(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"SSH-2.0\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
    ],
    ids=["nothing", "cut off", "no status", "no number", "another protocol", "no end", "no end of a line"],
)
def test_proxies_that_talk_nonsense(answer: bytes) -> None:
    """A proxy that gives a wrong answer is blamed."""
    with HttpProxy(answer=answer) as proxy:
        error = failure(route_to("https://a.b", proxy=proxy.url))

        assert isinstance(error, ConnectError)
        assert f"the proxy 127.0.0.1:{proxy.port}" in error.message
        assert len(error.message) < 1000


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
        assert hello(route_to("http://localhost:9", proxy=proxy.url("socks5"), insecure=True)) == b"hello"

        assert proxy.requests[:2] == [("a.b", 7), ("127.0.0.1", 8)]
        assert proxy.requests[2] in [("127.0.0.1", 9), ("::1", 9)]


@pytest.mark.parametrize("reply", [2, 5, 77])
def test_a_socks_proxy_that_refuses(greeter: Greeter, reply: int) -> None:
    """A SOCKS proxy that refuses is blamed, whatever its reason."""
    pytest.importorskip("python_socks")
    with SocksProxy(greeter.port, reply=reply) as proxy:
        error = failure(route_to("https://a.b", proxy=proxy.url()))

        assert isinstance(error, ConnectError)
        assert f"the proxy 127.0.0.1:{proxy.port}" in error.message


def test_a_socks_proxy_that_never_answers(greeter: Greeter) -> None:
    """A SOCKS proxy that never answers is abandoned at the deadline."""
    pytest.importorskip("python_socks")
    with SocksProxy(greeter.port, reply=None) as proxy:
        error = failure(route_to("https://127.0.0.1", proxy=proxy.url()), limit=0.2)

        assert "no answer within 0.2 s" in error.message


def test_dead_socks_proxy() -> None:
    """A SOCKS proxy that does not exist is blamed."""
    pytest.importorskip("python_socks")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert (
        f"the proxy 127.0.0.1:{port}"
        in failure(route_to("https://a.b", proxy=f"socks5://127.0.0.1:{port}")).message
    )


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
    assert "".join(proxy.requests) == ""  # it may have been connected to
