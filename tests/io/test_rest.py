"""The REST API: requests, tolerated answers and refused ones (contract, 2 and 7; protocol.md, 12)."""

from __future__ import annotations

import importlib.util
import socket
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

import pytest

from lmnt_cli.endpoint import Endpoint
from lmnt_cli.errors import ConnectError, ExitCode, RemoteProtocolError, SayError
from lmnt_cli.io.rest import fetch_account, list_voices, similar
from tests.doubles.fake_rules import KEY
from tests.doubles.listener import Listener
from tests.doubles.proxies import HttpProxy, SocksProxy
from tests.doubles.rest_service import ACCOUNT, VOICES, RestService
from tests.tools.each import each


TIMEOUT = 5.0


def endpoint(rest: RestService, base: str | None = None, proxy: str | None = None) -> Endpoint:
    """The endpoint of this service, or of one at `base`."""
    return Endpoint(base or rest.url, KEY, proxy)


def refusal(
    rest: RestService, base: str | None = None, proxy: str | None = None, timeout: float = TIMEOUT
) -> SayError:
    with pytest.raises(SayError) as raised:
        list_voices(endpoint(rest, base, proxy), timeout)
    assert KEY not in raised.value.message
    return raised.value


def test_voices(rest: RestService) -> None:
    """The list is returned as sent; it is requested with the key and the API version."""
    assert list_voices(endpoint(rest), TIMEOUT) == VOICES
    (asked,) = rest.asked
    assert asked.path == "/v1/ai/voice/list"
    assert (asked.headers["X-API-Key"], asked.headers["lmnt-version"]) == (KEY, "1.2")


def test_account(rest: RestService) -> None:
    """The account is returned as sent, except for its keys: a key is never shown."""
    assert fetch_account(endpoint(rest), TIMEOUT) == {"plan": ACCOUNT["plan"], "usage": ACCOUNT["usage"]}


def test_keys_of_the_account(rest: RestService) -> None:
    """Other keys of the account are removed too, at any depth."""
    keys: dict[str, Any] = {
        name: [{"key": "abc"}] for name in ("apikeys", "ApiKeys", "api_key", "X-API-Key", "api-keys")
    }
    rest.says("/v1/account", {"user": {"name": "Zoë", **keys}, "list": [keys], **keys})

    assert fetch_account(endpoint(rest), TIMEOUT) == {"user": {"name": "Zoë"}, "list": [{}]}


def test_base_path_and_query(rest: RestService) -> None:
    """The path before the session's route is kept, and so is its query."""
    rest.says("/eu/v1/ai/voice/list", [])

    assert list_voices(endpoint(rest, f"{rest.url}/eu?region=1"), TIMEOUT) == []
    assert rest.asked[0].path == "/eu/v1/ai/voice/list?region=1"


def test_user_and_password(rest: RestService, monkeypatch: pytest.MonkeyPatch) -> None:
    """User and password in the URL are sent, decoded; only the host is resolved."""
    asked: list[object] = []
    resolve = socket.getaddrinfo

    def note(host: object, *more: Any, **options: Any) -> object:  # Any: passed on as it is
        asked.append(host.decode() if isinstance(host, bytes) else host)
        return resolve(host, *more, **options)  # type: ignore[arg-type]  # passed on as it is

    monkeypatch.setattr(socket, "getaddrinfo", note)
    list_voices(endpoint(rest, rest.url.replace("//", "//me:p%40ss:word@")), TIMEOUT)

    assert set(asked) == {"127.0.0.1"}
    assert rest.asked[0].headers["Authorization"] == f"Basic {b64encode(b'me:p@ss:word').decode()}"


@pytest.mark.parametrize(
    ("status", "content", "code", "words"),
    [
        (
            401,
            {
                "type": "error",
                "error": {"type": "authentication_error", "message": "Bad key."},
                "request_id": "r1",
            },
            ExitCode.AUTHENTICATION,
            "Bad key.",
        ),
        (403, {"error": "Forbidden"}, ExitCode.AUTHENTICATION, "Forbidden"),
        (402, {}, ExitCode.QUOTA, "status 402"),
        (429, b"<html>slow down</html>", ExitCode.QUOTA, "status 429"),
        (404, {"detail": "Not Found"}, ExitCode.REFUSED, "status 404"),
        (500, b"", ExitCode.CONNECT, "status 500"),
        (503, [], ExitCode.CONNECT, "status 503"),
        (400, b"[" * 100_000 + b"]" * 100_000, ExitCode.REFUSED, "status 400"),
        (400, ["no"], ExitCode.REFUSED, "status 400"),
        (400, {"error": ["no"], "request_id": {}}, ExitCode.REFUSED, "status 400"),
    ],
)
def test_refused(rest: RestService, status: int, content: object, code: ExitCode, words: str) -> None:
    """A refusal is reported with the service's message, or with its status."""
    rest.says("/v1/ai/voice/list", content, status, request_id="r1")
    error = refusal(rest)

    assert isinstance(error, ConnectError)
    assert (error.code, error.request_id) == (code, "r1")
    assert words in error.message


def test_redirects_are_not_followed(rest: RestService) -> None:
    """The key is sent to the given host only."""
    with RestService() as stranger:
        rest.says("/v1/ai/voice/list", b"", 302, location=f"{stranger.url}/v1/ai/voice/list")

        assert "302" in refusal(rest).message
        assert stranger.asked == []


