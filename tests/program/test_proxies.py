"""Real proxies: which one is used, what it learns, and what its refusals mean (contract, 2, 5 and 7)."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import FakeService
from tests.doubles.proxies import HttpProxy, SocksProxy, authorization
from tests.tools.certificates import Authority
from tests.tools.program import Result, Say


HOST = "speech.example"


@pytest.fixture
def secure(authority: Authority) -> Iterator[FakeService]:
    """The double as a host that only a proxy can resolve, over TLS."""
    with FakeService(tls=authority.vouch(f"DNS:{HOST},IP:127.0.0.1")) as running:
        yield running

    assert running.faults == []


@pytest.fixture
def trusting(authority: Authority) -> dict[str, str | None]:
    """The environment in which that host is trusted."""
    return {"SSL_CERT_FILE": str(authority.file), "LMNT_BASE_URL": f"https://{HOST}"}


def is_one_line(result: Result, status: int) -> bool:
    return result.status == status and 1 <= len(result.lines) <= 2


def test_http_proxy(say: Say, secure: FakeService, trusting: dict[str, str | None]) -> None:
    """An HTTP proxy opens a tunnel: it learns the host name, and nothing of the key or the text.

    It gets user and password of its URL, decoded. --proxy overrides every variable, including NO_PROXY.
    """
    with HttpProxy(secure.port) as proxy, HttpProxy(secure.port) as other:
        url = proxy.url.replace("//", "//me:p%40ss@")
        variables = {"https_proxy": other.url, "all_proxy": other.url, "no_proxy": "*"}
        result = say("--proxy", url, stdin=b"Words.", env=trusting | variables)

        assert (result.status, result.stdout, result.stderr) == (0, b"Words.", "")
        assert [request.splitlines()[0] for request in proxy.requests] == [f"CONNECT {HOST}:443 HTTP/1.1"]
        assert authorization("me", "p@ss") in proxy.requests[0]
        assert KEY.encode() not in proxy.sent
        assert b"Words." not in proxy.sent
        assert b"X-API" not in proxy.sent
        assert other.accepted == 0


def test_https_proxy(
    say: Say, secure: FakeService, authority: Authority, trusting: dict[str, str | None]
) -> None:
    """A proxy that is reached over TLS is verified too."""
    with HttpProxy(secure.port, tls=authority.vouch("IP:127.0.0.1")) as proxy:
        assert say("--proxy", proxy.url, stdin=b"Words.", env=trusting).stdout == b"Words."

        result = say("--proxy", proxy.url, stdin=b"Words.", env=trusting | {"SSL_CERT_FILE": None})

        assert is_one_line(result, 5)
        assert "certificate" in result.lines[0]
        assert len(proxy.requests) == 1


def test_plain_service_through_a_proxy(say: Say, service: FakeService) -> None:
    """A ws:// service is tunnelled too, so the CONNECT request never has the key.

    The proxy of the environment is used; a variable for the scheme precedes ALL_PROXY.
    """
    with HttpProxy(service.port) as proxy, HttpProxy(service.port) as other:
        variables = {"HTTPS_PROXY": proxy.url, "all_proxy": other.url, "NO_PROXY": "elsewhere.example"}
        result = say("--insecure-http", "--base-url", f"http://{HOST}", stdin=b"Words.", env=variables)

        assert (result.status, result.stdout) == (0, b"Words.")
        assert (proxy.accepted, other.accepted) == (1, 0)
        assert KEY not in "".join(proxy.requests)


def test_a_proxy_that_listens_in(say: Say, authority: Authority, trusting: dict[str, str | None]) -> None:
    """A proxy that poses as the service is detected before the key is sent."""
    with FakeService(tls=authority.vouch("DNS:proxy.example")) as impostor, HttpProxy(impostor.port) as proxy:
        result = say("--proxy", proxy.url, stdin=b"Words.", env=trusting)

        assert is_one_line(result, 5)
        assert "certificate" in result.lines[0]
        assert impostor.handshakes == []
        assert proxy.accepted == 1


def test_no_proxy(say: Say, service: FakeService) -> None:
    """A host in NO_PROXY is reached directly."""
    with HttpProxy(service.port) as proxy:
        variables = {"ALL_PROXY": proxy.url, "NO_PROXY": "elsewhere.example, 127.0.0.1"}

        assert say(stdin=b"W.", env=variables).status == 0
        assert proxy.accepted == 0


TUNNEL_TO_NOTHING = b"HTTP/1.1 200 OK\r\n\r\n"
# It repeats the password s3cret, in any spelling.
REFUSAL = b"HTTP/1.1 407 Who is s3cret, s3c%72et, S3CRET, bWU6czNjcmV0?\r\n\r\n"
HIDDEN = "407 Who is [password], [password], [password], [password]?"


def test_refusals(say: Say, trusting: dict[str, str | None]) -> None:
    """A refusal by the proxy is exit 5, naming proxy and status; the password is in no message.

    Only a temporary one is retried, and a tunnel that ends at once. Invalid answers are tested in
    tests/io/test_proxy_tunnel.py.
    """
    with HttpProxy(answer=502, later=[TUNNEL_TO_NOTHING, REFUSAL]) as proxy:
        url = proxy.url.replace("//", "//me:s3cret@")
        result = say("--proxy", url, stdin=b"Words.", env=trusting)

        assert is_one_line(result, 5)
        assert HOST in result.lines[0]
        assert "proxy" in result.lines[0]
        assert HIDDEN in result.lines[0]
        assert "LMNT_API_KEY" not in result.stderr
        assert proxy.accepted == 3
        assert KEY.encode() not in proxy.sent


@pytest.fixture
def dead_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_dead_proxy(say: Say, trusting: dict[str, str | None], dead_port: int) -> None:
    """A proxy that is not there is exit 5, in a line that blames the proxy.

    The password in its URL is in no message. Other failures are in tests/io/test_connect_errors.py.
    """
    url = f"https://me:s3cret@127.0.0.1:{dead_port}"

    result = say("--retry", "0", stdin=b"W.", env=trusting | {"https_proxy": url})

    assert is_one_line(result, 5)
    assert "proxy" in result.lines[0]
    assert "s3cret" not in result.stderr


def test_hanging_proxy(say: Say, trusting: dict[str, str | None]) -> None:
    """A proxy that never answers is abandoned after the connect limit."""
    with HttpProxy(answer=None) as proxy:
        args = ("--retry", "0", "--connect-timeout", "0.5", "--proxy", proxy.url)

        result = say(*args, stdin=b"Words.", env=trusting, limit=5)

        assert is_one_line(result, 5)
        assert proxy.accepted == 1


def test_refused_list(say: Say, trusting: dict[str, str | None]) -> None:
    """The password is in no message of a listing either."""
    with HttpProxy(answer=REFUSAL) as proxy:
        url = proxy.url.replace("//", "//me:s3cret@")

        result = say("--list-voices", "--proxy", url, env=trusting)

        assert is_one_line(result, 5)
        assert HIDDEN in result.stderr


def test_no_proxy_url(say: Say, trusting: dict[str, str | None]) -> None:
    """A variable with an invalid proxy URL is one line, without its password; no file is left."""
    url = "http://me:s3cret@127.0.0.1:1/path?x=1"

    files = ("-o", "story.mp3", "--subtitles", "story.srt")
    result = say("--retry", "0", *files, stdin=b"W.", env=trusting | {"https_proxy": url})

    assert is_one_line(result, 2)
    assert "proxy" in result.lines[0].lower()
    assert "s3cret" not in result.stderr
    assert list(say.directory.glob("story*")) == []


@pytest.fixture
def socks(needs: Callable[[str], str]) -> None:
    """Require the [socks] extra: skip without it, or fail in CI."""
    if importlib.util.find_spec("python_socks") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("python-socks is not installed")
        pytest.skip("python-socks is not installed")


def test_socks_proxy(say: Say, secure: FakeService, trusting: dict[str, str | None], socks: None) -> None:
    """Only TLS goes through a SOCKS5 proxy, which may be named by a variable; it resolves the name."""
    with SocksProxy(secure.port) as proxy:
        result = say(stdin=b"Words.", env=trusting | {"ALL_PROXY": proxy.url("socks5h")})

        assert (result.status, result.stdout, result.stderr) == (0, b"Words.", "")
        assert proxy.requests == [(HOST, 443)]
        assert KEY.encode() not in proxy.sent
        assert b"Words." not in proxy.sent


def test_socks_login(say: Say, service: FakeService, socks: None) -> None:
    """User and password of the URL are sent; a wrong one is exit 5, reported once, without it.

    With socks5 the name is resolved here.
    """
    with SocksProxy(service.port, login=("me", "s3cret")) as proxy:
        assert say("--proxy", proxy.url(user="me:s3cret@"), stdin=b"Words.").stdout == b"Words."
        assert proxy.requests == [("127.0.0.1", service.port)]

        result = say("--retry", "0", "--proxy", proxy.url(user="me:wr0ng@"), stdin=b"Words.")

        assert is_one_line(result, 5)
        assert "proxy" in result.lines[0]
        assert "wr0ng" not in result.stderr


WITHOUT_SOCKS = "import sys; sys.modules['python_socks'] = None; from lmnt_cli.__main__ import main; main()"


def test_socks_without_the_extra(say: Say, service: FakeService) -> None:
    """Without the [socks] extra a SOCKS proxy is exit 2, in a line that says what to install."""
    # `-c PROGRAM -m lmnt_cli ARGUMENTS`: the first two arguments after the program are too many.
    skipping = WITHOUT_SOCKS.replace("main()", "del sys.argv[1:4]; main()")
    variables = {"https_proxy": "socks5://127.0.0.1:1"}

    result = say(stdin=b"Words.", env=variables, under=(sys.executable, "-c", skipping))

    assert is_one_line(result, 2)
    assert "lmnt-say[socks]" in result.stderr
    assert service.handshakes == []


def test_local_goes_through_no_proxy(say: Say) -> None:
    """--local never uses a proxy, whatever the variables, and never gets the real key."""
    for module in ("hibari", "av", "h11"):
        if importlib.util.find_spec(module) is None:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{module} is not installed")
            pytest.skip(f"{module} is not installed")
    with HttpProxy() as proxy:
        names = ("http_proxy", "https_proxy", "ws_proxy", "wss_proxy", "all_proxy", "socks_proxy")

        result = say("--local", stdin=b"Words.", env=dict.fromkeys(names, proxy.url), limit=30)

        assert (result.status, result.stderr, proxy.accepted) == (0, "", 0)
        assert len(result.stdout) > 1000
