"""A failed attempt to connect is reported with what failed, and why (contract, 7)."""

from __future__ import annotations

import errno
import json
import os
import socket
import ssl
from pathlib import Path

import pytest

from lmnt_cli.errors import ConnectError, ExitCode, UsageError
from lmnt_cli.io.connect_errors import (
    Answer,
    AnswerRefused,
    NotLoopback,
    ProxyRefused,
    refused,
    translate,
    words,
)
from lmnt_cli.io.route import Route, route_to
from tests.tools.each import each


DIRECT = route_to("https://a.b")
PROXIED = route_to("https://a.b:444", proxy="http://user:s3cr3t@middle:3128")


def told(error: Exception, route: Route = DIRECT, *, at_proxy: bool = False) -> ConnectError:
    """Return the error as reported to the user."""
    found = translate(error, route, at_proxy=at_proxy, limit=10)
    assert isinstance(found, ConnectError)
    return found


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@each("number", [errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT])
def test_the_systems_word(number: int) -> None:
    """The system's message follows host and port; a retry may succeed, and --local is suggested."""
    error = told(system(number))

    assert error.message.startswith("could not connect to a.b:443: ")
    assert error.message.lower().endswith(os.strerror(number).lower())
    assert (error.code, error.transient) == (ExitCode.CONNECT, True)
    assert "--local" in str(error.hint)


def test_the_embedded_service() -> None:
    """For the embedded service, --local is not suggested."""
    assert told(system(errno.ECONNREFUSED), route_to("http://127.0.0.1:9", local=True)).hint is None


def test_no_answer() -> None:
    """A time limit that is exceeded is named."""
    error = told(TimeoutError())

    assert error.message == "could not connect to a.b:443: no answer within 10 s"
    assert "--local" in str(error.hint)


def test_reset_during_tls() -> None:
    """A peer that disconnects during TLS is a connection reset."""
    assert "reset" in told(ConnectionResetError()).message


@each(("number", "transient"), [(socket.EAI_AGAIN, True), (socket.EAI_NONAME, False)])
def test_names(number: int, transient: bool) -> None:
    """A failure of the resolver may be temporary; an unknown name is permanent."""
    error = told(socket.gaierror(number, "Name or service not known"))

    assert error.transient is transient
    assert error.message == "could not connect to a.b:443: name or service not known"


def certificate_error() -> ssl.SSLCertVerificationError:
    failure = ssl.SSLCertVerificationError(1, "certificate verify failed")
    failure.verify_message = "self-signed certificate"
    return failure


def test_certificate() -> None:
    """A connection with an invalid certificate is not retried."""
    error = told(certificate_error())

    assert "certificate" in error.message
    assert "self-signed" in error.message
    assert not error.transient
    assert error.hint is None


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """A variable that names unreadable certificates is reported."""
    monkeypatch.setenv(name, str(tmp_path / "none"))

    assert f"{name} is {tmp_path / 'none'}, which cannot be read" == told(certificate_error()).hint


@pytest.mark.parametrize("kind", ["text", "directory"])
def test_certificates_that_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    """A file without certificates, which OpenSSL ignores, is reported too."""
    path = tmp_path if kind == "directory" else tmp_path / "text"
    if kind == "text":
        path.write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))

    assert told(certificate_error()).hint == f"SSL_CERT_FILE is {path}, which contains no certificates"


def test_tls() -> None:
    """Any other TLS error is reported with its reason."""
    failure = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1)")
    failure.reason = "WRONG_VERSION_NUMBER"
    error = told(failure)

    assert "TLS" in error.message
    assert "wrong version number" in error.message
    assert "_ssl.c" not in error.message


PAGE = b"<!DOCTYPE html>\n<html><body>Blocked by policy</body></html>"


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, "Because", {name.replace("_", "-"): value for name, value in headers.items()}, body)


