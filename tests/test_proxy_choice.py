"""The proxy: given, named by a variable, or exempted from (contract, 2: --proxy)."""

from __future__ import annotations

import pytest

from lmnt_cli.errors import UsageError
from lmnt_cli.proxy_choice import choose_proxy, goes_direct
from tests.tools.each import each


@each("proxy", ["http://p:1", "https://p", "socks5://p:1080", "socks5h://me:pw@p"])
def test_proxy(proxy: str) -> None:
    """The flag overrides every variable."""
    environment = {"https_proxy": "http://q", "all_proxy": "http://r", "no_proxy": "*"}

    assert choose_proxy(proxy, environment, "wss://a.b") == proxy


@each(
    "proxy", ["", "ftp://p", "http://", "socks4://p", "http://[::1", "http://p:x", "http://p:0", "http://a b"]
)
def test_no_proxy_url(proxy: str) -> None:
    """An invalid proxy URL is refused, also in a variable."""
    with pytest.raises(UsageError, match="--proxy"):
        choose_proxy(proxy, {}, "wss://a.b")
    for name in ("https_proxy", "ALL_PROXY"):
        if proxy:
            with pytest.raises(UsageError, match=f"(?i){name} takes a URL"):
                choose_proxy(None, {name: proxy}, "wss://a.b")


@each("name", ["all_proxy", "ALL_PROXY"])
def test_all_proxy(name: str) -> None:
    """`all_proxy` is used if no variable for the scheme is set."""
    assert choose_proxy(None, {name: "http://p:1"}, "wss://a.b/") == "http://p:1"


@each("name", ["https_proxy", "HTTPS_PROXY", "wss_proxy"])
def test_variables_of_the_scheme(name: str) -> None:
    """The variables for the scheme precede the general one."""
    assert choose_proxy(None, {name: "http://p", "all_proxy": "http://q"}, "wss://a.b/") == "http://p"


def test_socks_variable() -> None:
    """An address in socks_proxy is a SOCKS proxy, with any prefix."""
    assert choose_proxy(None, {"socks_proxy": "http://p:1"}, "wss://a.b/") == "socks5h://p:1"


def test_in_clear_to_nobody_else() -> None:
    """Unencrypted traffic on this machine uses no proxy elsewhere, unless that is allowed."""
    here, elsewhere = "ws://127.0.0.1:8000/", "http://p:1"
    variables = {"all_proxy": elsewhere}

    assert choose_proxy(None, variables, here) is None
    assert choose_proxy(None, {"all_proxy": "http://127.0.0.1:1"}, here) == "http://127.0.0.1:1"
    assert choose_proxy(None, variables, here, insecure=True) == elsewhere
    with pytest.raises(UsageError, match="unencrypted"):
        choose_proxy(elsewhere, {}, here)
    assert choose_proxy(elsewhere, {}, here, insecure=True) == elsewhere


@each("no_proxy", ["*", "a.b", "b", ".b", "x, a.b", "A.B", "a.b:443", "A.b:443 , x"])
def test_no_proxy_for_this_host(no_proxy: str) -> None:
    """`no_proxy` names hosts and domains that are reached directly."""
    assert choose_proxy(None, {"all_proxy": "http://p", "no_proxy": no_proxy}, "wss://a.b:443/") is None


@each("no_proxy", ["", "x", "xa.b", "c.a.b"])
def test_no_proxy_for_others(no_proxy: str) -> None:
    """Other names in it have no effect."""
    assert choose_proxy(None, {"all_proxy": "http://p", "no_proxy": no_proxy}, "wss://a.b/") == "http://p"


def test_embedded_service() -> None:
    """The embedded service is reached directly."""
    assert choose_proxy(None, {"all_proxy": "http://p"}, None) is None


@each(
    ("address", "expected"),
    [
        ("127.0.0.1:3128", "http://127.0.0.1:3128"),
        ("p", "http://p"),
        ("me:pw@p:1", "http://me:pw@p:1"),
        ("socks://p:1080", "socks5h://p:1080"),
        ("SOCKS://p:1080", "socks5h://p:1080"),
        (" http://p:1 ", "http://p:1"),
        ("[::1]:3128", "http://[::1]:3128"),
    ],
)
def test_as_others_take_it(address: str, expected: str) -> None:
    """The default scheme is http, as for curl; GNOME's socks:// is a SOCKS proxy anywhere."""
    assert choose_proxy(None, {"https_proxy": address}, "https://a.b") == expected
    assert choose_proxy(None, {"all_proxy": address}, "https://a.b") == expected
    assert choose_proxy(address, {}, "https://a.b") == expected


@each("address", ["p:1", "http://p:1", "socks5h://p:1", "socks://p:1"])
def test_socks_proxy_without_a_scheme(address: str) -> None:
    """An address in socks_proxy is a SOCKS proxy."""
    assert choose_proxy(None, {"socks_proxy": address}, "https://a.b") == "socks5h://p:1"


@each(
    ("url", "no_proxy", "expected"),
    [
        ("https://x.a.b", "*.a.b", True),
        ("https://a.b", "*.a.b", True),
        ("https://xa.b", "*.a.b", False),
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://10.1.2.3", "10.1.0.0/16 , x", True),
        ("https://11.1.2.3", "10.0.0.0/8", False),
        ("https://10.1.2.3", "10.1.2.3", True),
        ("https://10.1.2.3", "10.1.2.3:443", True),
        ("https://10.1.2.3", "10.1.2.3:80", False),
        ("https://10.1.2.3", "1.2.3", False),
        ("https://[::1]", "[::1]", True),
        ("https://[::1]", "::1", True),
        ("https://[::1]:8", "[::1]:8", True),
        ("https://[::1]:8", "[::1]:9", False),
        ("https://[fd00::1]", "fd00::/8", True),
        ("https://[0:0:0:0:0:0:0:1]", "::1", True),
        ("https://a.b.", "a.b", True),
        ("https://a.b", "x y a.b", True),
        ("https://a.b", ".", False),
        ("https://a.b", "a.b:x", False),
    ],
)
def test_no_proxy_entries(url: str, no_proxy: str, expected: bool) -> None:
    """Names with a star, addresses and networks of both families, and ports."""
    assert goes_direct(url, no_proxy) is expected
