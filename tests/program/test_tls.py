"""Real TLS: who is trusted, who is not, and what is never sent before that is known (contract, 5, 7)."""

from __future__ import annotations

import socket
import ssl

import pytest

from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import FakeService
from tests.doubles.listener import Listener
from tests.doubles.proxies import Relay
from tests.tools.certificates import Authority
from tests.tools.program import Result, Say


HERE = "IP:127.0.0.1,DNS:localhost"


def is_refusal(result: Result, reason: str) -> bool:
    """Check for exit 5 and one line with host and reason; the next one only says what was saved."""
    first, *rest = result.lines
    named = "127.0.0.1" in first and "certificate" in first and reason in first
    return result.status == 5 and named and is_saved(rest)


def is_saved(lines: list[str]) -> bool:
    """Return whether this is the one line with the saved text of a pipe and the resume command."""
    return len(lines) == 1 and lines[0].startswith("lmnt-say: unspoken text saved; resume with: lmnt-say ")


def test_private_authority(say: Say, authority: Authority) -> None:
    """A private authority is trusted if SSL_CERT_FILE names it; nothing is in clear."""
    with FakeService(tls=authority.vouch(HERE)) as other, Relay(other.port) as line:
        url = f"https://127.0.0.1:{line.port}"

        result = say("--base-url", url, stdin=b"Words.", env={"SSL_CERT_FILE": str(authority.file)})

        assert (result.status, result.stdout, result.stderr) == (0, b"Words.", "")
        assert len(line.sent) > 500
        assert KEY.encode() not in line.sent
        assert b"Words." not in line.sent


def test_by_name(say: Say, authority: Authority) -> None:
    """The name that is resolved is the name that is verified; SSL_CERT_DIR may name the authority."""
    with FakeService(tls=authority.vouch("DNS:localhost")) as other:
        url = f"wss://localhost:{other.port}"

        result = say("--base-url", url, stdin=b"Words.", env={"SSL_CERT_DIR": str(authority.directory())})

    assert (result.status, result.stdout, result.stderr) == (0, b"Words.", "")


def test_a_certificate_for_another(say: Say, authority: Authority) -> None:
    """A certificate that is not valid is one clear line, exit 5, and is not retried."""
    tls = authority.vouch("DNS:speech.example,IP:192.0.2.1")
    with FakeService(tls=tls) as other, Relay(other.port) as line:
        url = f"https://127.0.0.1:{line.port}"

        result = say("--base-url", url, stdin=b"Words.", env={"SSL_CERT_FILE": str(authority.file)})

        assert is_refusal(result, "mismatch")
        assert line.accepted == 1
        assert other.handshakes == []
        assert KEY.encode() not in line.sent


def test_another_in_its_place_after_a_drop(say: Say, authority: Authority) -> None:
    """Every connection is verified: an impostor on the second one gets neither key nor text."""
    good, impostor = FakeService(tls=authority.vouch(HERE)), FakeService(tls=authority.stranger(HERE))
    with good, impostor, Relay(good.port) as line:
        good.does("speaks when told")
        running = say.start(
            "--base-url", f"https://127.0.0.1:{line.port}", env={"SSL_CERT_FILE": str(authority.file)}
        )
        running.type(b"Spoken.\n\n")
        good.let("audio")
        running.read(7)  # the session is open, whatever the cut discards
        running.type(b"Words that are not spoken.\n\n")
        good.session().wait_flushes(2)
        line.lead_to(impostor.port)
        line.cut()

        result = say.end(running)

        assert (result.status, len(result.lines)) == (6, 2)
        assert "certificate" in result.lines[0]
        assert "self-signed" in result.lines[0]
        assert impostor.handshakes == []
        assert line.accepted == 2


def test_tls_that_is_never_answered(say: Say, silent_port: socket.socket) -> None:
    """A TLS handshake that is never answered is abandoned after the connect limit."""
    url = f"https://127.0.0.1:{silent_port.getsockname()[1]}"

    result = say("--connect-timeout", "0.4", "--retry", "0", "--base-url", url, stdin=b"Words.", limit=5)

    assert (result.status, len(result.lines)) == (5, 2)
    assert "no answer within 0.4 s" in result.lines[0]


def test_old_tls(say: Say, authority: Authority) -> None:
    """A service with only obsolete TLS versions is exit 5, and never gets the key."""
    context = authority.vouch(HERE)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with FakeService(tls=context) as other:
        result = say(
            "--retry", "0", "--base-url", other.url, stdin=b"W.", env={"SSL_CERT_FILE": str(authority.file)}
        )

        assert result.status == 5
        assert is_saved(result.lines[1:])
        assert other.handshakes == []


class Plain(Listener):
    """Answers first with an alert, then only closes, then speaks HTTP; keeps what it received."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = b""

    def serve(self, connection: socket.socket) -> None:
        self.heard += connection.recv(65536)
        answers = b"\x15\x03\x01\x00\x02\x02\x28", b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"
        connection.sendall(answers[self.accepted - 1])


def test_https_where_no_tls_is_spoken(say: Say) -> None:
    """An https URL of a server without TLS is one line, exit 5; nothing is sent in clear."""
    with Plain() as server:
        result = say("--retry", "2", "--base-url", f"https://127.0.0.1:{server.port}", stdin=b"Words.")

        assert server.accepted == 3
        assert result.status == 5
        assert is_saved(result.lines[1:])
        assert "127.0.0.1" in result.lines[0]
        assert "_ssl.c" not in result.stderr
        assert "ResetError" not in result.stderr
        assert KEY.encode() not in server.heard
        assert b"GET" not in server.heard


def test_the_key_goes_in_clear_when_asked(say: Say, service: FakeService) -> None:
    """--insecure-http allows it: here to an address of this machine that is not loopback."""
    url = f"http://0.0.0.0:{service.port}"  # not a loopback address, though it reaches this machine

    assert say("--insecure-http", "--base-url", url, stdin=b"Words.").status == 0