@each(
    ("status", "body", "code", "transient"),
    [
        (401, b"", ExitCode.AUTHENTICATION, False),
        (403, b"", ExitCode.AUTHENTICATION, False),
        (403, b'{"error": "Forbidden"}', ExitCode.AUTHENTICATION, False),
        (403, PAGE, ExitCode.REFUSED, False),
        (402, b"", ExitCode.QUOTA, False),
        (429, PAGE, ExitCode.QUOTA, True),
        (400, b"", ExitCode.REFUSED, False),
        (404, PAGE, ExitCode.REFUSED, False),
        (408, b"", ExitCode.CONNECT, True),
        (425, b"", ExitCode.CONNECT, True),
        (500, b"", ExitCode.CONNECT, True),
        (503, PAGE, ExitCode.CONNECT, True),
        (200, PAGE, ExitCode.REFUSED, False),
        (302, b"", ExitCode.REFUSED, False),
    ],
)
def test_refused_handshake(status: int, body: bytes, code: ExitCode, transient: bool) -> None:
    """A refused handshake is reported with its status; a 403 with a page is not about the key."""
    error = told(AnswerRefused(answer(status, body)))

    assert (error.status, error.code, error.transient) == (status, code, transient)
    assert error.message.startswith(f"could not connect to a.b:443: status {status} Because")
    assert ("LMNT_API_KEY" in str(error.hint)) is (code is ExitCode.AUTHENTICATION)
    assert ("firewall" in str(error.hint)) is (status == 403 and body == PAGE)
    assert ("login page" in str(error.hint)) is (status < 400)


def test_a_redirect() -> None:
    """A redirect is not followed, and reported with its target."""
    error = told(AnswerRefused(answer(302, location="https://login.example/")))

    assert error.message.endswith("status 302 Because, redirecting to https://login.example/")


@each(
    ("body", "said", "request_id"),
    [
        ({"error": {"message": "No."}, "request_id": "r2"}, ": No.", "r2"),
        ({"error": "No."}, ": No.", "r1"),
        ({"error": ["No."], "request_id": {}}, "", "r1"),
        (["No."], "", "r1"),
    ],
)
def test_what_the_service_says(body: object, said: str, request_id: str | None) -> None:
    """The message of the service and the request id are taken from the body."""
    error = refused("could not ask", answer(400, json.dumps(body).encode(), request_id="r1"))

    assert error.message == f"could not ask: status 400 Because{said}"
    assert error.request_id == request_id


@each(
    ("value", "seconds"),
    [
        *(("3", 3.0), ("0.5", 0.5), ("-5", -5.0)),
        *((nonsense, None) for nonsense in ("x", "soon", "nan", "1.2.3")),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """The delay that the service requests is kept; an invalid one is ignored."""
    assert told(AnswerRefused(answer(503, retry_after=value))).retry_after == seconds


def test_retry_after_a_date() -> None:
    """A date in the past requests no delay."""
    found = told(AnswerRefused(answer(503, retry_after="Thu, 01 Jan 1970 00:00:00 GMT"))).retry_after

    assert found is not None
    assert found < 0


@each("status", [403, 407, 502])
def test_refused_by_the_proxy(status: int) -> None:
    """A refusal by the proxy names the proxy, and is not about our key."""
    error = told(ProxyRefused(status, f"{status} No"), PROXIED, at_proxy=True)

    assert "a.b:444" in error.message
    assert f"the proxy middle:3128 refused with status {status} No" in error.message
    assert error.code is ExitCode.CONNECT
    assert "LMNT_API_KEY" not in str(error.hint)
    assert ("USER:PASSWORD" in str(error.hint)) is (status == 407)


UNKNOWN = socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@each("at_proxy", [True, False])
@each(
    "failure",
    [system(errno.ECONNREFUSED), UNKNOWN, TimeoutError(), ValueError("no HTTP"), EOFError("x")],
    ids=repr,
)
def test_through_a_proxy(failure: Exception, at_proxy: bool) -> None:
    """A proxy is named if it may be at fault; its password never is."""
    error = told(failure, PROXIED, at_proxy=at_proxy)

    assert ("middle:3128" in error.message) or not at_proxy
    assert "s3cr3t" not in f"{error.message} {error.hint}"


def test_no_websocket() -> None:
    """An answer that is not HTTP is reported as such."""
    assert "WebSocket" in told(ValueError("it does not speak HTTP")).message


def test_another_machine() -> None:
    """A host that should be this machine and is not is a usage error: the key would be sent in clear."""
    error = translate(NotLoopback("x.localhost"), DIRECT, at_proxy=False, limit=1)

    assert isinstance(error, UsageError)
    assert "x.localhost" in error.message
    assert "--insecure-http" in str(error.hint)


def test_ours_are_left_alone() -> None:
    """A SayError is returned unchanged."""
    error = UsageError("a SOCKS proxy needs an extra package")

    assert translate(error, DIRECT, at_proxy=True, limit=1) is error


@each(
    ("error", "expected"),
    [
        (system(errno.EPIPE), "broken pipe"),
        (OSError(), "the connection failed"),
        (EOFError("It ended"), "it ended"),
        (EOFError(), "EOFError"),
    ],
    ids=repr,
)
def test_words(error: Exception, expected: str) -> None:
    """The description of an error starts in lower case, and is never empty."""
    assert words(error).lower() == expected.lower()
