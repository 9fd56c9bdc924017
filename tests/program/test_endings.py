"""Every failure has its exit status and its one line (contract, sections 5 and 7)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.doubles.behaviours import Fails, HangsUp, LeavesAtOnce, Refuses, Says
from tests.doubles.fake_rules import KEY, REQUEST_ID
from tests.doubles.fake_service import PATH, FakeService
from tests.tools.program import Result, Say


def is_one_message(result: Result) -> bool:
    """Check for one `lmnt-say:` line, and at most one more with a hint."""
    return bool(result.lines) and result.lines[0].startswith("lmnt-say: ") and len(result.lines) <= 2


@pytest.mark.parametrize(
    ("kind", "status", "after_audio"),
    [("payment_required_error", 4, False), ("an_error_of_next_year", 8, True)],
    ids=["at init", "after audio"],
)
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


@pytest.mark.parametrize(("code", "status"), [(401, 3), (503, 5)])
def test_refused_handshakes(say: Say, service: FakeService, code: int, status: int) -> None:
    """The HTTP status of a refused handshake decides and is named, while input is still open."""
    service.does(Refuses(code, body=b'{"error":"not today"}'))
    running = say.start("--retry", "0")

    result = say.end(running, limit=5)

    assert result.status == status
    assert is_one_message(result)
    assert str(code) in result.stderr
    assert len(service.handshakes) == 1


def test_unknown_host(say: Say) -> None:
    """An unknown host is exit 5, naming it, and is not retried."""
    result = say("--base-url", "https://nobody.invalid", stdin=b"Words.")

    assert (result.status, is_one_message(result)) == (5, True)
    # The next line repeats the option, which names it too.
    assert "nobody.invalid" in result.lines[0]
    assert "attempts" not in result.lines[0]


def test_never_answered_handshake(say: Say, service: FakeService) -> None:
    """A server that accepts the connection and never answers is exit 5 after the connect limit."""
    service.does("never answers the handshake")
    running = say.start("--connect-timeout", "0.3", "--retry", "0")

    result = say.end(running, limit=4)

    assert (result.status, is_one_message(result)) == (5, True)


def test_never_ready(say: Say, service: FakeService) -> None:
    """A service that never sends `ready` is exit 5 after the connect limit, saying so."""
    service.does("never ready")
    running = say.start("--connect-timeout", "0.3", "--retry", "0")
    running.type(b"Words.")

    result = say.end(running, limit=4)

    assert (result.status, is_one_message(result)) == (5, True)
    assert "ready" in result.stderr


def test_an_older_generation(say: Say, service: FakeService) -> None:
    """A service that speaks an older protocol is exit 8, saying so."""
    service.does("speaks generation 1")

    result = say("--retry", "0", stdin=b"One.\n\nTwo.")

    assert (result.status, is_one_message(result)) == (8, True)
    assert "older" in result.stderr or "generation" in result.stderr or "1.2" in result.stderr


def test_nonsense(say: Say, service: FakeService) -> None:
    """An answer to no question is exit 8, while the input is still open."""
    service.does("confirms another flush")
    running = say.start("--retry", "0")
    running.type(b"One.\n\n")

    result = say.end(running, limit=5)

    assert (result.status, is_one_message(result)) == (8, True)


def test_rubbish_instead_of_ready(say: Say, service: FakeService) -> None:
    """Anything in place of `ready` is handled: exit 8, in a line or two of limited length."""
    service.does(Says("[" * 100_000))
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


def test_words_without_audio(say: Say, service: FakeService) -> None:
    """An utterance with words that is confirmed without audio is exit 8."""
    service.does("gives no audio")

    result = say(stdin=b"One.\n\nTwo.\n\n")

    assert (result.status, result.stdout, is_one_message(result)) == (8, b"", True)
    assert "remove its first words" in result.stderr


CUTS = {
    "a clean-looking close": HangsUp(1000, at=2),
    "an error close": HangsUp(1011, "synthesis \x1b[31mfailed\x07", at=2),
    "the end of TCP": HangsUp(None, at=2),
}


@pytest.mark.parametrize("cut", CUTS)
def test_cut_off(say: Say, service: FakeService, cut: str) -> None:
    """A session that ends before everything is confirmed is exit 6, however cleanly, with input open.

    The message has the close code, the reason, escaped, and how many bytes were confirmed.
    """
    service.does(CUTS[cut])
    running = say.start("--retry", "0")
    running.type(b"One.\n\nTwo three.\n\n")

    result = say.end(running, limit=5)

    assert result.status == 6
    assert is_one_message(result)
    assert result.stdout == b"One.\n\nTwo th"
    assert len(service.handshakes) == 1
    assert "6 of 18 bytes of text confirmed" in result.stderr
    if cut == "an error close":
        assert r"1011: synthesis \x1b[31mfailed\x07" in result.stderr


def test_no_close_is_awaited(say: Say, service: FakeService) -> None:
    """Once every flush is answered `finish` follows, and then no close is awaited."""
    service.does("never closes")

    result = say("--retry", "0", "--timeout", "3", stdin=b"One.\n\nTwo three.", limit=5)

    assert (result.status, result.stdout, result.stderr) == (0, b"One.\n\nTwo three.", "")
    service.session().wait_finish()


def test_no_close_confirms(say: Say, service: FakeService) -> None:
    """A close before the answer to the last flush is a lost connection, though all audio came."""
    service.does(HangsUp(1000, "idle", at=2, share=1))

    result = say("--retry", "0", stdin=b"One.\n\nTwo.")

    assert (result.status, is_one_message(result)) == (6, True)
    assert result.stdout == b"One.\n\nTwo."
    assert not service.session().finished


def test_unanswered_flush(say: Say, service: FakeService) -> None:
    """Without an answer to the last flush the run ends only at the silence limit."""
    service.does("never confirms")

    result = say("--retry", "0", "--timeout", "0.3", stdin=b"One.\n\nTwo.", limit=5)

    assert (result.status, result.stdout, is_one_message(result)) == (6, b"One.\n\nTwo.", True)


def test_never_answers_a_flush(say: Say, service: FakeService) -> None:
    """An unanswered flush is a lost connection after the silence limit, though input is open."""
    service.does("speaks when told")
    running = say.start("--retry", "0", "--timeout", "0.3")
    running.type(b"One.\n\n")

    assert say.end(running, limit=5).status == 6


def test_gone_before_ready(say: Say, service: FakeService) -> None:
    """A connection that ends before `ready` was never a session: exit 5."""
    service.does(LeavesAtOnce(1000))
    running = say.start("--retry", "0")

    result = say.end(running, limit=5)

    assert (result.status, is_one_message(result)) == (5, True)


NASTY = "\x1b[31mred\x1b]0;title\x07 \x9b2J\u202eevil [bold]not markup[/bold] [/] two\r\nlines\ttab\x00"


@pytest.mark.parametrize("args", [(), ("--debug",)], ids=str)
def test_words_of_the_service(say: Say, service: FakeService, args: tuple[str, ...]) -> None:
    """Control characters of the service never reach a terminal; brackets are no markup.

    The key is not shown, nor the password in the URL of the service, even if the service repeats them.
    """
    service.does(Fails("authentication_error", f"Invalid API key {KEY} of hunter2! {NASTY}"))

    result = say(*args, "--base-url", service.url.replace("//", "//me:hunter2@"), stdin=b"Words.")

    assert result.status == 3
    assert not set(result.stderr) & set("\x1b\x07\x9b\x00\r\t\u202e")
    assert "[bold]not markup[/bold] [/]" in result.stderr
    assert "Invalid API key [key] of [password]!" in result.lines[-2]
    assert KEY not in result.stderr
    assert "hunter2" not in result.stderr
    assert args == ("--debug",) or is_one_message(result)


def test_wrong_key(say: Say, service: FakeService) -> None:
    """A refused key is exit 3 after one attempt, with the message of the service, even with -q."""
    result = say("-q", stdin=b"Words.", env={"LMNT_API_KEY": "wrong-key-987"})

    assert (result.status, is_one_message(result)) == (3, True)
    assert "Invalid API key" in result.stderr
    assert "wrong-key-987" not in result.stderr
    assert len(service.handshakes) == 1
    service.sessions[0].faults.clear()


def test_unknown_voice(say: Say, service: FakeService) -> None:
    """An unknown voice is exit 8 after one attempt, naming it."""
    result = say("-v", "nobody", stdin=b"Words.")

    assert (result.status, is_one_message(result)) == (8, True)
    assert "nobody" in result.lines[0]
    assert len(service.handshakes) == 1
    service.sessions[0].faults.clear()


def under(redirection: str) -> tuple[str, ...]:
    """Start the program with a descriptor closed or redirected."""
    return ("sh", "-c", f'exec "$@" {redirection}', "sh")


@pytest.mark.parametrize("args", ["--tee -o story.mp3", "--help"])
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
def test_stderr_that_takes_nothing(say: Say, redirection: str) -> None:
    """stderr closed or full never stops the audio or changes a byte of it."""
    result = say("--debug", stdin=b"caf\xe9.\n\nTwo.", under=under(redirection))

    assert (result.status, result.stdout.decode()) == (0, "caf�.\n\nTwo.")


def test_error_without_stderr(say: Say, service: FakeService) -> None:
    """An error that cannot be printed still has its exit status."""
    service.does("refuses the key")

    assert say(stdin=b"Words.", under=under("2>/dev/full")).status == 3


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


def test_stderr_that_nobody_reads(say: Say, full_pipe: int) -> None:
    """A full stderr never stops the audio, however much is reported."""
    text = b"A paragraph.\n\n" * 20

    result = say("--debug", "--verbose", stdin=text, stderr=full_pipe, limit=5)

    assert (result.status, result.stdout) == (0, text)
