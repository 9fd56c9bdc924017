"""The route to a service is derived from URLs (contract, 2)."""

from __future__ import annotations

import pytest

from lmnt_cli.errors import UsageError
from lmnt_cli.io.route import Proxy, basic, bracketed, route_to
from tests.tools.each import each


@each(
    ("url", "host", "port", "secure", "target", "authority"),
    [
        ("https://a.b", "a.b", 443, True, "/", "a.b"),
        ("wss://a.b:444/x?y=1", "a.b", 444, True, "/x?y=1", "a.b:444"),
        ("http://A.B:443/", "a.b", 443, False, "/", "a.b:443"),
        ("ws://[::1]:8000/x", "::1", 8000, False, "/x", "[::1]:8000"),
        ("ws://127.0.0.1", "127.0.0.1", 80, False, "/", "127.0.0.1"),
        ("https://bücher.example/grüße?name=ä%20b c", "xn--bcher-kva.example", 443, True, None, None),
    ],
)
def test_urls(
    url: str, host: str, port: int, secure: bool, target: str | None, authority: str | None
) -> None:
    """Host, port, target and authority are those of the URL."""
    route = route_to(url)

    assert (route.host, route.port, route.secure) == (host, port, secure)
    assert target is None or route.target == target
    assert authority is None or route.authority == authority
    assert route.name == f"{bracketed(host)}:{port}"


def test_what_a_request_cannot_hold() -> None:
    """Spaces and letters outside ASCII are quoted; quoted text is left as it is."""
    assert route_to("https://a.b/grüße?q=ä%20b c").target == "/gr%C3%BC%C3%9Fe?q=%C3%A4%20b%20c"


def test_user_and_password() -> None:
    """User and password become a header, decoded; they are not in the host or the repr."""
    route = route_to("https://me:p%40ss:word@a.b:1/x", proxy="http://you:s3cret@c.d:2")

    assert (route.host, route.authority, route.target) == ("a.b", "a.b:1", "/x")
    assert route.authorization == basic("me", "p@ss:word") == "Basic bWU6cEBzczp3b3Jk"
    assert "bWU6" not in repr(route)
    assert "s3cret" not in repr(route)
    assert route_to("https://a.b").authorization is None


@each(
    ("url", "expected"),
    [
        ("http://c.d", Proxy("http", "c.d", 80)),
        ("https://c.d/", Proxy("https", "c.d", 443)),
        ("socks5h://c.d", Proxy("socks5h", "c.d", 1080)),
        ("socks5://me:p%3Aw@[::1]:9", Proxy("socks5", "::1", 9, "me", "p:w")),
        ("http://me@c.d:3128", Proxy("http", "c.d", 3128, "me", "")),
    ],
)
def test_proxies(url: str, expected: Proxy) -> None:
    """A proxy has the default port of its scheme, and a decoded password."""
    assert route_to("https://a.b", proxy=url).proxy == expected


@each("url", ["http://c.d/path", "http://c.d?x", "http://", "http://c.d:x", "nonsense"])
def test_no_proxy(url: str) -> None:
    """An invalid proxy URL is refused without showing it."""
    with pytest.raises(UsageError) as raised:
        route_to("https://a.b", proxy=url.replace("//", "//me:s3cret@"))

    assert "s3cret" not in f"{raised.value.message} {raised.value.hint}"


@each(
    ("url", "insecure", "expected"),
    [("https://a.b", False, False), ("http://a.localhost", False, True), ("http://a.b", True, False)],
)
def test_where_plain_text_may_go(url: str, insecure: bool, expected: bool) -> None:
    """Unencrypted traffic is limited to this machine unless allowed elsewhere."""
    assert route_to(url, insecure=insecure).loopback_only is expected
