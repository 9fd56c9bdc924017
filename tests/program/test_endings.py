"""Every failure has its exit status and its one line (contract, sections 5 and 7)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.doubles.behaviours import Fails, HangsUp, LeavesAtOnce, Refuses, Says
from tests.doubles.fake_rules import KEY, REQUEST_ID
from tests.doubles.fake_service import PATH, FakeService
from tests.tools.program import Result, Say


ERRORS = {
    "authentication_error": 3,
    "permission_error": 3,
    "payment_required_error": 4,
    "rate_limit_error": 4,
    "invalid_request_error": 8,
    "not_found_error": 8,
    "internal_server_error": 8,
    "an_error_of_next_year": 8,
}
STATUSES = {401: 3, 403: 3, 402: 4, 429: 4, 400: 8, 404: 8, 500: 5, 503: 5}


def is_one_message(result: Result) -> bool:
    """Check for one `lmnt-say:` line, and at most one more with a hint."""
    return bool(result.lines) and result.lines[0].startswith("lmnt-say: ") and len(result.lines) <= 2


@pytest.mark.parametrize("after_audio", [False, True], ids=["at init", "after audio"])
@pytest.mark.parametrize(("kind", "status"), ERRORS.items())
def test_errors_of_the_service(
    say: Say, service: FakeService, kind: str, status: int, after_audio: bool
) -> None:
    """The type of an error message decides; our line has its text and the request id."""
    service.does(Fails(kind, "The moon is full.", after_audio=after_audio))
    running = say.start("--retry", "0")
    running.type(b"One.\n\n")

    result = say.end(running, limit=5)

    assert result.status == status
    assert is_one_message(result)
    assert "The moon is full." in result.stderr
    assert REQUEST_ID in result.stderr
    assert result.stdout == (b"One.\n\n" if after_audio else b"")


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_refused_handshakes(say: Say, service: FakeService, code: int, status: int) -> None:
    """The HTTP status of a refused handshake decides and is named, while input is still open."""
    service.does(Refuses(code, body=b'{"error":"not today"}'))
    running = say.start("--retry", "0")

    result = say.end(running, limit=5)

    assert result.status == status
    assert is_one_message(result)
    assert str(code) in result.stderr
    assert len(service.handshakes) == 1


def test_connection_refused(say: Say) -> None:
    """A port with no listener is exit 5, naming the host."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    result = say("--retry", "0", "--base-url", f"http://127.0.0.1:{port}", stdin=b"Words.")

    assert (result.status, is_one_message(result)) == (5, True)
    assert "127.0.0.1" in result.stderr


def test_unknown_host(say: Say) -> None:
    """An unknown host is exit 5, naming it, and is not retried."""
    result = say("--base-url", "https://nobody.invalid", stdin=b"Words.")

    assert (result.status, is_one_message(result)) == (5, True)
    assert "nobody.invalid" in result.stderr


def test_never_answered_handshake(say: Say, service: FakeService) -> None:
    """A server that accepts the connection and never answers is exit 5 after the connect limit."""
    service.does("never answers the handshake")
    running = say.start("--connect-timeout", "0.5", "--retry", "0")

    result = say.end(running, limit=4)

    assert (result.status, is_one_message(result)) == (5, True)


def test_never_ready(say: Say, service: FakeService) -> None:
    """A service that never sends `ready` is exit 5 after the connect limit, saying so."""
    service.does("never ready")
    running = say.start("--connect-timeout", "0.5", "--retry", "0")
    running.type(b"Words.")

    result = say.end(running, limit=4)

    assert (result.status, is_one_message(result)) == (5, True)
    assert "ready" in result.stderr


@pytest.mark.parametrize(
    "behaviour", ["speaks generation 1", "speaks generation 1 without extras", "speaks generation 2"]
)
def test_older_generations(say: Say, service: FakeService, behaviour: str) -> None:
    """A service that speaks an older protocol is exit 8, saying so."""
    service.does(behaviour)

    result = say("--retry", "0", stdin=b"One.\n\nTwo.")

    assert (result.status, is_one_message(result)) == (8, True)
    assert "older" in result.stderr or "generation" in result.stderr or "1.2" in result.stderr


