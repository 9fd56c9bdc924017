"""The service's URLs and validation (contract, 2: --base-url)."""

from __future__ import annotations

import pytest

from lmnt_cli.endpoint import Endpoint, check_base_url
from lmnt_cli.errors import ExitCode, UsageError
from tests.tools.each import each


@each(
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


@each(
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
    """The embedded service gets its URL when it runs, and its key is not secret."""
    found = Endpoint("", "", local=True)

    assert (found.name, found.secret) == ("the local service", None)
    assert found.located_at("http://127.0.0.1:9", "its").session_url == "ws://127.0.0.1:9/v1/ai/speech/stream"
    assert found.located_at("http://127.0.0.1:9", "its").api_key == "its"


@each(
    "url", ["api.lmnt.com", "ftp://a.b", "https://", "http://[::1", "https://a:99999", "https://a:0", "x", ""]
)
def test_no_base_url(url: str) -> None:
    """An invalid URL is refused, naming its source."""
    with pytest.raises(UsageError, match="THE_NAME") as raised:
        check_base_url(url, name="THE_NAME")

    assert raised.value.code is ExitCode.USAGE


@each(
    "url",
    [
        "https://me:s3cr3t/x@a.b",
        "https://me:[s3cr3t@a.b",
        "https://[s3cr3t]@a.b",
        "https://me:s3cr3t\u2100@a.b",
        "https://a.b:s3cr3t",
    ],
)
def test_no_password_in_a_message(url: str) -> None:
    """Nothing of a malformed URL is quoted: it may be part of a password."""
    with pytest.raises(UsageError) as raised:
        check_base_url(url)

    error = raised.value
    assert "s3cr3t" not in f"{error.message} {error.hint} {error.__cause__}"


@each(
    "url", ["http://a.b", "ws://10.0.0.1", "http://localhost.a.b", "http://127.0.0.1.a.b", "http://0.0.0.0"]
)
def test_unencrypted(url: str) -> None:
    """The key is not sent unencrypted to another machine unless that is allowed."""
    with pytest.raises(UsageError) as raised:
        check_base_url(url)

    assert "--insecure-http" in str(raised.value.hint)
    assert check_base_url(url, insecure=True).startswith("http://")