@pytest.mark.parametrize("content", [b"<html>", b"", {"voices": []}, [1, 2], b"[" * 100_000, b"\xff"])
def test_nonsense(rest: RestService, content: object) -> None:
    """An answer that is not a list of voices is refused as such."""
    rest.says("/v1/ai/voice/list", content)

    assert isinstance(refusal(rest), RemoteProtocolError)


def test_no_account(rest: RestService) -> None:
    """An answer that is not an account is refused too."""
    rest.says("/v1/account", [])
    with pytest.raises(RemoteProtocolError):
        fetch_account(endpoint(rest), TIMEOUT)


def test_nobody_there(rest: RestService, silent_port: socket.socket) -> None:
    """A service that cannot be reached, or does not answer, is named."""
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()

    assert "connection refused" in refusal(rest, f"http://127.0.0.1:{port}").message
    port = silent_port.getsockname()[1]
    error = refusal(rest, f"http://127.0.0.1:{port}", timeout=0.2)
    assert "no answer within 0.2 s" in error.message
    assert error.code is ExitCode.CONNECT


def test_through_a_proxy(rest: RestService) -> None:
    """The answer is the same through an http or a SOCKS proxy."""
    port = urlsplit(rest.url).port or 0
    with HttpProxy(port) as proxy:
        through = endpoint(rest, f"http://127.0.0.1:{port}", proxy=proxy.url)
        assert list_voices(through, TIMEOUT) == VOICES
        assert len(proxy.requests) == 1
    if importlib.util.find_spec("python_socks") is not None:
        with SocksProxy(port) as socks:
            through = endpoint(rest, f"http://127.0.0.1:{port}", proxy=socks.url())
            assert list_voices(through, TIMEOUT) == VOICES
            assert socks.requests == [("127.0.0.1", port)]


def test_an_answer_that_drips() -> None:
    """The limit applies to the whole answer, however steadily bytes arrive."""

    class Dripping(Listener):
        def serve(self, connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not self.ending.wait(0.02):
                connection.sendall(b" ")

    with Dripping() as service, pytest.raises(ConnectError, match=r"no answer within 0\.3 s"):
        list_voices(Endpoint(f"http://127.0.0.1:{service.port}", KEY), 0.3)


@each(
    ("name", "expected"),
    [
        ("Lilly", ["lily"]),
        ("LILY", ["lily"]),
        ("morgen", ["morgan"]),
        ("me myself", ["3f2a"]),
        ("xyzzy", []),
        ("", []),
    ],
)
def test_similar(name: str, expected: list[str]) -> None:
    """A voice is found by an id or a name that is spelled similarly, in any case."""
    assert similar(name, VOICES) == expected


def test_similar_to_odd_voices() -> None:
    """A voice without a name or an id does no harm."""
    assert similar("lily", [{}, {"id": None, "name": "Lily"}, {"id": "lil"}]) == ["lil"]


def test_an_answer_without_end(rest: RestService) -> None:
    """An answer longer than any list is not read to its end."""
    rest.says("/v1/ai/voice/list", b"[" + b"{}," * 2_000_000 + b"{}]")

    assert "longer than" in refusal(rest).message


def test_an_answer_that_is_cut_off(rest: RestService) -> None:
    """A list that is cut off is refused, even if it happens to be valid JSON."""
    rest.says("/v1/ai/voice/list", b"[]", content_length="100")

    assert "in the middle" in refusal(rest).message


@pytest.mark.parametrize("length", ["-5", "x"])
def test_a_length_that_is_none(rest: RestService, length: str) -> None:
    """An invalid length is no length, and what follows is no list."""
    rest.says("/v1/ai/voice/list", b"x" * 1000, content_length=length)

    assert isinstance(refusal(rest), RemoteProtocolError)


@each(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.7\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["nothing", "another protocol", "headers without end", "chunks that are none"],
)
def test_no_answer(answer: bytes) -> None:
    """An answer that is not HTTP is refused in one short message, though the connection stays open."""

    class Answers(Listener):
        def serve(self, connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(answer)
            if answer:
                self.ending.wait()

    with Answers() as service, pytest.raises(ConnectError) as raised:
        list_voices(Endpoint(f"http://127.0.0.1:{service.port}", KEY), TIMEOUT)

    assert len(raised.value.message) < 200


def test_a_page_is_not_a_list(rest: RestService) -> None:
    """A web page with status 200 is reported as a login page, with host and port."""
    rest.says("/v1/ai/voice/list", b"<!DOCTYPE html><html>Accept our terms</html>")

    error = refusal(rest)

    assert error.code is ExitCode.REFUSED
    assert rest.url.removeprefix("http://") in error.message
    assert "login page" in str(error.hint)


def test_another_protocol() -> None:
    """An answer that is not HTTP is reported as such, and not quoted."""

    class Shell(Listener):
        def serve(self, connection: socket.socket) -> None:
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            connection.recv(1 << 16)

    with Shell() as service, pytest.raises(ConnectError, match="does not speak HTTP"):
        list_voices(Endpoint(f"http://127.0.0.1:{service.port}", KEY), 5)