def test_legacy_error(say: Say, service: FakeService) -> None:
    """The string error of an older service is understood, and its text is in our line."""
    service.does("legacy string error")

    result = say("--retry", "0", stdin=b"Words.")

    assert result.status in (3, 8)
    assert is_one_message(result)
    assert "Invalid API key" in result.stderr


@pytest.mark.parametrize("behaviour", ["sends rubbish", "confirms another flush"])
def test_nonsense(say: Say, service: FakeService, behaviour: str) -> None:
    """An invalid message is exit 8, while the input is still open."""
    service.does(behaviour)
    running = say.start("--retry", "0")
    running.type(b"One.\n\n")

    result = say.end(running, limit=5)

    assert (result.status, is_one_message(result)) == (8, True)


RUBBISH = [
    "null",
    '{"type": "error", "error": null}',
    '{"type": "error", "error": {"type": null, "message": 5}, "request_id": {}}',
    '{"type": "flush_complete", "nonce": 1}',
    "[" * 100_000,
]


@pytest.mark.parametrize("message", RUBBISH, ids=lambda message: message[:90])
def test_rubbish_instead_of_ready(say: Say, service: FakeService, message: str) -> None:
    """Anything in place of `ready` is handled: exit 8, in a line or two of limited length."""
    service.does(Says(message))
    running = say.start("--retry", "0")

    result = say.end(running, limit=5)

    assert (result.status, is_one_message(result)) == (8, True)
    assert len(result.stderr) < 5000


def test_redirects_take_no_key_elsewhere(say: Say, service: FakeService) -> None:
    """A redirect never sends the key to another service."""
    with FakeService() as other:
        service.does(Refuses(302, Location=f"ws://127.0.0.1:{other.port}{PATH}"))

        result = say("--retry", "0", stdin=b"Words.")

        assert result.status in (5, 8)
        assert other.sessions == []


@pytest.mark.parametrize("text", [b"One.\n\nTwo.\n\n", b"One."], ids=["flush", "finish"])
def test_words_without_audio(say: Say, service: FakeService, text: bytes) -> None:
    """An utterance with words that is confirmed without audio is exit 8."""
    service.does("gives no audio")

    result = say(stdin=text)

    assert (result.status, result.stdout, is_one_message(result)) == (8, b"", True)
    assert "remove its first words" in result.stderr


CUTS = {
    "a clean-looking close": HangsUp(1000, at=2),
    "an error close": HangsUp(1011, "synthesis failed", at=2),
    "going away": HangsUp(1001, at=2),
    "the end of TCP": HangsUp(None, at=2),
}


@pytest.mark.parametrize("behaviour", CUTS.values(), ids=CUTS)
def test_cut_off(say: Say, service: FakeService, behaviour: HangsUp) -> None:
    """A session that ends before everything is confirmed is exit 6, however cleanly, with input open."""
    service.does(behaviour)
    running = say.start("--retry", "0")
    running.type(b"One.\n\nTwo three.\n\n")

    result = say.end(running, limit=5)

    assert result.status == 6
    assert is_one_message(result)
    assert result.stdout == b"One.\n\nTwo th"
    assert len(service.handshakes) == 1


def test_cut_off_names_close_and_confirmed(say: Say, service: FakeService) -> None:
    """The message of a lost session has its close code, its reason, and how much was confirmed."""
    service.does(HangsUp(1011, "synthesis failed", at=2))

    result = say("--retry", "0", stdin=b"One.\n\nTwo three.\n\nFour.")

    assert "1011" in result.stderr
    assert "synthesis failed" in result.stderr
    assert "confirmed" in result.stderr
    assert "6" in result.stderr


ENDS = {
    "1000": "speaks",
    "1011": HangsUp(1011, at=9),
    "end of TCP": HangsUp(None, at=9),
    "none": "never closes",
}


