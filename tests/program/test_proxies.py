"""Real proxies: which one is used, what it learns, and what its refusals mean (contract, 2, 5 and 7)."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import FakeService
from tests.doubles.proxies import HttpProxy, SocksProxy, authorization
from tests.tools.certificates import Authority
from tests.tools.program import Result, Say


HOST = "speech.example"


@pytest.fixture
def authority(needs: Callable[[str], str], tmp_path: Path) -> Authority:
    """A certificate authority that is trusted only where it is configured."""
    return Authority(needs("openssl"), tmp_path / "authority")


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
    """An HTTP proxy opens a tunnel: it learns the host name, and nothing of the key or the text."""
    with HttpProxy(secure.port) as proxy:
        result = say("--proxy", proxy.url, stdin=b"Words.", env=trusting)

        assert (result.status, result.stdout, result.stderr) == (0, b"Words.", "")
        assert [request.splitlines()[0] for request in proxy.requests] == [f"CONNECT {HOST}:443 HTTP/1.1"]
        assert KEY.encode() not in proxy.sent
        assert b"Words." not in proxy.sent
        assert b"X-API" not in proxy.sent


def test_https_proxy(
    say: Say, secure: FakeService, authority: Authority, trusting: dict[str, str | None]
) -> None:
    """A proxy that is reached over TLS is verified too."""
    with HttpProxy(secure.port, tls=authority.vouch("IP:127.0.0.1")) as proxy:
        assert say("--proxy", proxy.url, stdin=b"Words.", env=trusting).stdout == b"Words."

        result = say("--proxy", proxy.url, stdin=b"Words.", env=trusting | {"SSL_CERT_FILE": None})

        assert is_one_line(result, 5)
        assert "certificate" in result.stderr
        assert len(proxy.requests) == 1


def test_plain_service_through_a_proxy(say: Say, service: FakeService) -> None:
    """A ws:// service is tunnelled too, so the CONNECT request never has the key."""
    with HttpProxy(service.port) as proxy:
        result = say("--insecure-http", "--proxy", proxy.url, "--base-url", f"http://{HOST}", stdin=b"Words.")

        assert (result.status, result.stdout) == (0, b"Words.")
        assert KEY not in "".join(proxy.requests)


@pytest.mark.parametrize("signed", ["for another", "by itself"])
def test_a_proxy_that_listens_in(
    say: Say, authority: Authority, trusting: dict[str, str | None], signed: str
) -> None:
    """A proxy that poses as the service is detected before the key is sent."""
    tls = (
        authority.vouch("DNS:proxy.example") if signed == "for another" else authority.stranger(f"DNS:{HOST}")
    )
    with FakeService(tls=tls) as impostor, HttpProxy(impostor.port) as proxy:
        result = say("--proxy", proxy.url, stdin=b"Words.", env=trusting)

        assert is_one_line(result, 5)
        assert "certificate" in result.stderr
        assert impostor.handshakes == []
        assert proxy.accepted == 1


def test_user_and_password(say: Say, secure: FakeService, trusting: dict[str, str | None]) -> None:
    """User and password in the proxy URL are sent to the proxy, decoded."""
    with HttpProxy(secure.port) as proxy:
        url = proxy.url.replace("//", "//me:p%40ss@")

        assert say("--proxy", url, stdin=b"Words.", env=trusting).status == 0

        assert authorization("me", "p@ss") in proxy.requests[0]


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY", "wss_proxy"])
def test_variables(say: Say, secure: FakeService, trusting: dict[str, str | None], variable: str) -> None:
    """The proxy of the environment is used, including ALL_PROXY."""
    with HttpProxy(secure.port) as proxy:
        result = say(stdin=b"Words.", env=trusting | {variable: proxy.url})

        assert (result.status, result.stdout, proxy.accepted) == (0, b"Words.", 1)


@pytest.mark.parametrize(
    ("variable", "exempt"),
    [("https_proxy", "127.0.0.1"), ("ALL_PROXY", "*"), ("ALL_PROXY", "elsewhere.example, 127.0.0.1")],
)
def test_no_proxy(say: Say, service: FakeService, variable: str, exempt: str) -> None:
    """A host in NO_PROXY is reached directly, whichever variable names the proxy."""
    with HttpProxy(service.port) as proxy:
        assert say(stdin=b"W.", env={variable: proxy.url, "NO_PROXY": exempt}).status == 0
        assert proxy.accepted == 0

        assert say(stdin=b"W.", env={variable: proxy.url, "NO_PROXY": "elsewhere.example"}).status == 0
        assert proxy.accepted == 1


@pytest.mark.parametrize("exempt", [HOST, ".example"])
def test_no_proxy_by_name(say: Say, trusting: dict[str, str | None], exempt: str) -> None:
    """NO_PROXY names a host, or a domain with or without its dot: then the proxy is not used."""
    with HttpProxy(1) as proxy:
        env = trusting | {"ALL_PROXY": proxy.url, "no_proxy": exempt}

        assert say("--retry", "0", stdin=b"W.", env=env).status == 5  # the host does not exist
        assert proxy.accepted == 0


