"""Listings from a hostile service, over TLS and through proxies: one line, and no key in clear."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable

import pytest

from tests.doubles.behaviours import Fails
from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import FakeService
from tests.doubles.listener import Listener
from tests.doubles.proxies import HttpProxy, Relay
from tests.tools.certificates import Authority
from tests.tools.costs import MIB, Measured, Outcome
from tests.tools.program import Say


TITLE = "lists of a hostile service"  # for the table of costs
SMALL = 75 * MIB
VOICES = b'[{"id": "lily", "name": "Lily"}]'


def answered(body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


class Rest(Listener):
    """Answers each request with the same bytes; `heard` holds the requests."""

    def __init__(self, answer: bytes, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.heard = b""
        self._answer = answer

    def serve(self, connection: socket.socket) -> None:
        while b"\r\n\r\n" not in self.heard:
            self.heard += connection.recv(65536)
        connection.sendall(self._answer)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


class Front(Relay):
    """Passes sessions on to the service; requests for the voices get the same answer from us."""

    def __init__(self, port: int, answer: bytes) -> None:
        super().__init__(port)
        self.asked = 0
        self._answer = answer

    def serve(self, connection: socket.socket) -> None:
        if b"/voice/list" not in connection.recv(65536, socket.MSG_PEEK):
            self.pass_on(connection)
            return
        connection.recv(65536)
        self.asked += 1
        connection.sendall(self._answer)


def is_told(outcome: Outcome, *statuses: int) -> bool:
    """Check for one of these statuses, one message of limited length, and nothing on standard output."""
    told = outcome.result.status in statuses and outcome.is_one_message and outcome.peak < SMALL
    return told and len(outcome.result.stderr) < 5000 and outcome.result.stdout == b""


DEEP = b"[" * 100_000 + b"]" * 100_000
# What could take memory or break the program. Other answers are tested in tests/io/test_rest.py.
ANSWERS: dict[str, Callable[[], bytes]] = {
    "a list of 100,000 levels": lambda: DEEP,
    "a list of 60 MB of empty objects": lambda: b"[" + b"{}," * 20_000_000 + b"{}]",
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_answers(measured: Measured, fault: str) -> None:
    """Any answer that is not a list is one message, exit 5 or 8."""
    with Rest(answered(ANSWERS[fault]())) as service:
        args = ("--list-voices", "--base-url", f"http://127.0.0.1:{service.port}")
        outcome = measured.end(fault, measured.start(*args), text=b"")

    assert is_told(outcome, 5, 8)


ODD = [
    {"id": ["a"], "name": {"b": 1}, "tags": 5, "description": 7, "owner": [], "starred": "x", "gender": {}},
    {"id": None, "name": None, "tags": {"a": 1}, "description": None},
    {},
    {"id": "\ud800", "name": "\x1b[31mred\x9b\u202e", "tags": ["\x07"]},
]


def test_odd_voices(say: Say) -> None:
    """Members of odd types are tolerated, and controls are escaped. (For --json see test_json_text.py.)"""
    with Rest(answered(json.dumps(ODD).encode())) as service:
        result = say("--list-voices", "--base-url", f"http://127.0.0.1:{service.port}")

        assert result.status == 0
        assert not set(result.stdout.decode()) & set("\x1b\x07\x9b\u202e")


def test_the_list_behind_an_error(say: Say, service: FakeService) -> None:
    """An unknown voice is reported as such, whatever the answer to the request for the list."""
    service.does(Fails("not_found_error", "Voice 'lily' not found."))
    with Front(service.port, answered(DEEP)) as front:
        result = say("--base-url", f"http://127.0.0.1:{front.port}", stdin=b"Words.")

        assert front.asked == 1
        assert result.status == 8
        assert "not found" in result.stderr
        assert 1 <= len(result.lines) <= 2


def test_a_stranger_is_asked_nothing(say: Say, authority: Authority) -> None:
    """An untrusted certificate is one clear line, exit 5, and the service gets no key."""
    with Rest(answered(VOICES), tls=authority.stranger("IP:127.0.0.1")) as service:
        result = say("--list-voices", "--base-url", f"https://127.0.0.1:{service.port}")

        assert (result.status, len(result.lines)) == (5, 1)
        assert "certificate" in result.stderr
        assert "_ssl.c" not in result.stderr
        assert service.heard == b""


def test_tunnel(say: Say, authority: Authority) -> None:
    """Only TLS passes through a proxy, which gets no key."""
    env = {"LMNT_BASE_URL": "https://speech.example", "SSL_CERT_FILE": str(authority.file)}
    tls = authority.vouch("DNS:speech.example")
    with Rest(answered(VOICES), tls=tls) as service, HttpProxy(service.port) as proxy:
        result = say("--list-voices", "--proxy", proxy.url, env=env)

        assert (result.status, b"lily" in result.stdout) == (0, True)
        assert KEY.encode() in service.heard
        assert KEY.encode() not in proxy.sent


def test_no_key_in_clear_through_a_proxy(say: Say) -> None:
    """A loopback service may be reached in clear, but not through another machine's proxy.

    One that is given is exit 2. (One in a variable is not used: tests/test_proxy_choice.py.)
    """
    with HttpProxy(answer=502) as proxy:
        url = f"http://0.0.0.0:{proxy.port}"  # not a loopback address, though it reaches this machine
        result = say("--list-voices", "--proxy", url)

        assert (result.status, proxy.accepted) == (2, 0)