@pytest.mark.parametrize("behaviour", ENDS.values(), ids=ENDS)
def test_any_close_after_finish(say: Say, service: FakeService, behaviour: str | HangsUp) -> None:
    """Once every flush is answered `finish` follows; then any close is accepted, and none awaited."""
    service.does(behaviour)

    result = say("--retry", "0", "--timeout", "3", stdin=b"One.\n\nTwo three.", limit=5)

    assert (result.status, result.stdout, result.stderr) == (0, b"One.\n\nTwo three.", "")
    service.session().wait_finish()


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
@pytest.mark.parametrize("text", [b"One.\n\nTwo.", b"One.\n\nTwo.\n\n", b"One.\n\nTwo.\n"])
def test_no_close_confirms(say: Say, service: FakeService, text: bytes, code: int) -> None:
    """A close before the answer to the last flush is a lost connection, though all audio came."""
    service.does(HangsUp(None if code == 1006 else code, "idle", at=2, share=1))

    result = say("--retry", "0", stdin=text)

    assert (result.status, is_one_message(result)) == (6, True)
    assert not service.session().finished


def test_unanswered_flush(say: Say, service: FakeService) -> None:
    """Without an answer to the last flush the run ends only at the silence limit."""
    service.does("never confirms")

    result = say("--retry", "0", "--timeout", "0.5", stdin=b"One.\n\nTwo.", limit=5)

    assert (result.status, result.stdout, is_one_message(result)) == (6, b"One.\n\nTwo.", True)


def test_never_answers_a_flush(say: Say, service: FakeService) -> None:
    """An unanswered flush is a lost connection after the silence limit, though input is open."""
    service.does("speaks when told")
    running = say.start("--retry", "0", "--timeout", "0.5")
    running.type(b"One.\n\n")

    assert say.end(running, limit=5).status == 6


@pytest.mark.parametrize("code", [1000, 1011, None])
def test_gone_before_ready(say: Say, service: FakeService, code: int | None) -> None:
    """A connection that ends before `ready` was never a session: exit 5."""
    service.does(LeavesAtOnce(code))
    running = say.start("--retry", "0")

    result = say.end(running, limit=5)

    assert (result.status, is_one_message(result)) == (5, True)


def test_gone_while_idle(say: Say, service: FakeService) -> None:
    """Once all text is confirmed, a connection lost before the input ends costs nothing."""
    running = say.start("--retry", "0")
    running.type(b"One.\n\n")
    running.read(6)
    session = service.session()
    session.wait(lambda: session.answered, "the answer")
    service.cut(session)
    session.wait_end()
    running.end_input()

    assert say.end(running).status == 0


NASTY = "\x1b[31mred\x1b]0;title\x07 \x9b2J\u202eevil [bold]not markup[/bold] [/] two\r\nlines\ttab\x00"


@pytest.mark.parametrize("args", [(), ("--debug",), ("--verbose",)], ids=str)
def test_words_of_the_service_are_escaped(say: Say, service: FakeService, args: tuple[str, ...]) -> None:
    """Control characters from the service never reach a terminal, and brackets are not markup."""
    service.does(Fails("invalid_request_error", NASTY))

    result = say("--retry", "0", *args, stdin=b"Words.")

    assert result.status == 8
    assert not set(result.stderr) & set("\x1b\x07\x9b\x00\r\t\u202e")
    assert "[bold]not markup[/bold] [/]" in result.stderr
    assert args == ("--debug",) or is_one_message(result)


def test_reason_of_a_close_is_escaped(say: Say, service: FakeService) -> None:
    """The reason of a close is text from the service too."""
    service.does(HangsUp(1011, "\x1b[31mred\x07"))

    result = say("--retry", "0", stdin=b"Words.")

    assert result.status == 6
    assert not set(result.stderr) & set("\x1b\x07")


@pytest.mark.parametrize("args", [(), ("--debug",), ("--verbose",)], ids=str)
def test_the_key_is_never_shown(say: Say, service: FakeService, args: tuple[str, ...]) -> None:
    """The key is not shown even if the service repeats it."""
    service.does(Fails("authentication_error", f"Invalid API key {KEY}!"))

    result = say(*args, stdin=b"Words.")

    assert result.status == 3
    assert KEY not in result.stderr


