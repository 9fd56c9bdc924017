"""Attempts before the first session is ready: text is kept and sent again (contract, 2 and 5)."""

from __future__ import annotations

import socket

import pytest

from tests.doubles.behaviours import Fails, LeavesAtOnce, Refuses
from tests.doubles.fake_service import FakeService
from tests.doubles.listener import Listener
from tests.tools.program import Say


class Relayed(Listener):
    """Answers every request with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self._answer = answer

    def serve(self, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(self._answer)


@pytest.mark.parametrize(
    "first",
    [
        Refuses(503),
        Refuses(500),
        Refuses(429),
        Refuses(408),
        Refuses(425),
        LeavesAtOnce(1011),
        LeavesAtOnce(None),
        Fails("rate_limit_error"),
    ],
    ids=["503", "500", "429", "408", "425", "1011", "reset", "rate_limit_error"],
)
def test_a_second_attempt(say: Say, service: FakeService, first: object) -> None:
    """A temporary failure is retried, and no word is lost or repeated."""
    service.does(first, "speaks")  # type: ignore[arg-type]  # each of them is a behaviour

    result = say(stdin=b"One.\n\nTwo.\n\nThree.")

    assert (result.status, result.stdout) == (0, b"One.\n\nTwo.\n\nThree.")
    assert len(service.handshakes) == 2


def test_text_is_sent_again(say: Say, service: FakeService) -> None:
    """Text sent to a session that never became ready is sent again from its start, with its flushes."""
    service.does("leaves with the text", "speaks")
    running = say.start()
    running.type(b"One.\n\nTwo")
    service.session(1).wait_text("One.\n\nTwo")

    running.type(b" three.")
    running.end_input()

    assert say.end(running).stdout == b"One.\n\nTwo three."
    assert service.session(0).text
    assert len(service.session(1).flushes) == 2


def test_text_typed_between_attempts(say: Say, service: FakeService) -> None:
    """Text that arrives between attempts is kept for the next one."""
    service.does(Refuses(503), "speaks")
    running = say.start()
    service.wait_handshakes(1)

    running.type(b"Between.")
    running.end_input()

    assert say.end(running).stdout == b"Between."


def test_the_end_is_sent_again(say: Say, service: FakeService) -> None:
    """If the input ended before the session was ready, the next session is finished too."""
    service.does("leaves with the text", "speaks")

    result = say(stdin=b"All of it.")

    assert (result.status, result.stdout) == (0, b"All of it.")


def test_a_single_attempt(say: Say, service: FakeService) -> None:
    """`--retry 0` is a single attempt."""
    service.does(Refuses(503), "speaks")

    assert say("--retry", "0", stdin=b"Words.").status == 5
    assert len(service.handshakes) == 1


def test_attempts_are_counted(say: Say, service: FakeService) -> None:
    """`--retry 2` is three attempts with growing pauses; then the last error is reported."""
    service.does(Refuses(503))

    result = say("--retry", "2", stdin=b"Words.")

    assert result.status == 5
    assert "503" in result.stderr
    first, second, third = (handshake.at for handshake in service.handshakes)
    assert third - second > second - first


def test_nobody_answers(say: Say) -> None:
    """If nothing answers, host and port, the attempts, the file and a suggestion are shown."""
    (say.directory / "ch07.txt").write_bytes(b"Words.")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    result = say("--retry", "1", "-f", "ch07.txt", "--base-url", f"http://127.0.0.1:{port}")

    assert result.status == 5
    assert result.lines[0] == (
        f"lmnt-say: ch07.txt: could not connect to 127.0.0.1:{port}: connection refused (2 attempts)"
    )
    assert "--local" in result.lines[1]
    assert len(result.lines) == 2


def test_a_firewall(say: Say) -> None:
    """A 403 with a page comes from a firewall and is not about the key: exit 8."""
    page = b"<html>Blocked</html>"
    with Relayed(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)) as firewall:
        result = say("--base-url", f"http://127.0.0.1:{firewall.port}", stdin=b"Words.")

    assert result.status == 8
    assert "403" in result.stderr
    assert "firewall" in result.stderr
    assert "LMNT_API_KEY" not in result.stderr


def test_rate_limit_at_last(say: Say, service: FakeService) -> None:
    """A persistent rate limit is exit 4."""
    service.does(Refuses(429))

    assert say("--retry", "1", stdin=b"Words.").status == 4
    assert len(service.handshakes) == 2


def test_retry_after(say: Say, service: FakeService) -> None:
    """`Retry-After` is honoured: no attempt is earlier."""
    service.does(Refuses(429, Retry_After="2"), "speaks")

    assert say(stdin=b"Words.").stdout == b"Words."
    first, second = (handshake.at for handshake in service.handshakes)
    assert second - first >= 2


@pytest.mark.parametrize(
    "behaviour",
    [
        Refuses(401),
        Refuses(403),
        Refuses(402),
        Refuses(404),
        Refuses(400),
        Fails("authentication_error"),
        Fails("permission_error"),
        Fails("payment_required_error"),
        Fails("not_found_error"),
        Fails("invalid_request_error"),
    ],
    ids=["401", "403", "402", "404", "400", "key", "permission", "payment", "voice", "request"],
)
def test_never_tried_again(say: Say, service: FakeService, behaviour: object) -> None:
    """Errors about key, permission, payment, voice or request are permanent."""
    service.does(behaviour)  # type: ignore[arg-type]  # each of them is a behaviour

    assert say(stdin=b"Words.").status in (3, 4, 8)
    assert len(service.handshakes) == 1


def test_no_file_until_it_is_spoken(say: Say, service: FakeService) -> None:
    """Failed attempts leave no file; a successful one creates it."""
    service.does(Refuses(503), "speaks")

    assert say("-o", "story.mp3", stdin=b"Words.").status == 0
    assert (say.directory / "story.mp3").read_bytes() == b"Words."