def test_option_before_variables(say: Say, service: FakeService) -> None:
    """--proxy overrides every variable, including NO_PROXY."""
    with HttpProxy(service.port) as proxy, HttpProxy(service.port) as other:
        env = {"https_proxy": other.url, "all_proxy": other.url, "no_proxy": "*"}

        assert say("--proxy", proxy.url, stdin=b"W.", env=env).status == 0
        assert (proxy.accepted, other.accepted) == (1, 0)


def test_variable_of_the_scheme_before_all_proxy(say: Say, service: FakeService) -> None:
    """ALL_PROXY is used only if no other variable names a proxy."""
    with HttpProxy(service.port) as proxy, HttpProxy(service.port) as other:
        assert say(stdin=b"W.", env={"https_proxy": proxy.url, "all_proxy": other.url}).status == 0
        assert (proxy.accepted, other.accepted) == (1, 0)


@pytest.mark.parametrize(("status", "args"), [(403, ()), (407, ()), (502, ("--retry", "0"))], ids=str)
def test_refusals(say: Say, trusting: dict[str, str | None], status: int, args: tuple[str, ...]) -> None:
    """A refusal by the proxy is exit 5, naming proxy and status; a permanent one is not retried."""
    with HttpProxy(answer=status) as proxy:
        result = say(*args, "--proxy", proxy.url, stdin=b"Words.", env=trusting)

        assert is_one_line(result, 5)
        assert HOST in result.stderr
        assert "proxy" in result.stderr
        assert str(status) in result.stderr
        assert "LMNT_API_KEY" not in result.stderr
        assert proxy.accepted == 1
        assert KEY.encode() not in proxy.sent


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-OpenSSH_9.7\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000],
    ids=["the end", "another protocol", "an endless header"],
)
def test_nonsense(say: Say, trusting: dict[str, str | None], answer: bytes) -> None:
    """A proxy with an invalid answer is exit 5, in a line of limited length that mentions the proxy."""
    with HttpProxy(answer=answer) as proxy:
        result = say("--retry", "0", "--proxy", proxy.url, stdin=b"Words.", env=trusting)

        assert is_one_line(result, 5)
        assert "proxy" in result.stderr
        assert len(result.stderr) < 1000


def test_tunnel_to_nothing(say: Say, trusting: dict[str, str | None]) -> None:
    """A tunnel that ends at once is exit 5."""
    with HttpProxy(answer=b"HTTP/1.1 200 OK\r\n\r\n") as proxy:
        result = say("--retry", "0", "--proxy", proxy.url, stdin=b"Words.", env=trusting)

        assert is_one_line(result, 5)


@pytest.fixture
def dead_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
def test_dead_proxy(say: Say, trusting: dict[str, str | None], dead_port: int, scheme: str) -> None:
    """A proxy that does not exist is exit 5, and the line blames the proxy, not the service."""
    result = say("--retry", "0", "--proxy", f"{scheme}://127.0.0.1:{dead_port}", stdin=b"W.", env=trusting)

    assert is_one_line(result, 5)
    assert "proxy" in result.stderr


def test_unknown_proxy(say: Say, trusting: dict[str, str | None]) -> None:
    """A proxy whose name cannot be resolved is exit 5, and the line mentions the proxy."""
    result = say("--retry", "0", "--proxy", "http://nobody.invalid:3128", stdin=b"W.", env=trusting)

    assert is_one_line(result, 5)
    assert "proxy" in result.stderr


def test_hanging_proxy(say: Say, trusting: dict[str, str | None]) -> None:
    """A proxy that never answers is abandoned after the connect limit."""
    with HttpProxy(answer=None) as proxy:
        args = ("--retry", "0", "--connect-timeout", "0.5", "--proxy", proxy.url)

        result = say(*args, stdin=b"Words.", env=trusting, limit=5)

        assert is_one_line(result, 5)
        assert proxy.accepted == 1


@pytest.mark.parametrize("path", ["", "/path?x=1"])
@pytest.mark.parametrize("given", ["--proxy", "https_proxy"])
def test_passwords_are_not_told(
    say: Say, trusting: dict[str, str | None], dead_port: int, given: str, path: str
) -> None:
    """The password in a proxy URL is in no message, whatever is wrong with the URL or the proxy."""
    url = f"http://me:s3cret@127.0.0.1:{dead_port}{path}"
    arguments, variables = (("--proxy", url), {}) if given == "--proxy" else ((), {given: url})

    result = say("--retry", "0", *arguments, stdin=b"W.", env=trusting | variables)

    assert result.status in (2, 5)
    assert 1 <= len(result.lines) <= 2
    assert "s3cret" not in result.stderr


