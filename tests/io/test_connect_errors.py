"""What a failed attempt to connect is called: who failed, and how, in our words (contract, 7)."""

from __future__ import annotations

import errno
import os
import socket
import ssl

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import InvalidMessage, InvalidProxyStatus, InvalidStatus, ProxyError
from websockets.http11 import Response
from websockets.proxy import Proxy, parse_proxy

from lmnt_cli.errors import ConnectError, ExitCode, UsageError
from lmnt_cli.io.connect_errors import translate


PROXY = parse_proxy("http://user:s3cr3t@middle:3128")


def told(error: Exception, proxy: Proxy | None = None) -> ConnectError:
    """The error as the user is told it."""
    found = translate(error, "a.b", proxy)
    assert isinstance(found, ConnectError)
    return found


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    "number", [errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT]
)
def test_the_systems_word(number: int) -> None:
    """The system's word for it follows the name of the host; it may pass."""
    error = told(system(number))

    assert error.message.startswith("could not connect to a.b: ")
    assert error.message.lower().endswith(os.strerror(number).lower())
    assert (error.code, error.transient) == (ExitCode.CONNECT, True)


def test_hidden_behind_an_address() -> None:
    """asyncio's long sentences are cut down to the reason."""
    error = told(OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1), [Errno 111] …"))

    assert error.message == "could not connect to a.b: connection refused"


def test_reset_during_tls() -> None:
    """A peer that hangs up without a reason is a reset."""
    assert "reset" in told(ConnectionResetError()).message


@pytest.mark.parametrize(("number", "transient"), [(socket.EAI_AGAIN, True), (socket.EAI_NONAME, False)])
def test_names(number: int, transient: bool) -> None:
    """A resolver in trouble may recover; a name that does not exist will not."""
    error = told(socket.gaierror(number, "Name or service not known"))

    assert error.transient is transient
    assert "name or service not known" in error.message


def test_certificate() -> None:
    """A certificate that is not valid is never tried again."""
    failure = ssl.SSLCertVerificationError(1, "certificate verify failed")
    failure.verify_message = "self-signed certificate"
    error = told(failure)

    assert "certificate" in error.message
    assert "self-signed" in error.message
    assert not error.transient


def test_tls() -> None:
    """Other trouble with TLS is told by its reason."""
    failure = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1)")
    failure.reason = "WRONG_VERSION_NUMBER"
    error = told(failure)

    assert "TLS" in error.message
    assert "wrong version number" in error.message
    assert "_ssl.c" not in error.message


def response(status: int, **headers: str) -> Response:
    fields = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(status, "Because", fields, b"")


@pytest.mark.parametrize(
    ("status", "code"), [(401, ExitCode.AUTHENTICATION), (404, ExitCode.REFUSED), (503, ExitCode.CONNECT)]
)
def test_refused_handshake(status: int, code: ExitCode) -> None:
    """A refused handshake is told with its status, a refused key with where keys come from."""
    error = told(InvalidStatus(response(status)))

    assert (error.status, error.code) == (status, code)
    assert f"{status} Because" in error.message
    assert ("LMNT_API_KEY" in str(error.hint)) is (status == 401)


@pytest.mark.parametrize(("value", "seconds"), [("3", 3.0), ("x", None), ("nan", None)])
def test_retry_after(value: str, seconds: float | None) -> None:
    """What the service asks for is kept for whoever waits; rubbish is no number to wait for."""
    found = told(InvalidStatus(response(503, Retry_After=value))).retry_after

    assert found == seconds or (seconds is None and not (found or 0) > 0)


@pytest.mark.parametrize("status", [403, 407, 502])
def test_refused_by_the_proxy(status: int) -> None:
    """What the proxy refuses is the proxy's: it names it, and says nothing about our key."""
    error = told(InvalidProxyStatus(response(status)), PROXY)

    assert "proxy middle:3128" in error.message
    assert error.code is ExitCode.CONNECT
    assert "LMNT_API_KEY" not in str(error.hint)
    assert ("USER:PASSWORD" in str(error.hint)) is (status == 407)


@pytest.mark.parametrize(
    "failure", [system(errno.ECONNREFUSED), ProxyError("failed"), InvalidMessage("no HTTP"), EOFError("x")]
)
def test_through_a_proxy(failure: Exception) -> None:
    """With a proxy in between, it is named; its password never."""
    error = told(failure, PROXY)

    assert "middle:3128" in error.message
    assert "s3cr3t" not in error.message


def test_no_websocket() -> None:
    """What does not speak HTTP is told as such."""
    assert "WebSocket" in told(InvalidMessage("did not receive a valid HTTP response")).message


def test_a_missing_package() -> None:
    """A SOCKS proxy without its package is a usage error that names the extra."""
    error = translate(ImportError("python-socks"), "a.b", None)

    assert isinstance(error, UsageError)
    assert "lmnt-say[socks]" in str(error.hint)