def test_wrong_key(say: Say, service: FakeService) -> None:
    """A refused key is exit 3 after one attempt, with the message of the service."""
    result = say(stdin=b"Words.", env={"LMNT_API_KEY": "wrong-key-987"})

    assert (result.status, is_one_message(result)) == (3, True)
    assert "Invalid API key" in result.stderr
    assert "wrong-key-987" not in result.stderr
    assert len(service.handshakes) == 1
    service.sessions[0].faults.clear()


def test_unknown_voice(say: Say, service: FakeService) -> None:
    """An unknown voice is exit 8, naming it."""
    result = say("-v", "nobody", stdin=b"Words.")

    assert (result.status, is_one_message(result)) == (8, True)
    assert "nobody" in result.stderr
    assert len(service.handshakes) == 1
    service.sessions[0].faults.clear()


def test_quiet_keeps_errors(say: Say, service: FakeService) -> None:
    """`-q` silences everything except errors."""
    service.does("refuses the key")

    result = say("-q", stdin=b"Words.")

    assert (result.status, is_one_message(result)) == (3, True)


def under(redirection: str) -> tuple[str, ...]:
    """Start the program with a descriptor closed or redirected."""
    return ("sh", "-c", f'exec "$@" {redirection}', "sh")


def test_closed_standard_input(say: Say, service: FakeService) -> None:
    """A closed standard input is exit 2."""
    result = say(under=under("<&-"))

    assert (result.status, is_one_message(result)) == (2, True)


@pytest.mark.parametrize(
    "args",
    ["", "--tee -o story.mp3", "--help", "--version", "--list-voices", "--usage --json", "--dry-run"],
)
def test_closed_standard_output(say: Say, service: FakeService, args: str) -> None:
    """Nothing can be written to a closed standard output: exit 7, before anything is asked."""
    result = say(*args.split(), stdin=b"Words.", under=under(">&-"))

    assert (result.status, is_one_message(result)) == (7, True)
    assert service.handshakes == []


def test_closed_standard_output_is_free_beside_a_file(say: Say, tmp_path: Path) -> None:
    """With `-o`, standard output is not needed."""
    assert say("-o", "story.mp3", stdin=b"Words.", under=under(">&-")).status == 0

    assert (tmp_path / "story.mp3").read_bytes() == b"Words."


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize("args", [(), ("--debug",)], ids=str)
def test_stderr_that_takes_nothing(say: Say, redirection: str, args: tuple[str, ...]) -> None:
    """stderr closed or full never stops the audio or changes a byte of it."""
    result = say(*args, stdin=b"caf\xe9.\n\nTwo.", under=under(redirection))

    assert (result.status, result.stdout.decode()) == (0, "caf�.\n\nTwo.")


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_error_without_stderr(say: Say, service: FakeService, redirection: str) -> None:
    """An error that cannot be printed still has its exit status."""
    service.does("refuses the key")

    assert say(stdin=b"Words.", under=under(redirection)).status == 3


@pytest.fixture
def full_pipe() -> Iterator[int]:
    """A full pipe that is never read."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, bytes(4096))
    os.set_blocking(writing, True)
    yield writing
    os.close(reading)
    os.close(writing)


def test_error_that_nobody_reads(say: Say, service: FakeService, full_pipe: int) -> None:
    """A full stderr delays an error by at most half a second."""
    service.does("refuses the key")
    running = say.start(stderr=full_pipe)
    running.type(b"Words.")

    result = say.end(running, limit=5)

    assert result.status == 3
    told = service.sessions[0].transcript[-1].at
    assert running.started + result.elapsed - told < 0.5 + 0.4


@pytest.mark.parametrize("args", [(), ("--verbose",), ("--debug",)], ids=str)
def test_stderr_that_nobody_reads(say: Say, full_pipe: int, args: tuple[str, ...]) -> None:
    """A full stderr never stops the audio, however much is reported."""
    text = b"A paragraph.\n\n" * 20

    result = say(*args, stdin=text, stderr=full_pipe, limit=5)

    assert (result.status, result.stdout) == (0, text)