@pytest.mark.parametrize("args", [(), ("--list-voices",)], ids=["a session", "a list"])
@pytest.mark.parametrize("echoed", ["s3cret", "s3c%72et", "S3CRET", "bWU6czNjcmV0"])
def test_passwords_are_not_echoed(
    say: Say, trusting: dict[str, str | None], args: tuple[str, ...], echoed: str
) -> None:
    """The password is in no message if the proxy repeats it in its refusal, in any spelling."""
    with HttpProxy(answer=f"HTTP/1.1 407 Who is {echoed}?\r\n\r\n".encode()) as proxy:
        url = proxy.url.replace("//", "//me:s3cret@")

        result = say("--retry", "0", *args, "--proxy", url, env=trusting, stdin=b"Words.")

        assert is_one_line(result, 5)
        assert "407 Who is [password]?" in result.stderr


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("--proxy", "ftp://127.0.0.1:1"),
        ("ALL_PROXY", "http://127.0.0.1:x"),
        ("https_proxy", "ftp://127.0.0.1:1"),
        ("https_proxy", "http://"),
        ("https_proxy", "http://127.0.0.1:x"),
    ],
)
def test_no_proxy_url(say: Say, trusting: dict[str, str | None], given: str, url: str) -> None:
    """An invalid proxy URL is one line that says so; as an option it is exit 2, and never a bug."""
    arguments, variables = (("--proxy", url), {}) if given == "--proxy" else ((), {given: url})

    result = say("--retry", "0", *arguments, stdin=b"W.", env=trusting | variables)

    assert is_one_line(result, 2) or (given != "--proxy" and is_one_line(result, 5))
    assert "proxy" in result.stderr.lower()


@pytest.fixture
def socks(needs: Callable[[str], str]) -> None:
    """Require the [socks] extra: skip without it, or fail in CI."""
    if importlib.util.find_spec("python_socks") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("python-socks is not installed")
        pytest.skip("python-socks is not installed")


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_socks_proxy(
    say: Say, secure: FakeService, trusting: dict[str, str | None], socks: None, scheme: str
) -> None:
    """Only TLS goes through a SOCKS5 proxy; with socks5h the proxy resolves the name."""
    host = HOST if scheme == "socks5h" else "127.0.0.1"
    with SocksProxy(secure.port) as proxy:
        env = trusting | {"LMNT_BASE_URL": f"https://{host}"}

        result = say("--proxy", proxy.url(scheme), stdin=b"Words.", env=env)

        assert (result.status, result.stdout, result.stderr) == (0, b"Words.", "")
        assert proxy.requests == [(host, 443)]
        assert KEY.encode() not in proxy.sent
        assert b"Words." not in proxy.sent


@pytest.mark.parametrize("variable", ["ALL_PROXY", "socks_proxy"])
def test_socks_in_the_variables(say: Say, service: FakeService, socks: None, variable: str) -> None:
    """The variables may name a SOCKS proxy."""
    with SocksProxy(service.port) as proxy:
        assert say(stdin=b"Words.", env={variable: proxy.url("socks5h")}).stdout == b"Words."
        assert proxy.accepted == 1


def test_socks_login(say: Say, service: FakeService, socks: None) -> None:
    """User and password of the URL are sent; a wrong one is exit 5, reported once, without it."""
    with SocksProxy(service.port, login=("me", "s3cret")) as proxy:
        assert say("--proxy", proxy.url(user="me:s3cret@"), stdin=b"Words.").status == 0

        result = say("--retry", "0", "--proxy", proxy.url(user="me:wr0ng@"), stdin=b"Words.")

        assert is_one_line(result, 5)
        assert "proxy" in result.stderr
        assert "wr0ng" not in result.stderr


@pytest.mark.parametrize("reply", [2, 5, 77])
def test_socks_refusals(say: Say, service: FakeService, socks: None, reply: int) -> None:
    """A SOCKS proxy that refuses is exit 5, in a line with proxy and reason."""
    with SocksProxy(service.port, reply=reply) as proxy:
        result = say("--retry", "0", "--proxy", proxy.url(), stdin=b"Words.")

        assert is_one_line(result, 5)
        assert "proxy" in result.stderr
        assert KEY.encode() not in proxy.sent


def test_hanging_socks_proxy(say: Say, service: FakeService, socks: None) -> None:
    """A SOCKS proxy that never answers is abandoned after the connect limit."""
    with SocksProxy(service.port, reply=None) as proxy:
        result = say("--retry", "0", "--connect-timeout", "0.5", "--proxy", proxy.url(), stdin=b"W.", limit=5)

        assert is_one_line(result, 5)


WITHOUT_SOCKS = "import sys; sys.modules['python_socks'] = None; from lmnt_cli.__main__ import main; main()"


@pytest.mark.parametrize("given", ["--proxy", "https_proxy"])
def test_socks_without_the_extra(say: Say, service: FakeService, given: str) -> None:
    """Without the [socks] extra a SOCKS proxy is exit 2, in a line that says what to install."""
    url = "socks5://127.0.0.1:1"
    arguments, variables = (("--proxy", url), {}) if given == "--proxy" else ((), {given: url})
    # `-c PROGRAM -m lmnt_cli ARGUMENTS`: the first two arguments after the program are too many.
    skipping = WITHOUT_SOCKS.replace("main()", "del sys.argv[1:4]; main()")

    result = say(*arguments, stdin=b"Words.", env=variables, under=(sys.executable, "-c", skipping))

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
