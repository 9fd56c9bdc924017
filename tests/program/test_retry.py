"""Attempts before the first session is ready: text is kept and sent again (contract, 2 and 5)."""

from __future__ import annotations

import socket

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


# Failures that pass. The service says when to come back, except where it cannot.
TEMPORARY = [
    Refuses(429, Retry_After="1"),
    LeavesAtOnce(None),
    *(Refuses(status, Retry_After="0.001") for status in (503, 500, 408, 425)),
]


# The first pause is half a second, shortened by at most a quarter; the second is twice that. Timers may be
# early by a hundredth.
SHORTEST = 0.5 * 0.75 * 0.99


def test_further_attempts(say: Say, service: FakeService) -> None:
    """A temporary failure is retried, no earlier than requested, and no word is lost or repeated."""
    service.does(*TEMPORARY, "speaks")

    assert say("--retry", "6", "-o", "story.mp3", stdin=b"One.\n\nTwo.\n\nThree.").status == 0

    assert (say.directory / "story.mp3").read_bytes() == b"One.\n\nTwo.\n\nThree."
    assert len(service.handshakes) == len(TEMPORARY) + 1
    first, second, *_ = (handshake.at for handshake in service.handshakes)
    assert second - first >= 1


def test_text_is_sent_again(say: Say, service: FakeService) -> None:
    """Text sent to a session that never became ready, or typed between attempts, is sent to the next one."""
    service.does(Fails("rate_limit_error"), "leaves with the text", "speaks")
    running = say.start()
    service.session(0).wait_end()
    running.type(b"One.\n\nTwo")
    service.session(2).wait_text("One.\n\nTwo")

    running.type(b" three.")
    running.end_input()

    assert say.end(running).stdout == b"One.\n\nTwo three."
    assert service.session(1).text
    assert len(service.session(2).flushes) == 2


def test_the_end_is_sent_again(say: Say, service: FakeService) -> None:
    """If the input ended before the session was ready, the next session is finished too."""
    service.does(LeavesAtOnce(1011), "leaves with the text", "speaks")

    result = say(stdin=b"All of it.")

    assert (result.status, result.stdout) == (0, b"All of it.")


def test_attempts_are_counted(say: Say, service: FakeService) -> None:
    """`--retry 2` is three attempts with growing pauses; then the last error is reported.

    A busy machine makes a pause longer and never shorter: each is at least what is left by the most jitter.
    (Their lengths are decided in `Attempts`, see tests/core/session/test_recovery.py.)
    """
    service.does(Refuses(429))

    result = say("--retry", "2", stdin=b"Words.")

    assert result.status == 4
    assert "429" in result.stderr
    assert "(3 attempts)" in result.lines[0]
    first, second, third = (handshake.at for handshake in service.handshakes)
    assert second - first >= SHORTEST
    assert third - second >= 2 * SHORTEST


def test_nobody_answers(say: Say) -> None:
    """If nothing answers, host and port, the attempts, the file and a suggestion are shown.

    A file that can be read again is not saved.
    """
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
    assert "saved" not in result.stderr
    assert not list((say.directory / "home").rglob("*.txt"))


def test_a_firewall(say: Say) -> None:
    """A 403 with a page comes from a firewall and is not about the key: exit 8, after one attempt."""
    page = b"<html>Blocked</html>"
    with Relayed(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)) as firewall:
        result = say("--base-url", f"http://127.0.0.1:{firewall.port}", stdin=b"Words.")

        assert firewall.accepted == 1

    assert result.status == 8
    assert "403" in result.stderr
    assert "firewall" in result.stderr
    assert "LMNT_API_KEY" not in result.stderr
