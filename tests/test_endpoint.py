"""Where the service is and by which way it is reached (contract, 2: --base-url, --proxy)."""

from __future__ import annotations

import pytest

from lmnt_cli.endpoint import Endpoint, check_base_url, choose_proxy
from lmnt_cli.errors import ExitCode, UsageError


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://api.lmnt.com", "wss://api.lmnt.com/v1/ai/speech/stream"),
        ("https://api.lmnt.com/", "wss://api.lmnt.com/v1/ai/speech/stream"),
        ("wss://a.b:444/proxy/", "wss://a.b:444/proxy/v1/ai/speech/stream"),
        ("https://a.b/p?x=1&y=2", "wss://a.b/p/v1/ai/speech/stream?x=1&y=2"),
        ("https://a.b/p#part", "wss://a.b/p/v1/ai/speech/stream"),
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/v1/ai/speech/stream"),
        ("ws://localhost:1", "ws://localhost:1/v1/ai/speech/stream"),
        ("http://x.localhost:1", "ws://x.localhost:1/v1/ai/speech/stream"),
        ("http://127.9.9.9", "ws://127.9.9.9/v1/ai/speech/stream"),
        ("http://[::1]:9", "ws://[::1]:9/v1/ai/speech/stream"),
        ("HTTPS://API.LMNT.COM", "wss://API.LMNT.COM/v1/ai/speech/stream"),
    ],
)
def test_session_url(given: str, expected: str) -> None:
    """The route is appended to the path; the query is kept."""
    assert Endpoint(check_base_url(given), "a-key").session_url == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://api.lmnt.com", "https://api.lmnt.com/v1/account"),
        ("wss://a.b:444/proxy/", "https://a.b:444/proxy/v1/account"),
        ("https://a.b/p?x=1&y=2#part", "https://a.b/p/v1/account?x=1&y=2"),
        ("ws://localhost:1", "http://localhost:1/v1/account"),
        ("http://[::1]:9", "http://[::1]:9/v1/account"),
    ],
)
def test_rest_url(given: str, expected: str) -> None:
    """Other routes are appended to the same base."""
    assert Endpoint(check_base_url(given), "a-key").rest_url("/v1/account") == expected


def test_name() -> None:
    """Messages name the host, never a password, a path or a query."""
    found = Endpoint(check_base_url("https://me:s3cr3t@a.b:444/p?token=x"), "a-key", "http://u:pw@p:1")

    assert found.name == "a.b"
    assert found.secret == "a-key"
    assert all(word not in repr(found) for word in ("s3cr3t", "token", "a-key", "pw"))


def test_local_endpoint() -> None:
    """The embedded service is located when it runs, and its key opens nothing else."""
    found = Endpoint("", "", local=True)

    assert (found.name, found.secret) == ("the local service", None)
    assert found.located_at("http://127.0.0.1:9", "its").session_url == "ws://127.0.0.1:9/v1/ai/speech/stream"
    assert found.located_at("http://127.0.0.1:9", "its").api_key == "its"


@pytest.mark.parametrize(
    "url", ["api.lmnt.com", "ftp://a.b", "https://", "http://[::1", "https://a:99999", "https://a:0", "x", ""]
)
def test_no_base_url(url: str) -> None:
    """What is no URL of a service is refused, naming where it stood."""
    with pytest.raises(UsageError, match="THE_NAME") as raised:
        check_base_url(url, name="THE_NAME")

    assert raised.value.code is ExitCode.USAGE


@pytest.mark.parametrize(
    "url", ["http://a.b", "ws://10.0.0.1", "http://localhost.a.b", "http://127.0.0.1.a.b", "http://0.0.0.0"]
)
def test_unencrypted(url: str) -> None:
    """The key is not sent unencrypted to anything but this machine, unless that is asked for."""
    with pytest.raises(UsageError) as raised:
        check_base_url(url)

    assert "--insecure-http" in str(raised.value.hint)
    assert check_base_url(url, insecure=True).startswith("http://")


@pytest.mark.parametrize("proxy", ["http://p:1", "https://p", "socks5://p:1080", "socks5h://me:pw@p"])
def test_proxy(proxy: str) -> None:
    """The flag beats every variable."""
    environment = {"https_proxy": "http://q", "all_proxy": "http://r", "no_proxy": "*"}

    assert choose_proxy(proxy, environment, "wss://a.b") == proxy


@pytest.mark.parametrize(
    "proxy", ["", "p:1", "ftp://p", "http://", "socks4://p", "http://[::1", "http://p:x"]
)
def test_no_proxy_url(proxy: str) -> None:
    """What is no proxy's URL is refused."""
    with pytest.raises(UsageError, match="--proxy"):
        choose_proxy(proxy, {}, "wss://a.b")


@pytest.mark.parametrize("name", ["all_proxy", "ALL_PROXY"])
def test_all_proxy(name: str) -> None:
    """`all_proxy` holds where no variable of the scheme does."""
    assert choose_proxy(None, {name: "http://p:1"}, "wss://a.b/") == "http://p:1"


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "wss_proxy"])
def test_variables_of_the_scheme(name: str) -> None:
    """The variables of the scheme come before the one for everything."""
    assert choose_proxy(None, {name: "http://p", "all_proxy": "http://q"}, "wss://a.b/") == "http://p"


def test_socks_variable() -> None:
    """An address in socks_proxy is a SOCKS proxy's, however it begins."""
    assert choose_proxy(None, {"socks_proxy": "http://p:1"}, "wss://a.b/") == "socks5h://p:1"


def test_in_clear_to_nobody_else() -> None:
    """What may go in clear on this machine goes through no proxy elsewhere, unless that is insisted on."""
    here, elsewhere = "ws://127.0.0.1:8000/", "http://p:1"
    variables = {"all_proxy": elsewhere}

    assert choose_proxy(None, variables, here) is None
    assert choose_proxy(None, {"all_proxy": "http://127.0.0.1:1"}, here) == "http://127.0.0.1:1"
    assert choose_proxy(None, variables, here, insecure=True) == elsewhere
    with pytest.raises(UsageError, match="unencrypted"):
        choose_proxy(elsewhere, {}, here)
    assert choose_proxy(elsewhere, {}, here, insecure=True) == elsewhere


@pytest.mark.parametrize("no_proxy", ["*", "a.b", "b", ".b", "x, a.b", "A.B", "a.b:443", "A.b:443 , x"])
def test_no_proxy_for_this_host(no_proxy: str) -> None:
    """`no_proxy` names hosts and domains that are reached directly."""
    assert choose_proxy(None, {"all_proxy": "http://p", "no_proxy": no_proxy}, "wss://a.b:443/") is None


@pytest.mark.parametrize("no_proxy", ["", "x", "xa.b", "c.a.b"])
def test_no_proxy_for_others(no_proxy: str) -> None:
    """Other names in it mean nothing here."""
    assert choose_proxy(None, {"all_proxy": "http://p", "no_proxy": no_proxy}, "wss://a.b/") == "http://p"


def test_embedded_service() -> None:
    """The embedded service is reached directly."""
    assert choose_proxy(None, {"all_proxy": "http://p"}, None) is None
