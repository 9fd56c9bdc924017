"""Every failure has its exit status and its one line (contract, sections 5 and 7)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.doubles.behaviours import Fails, HangsUp, Refuses
from tests.doubles.fake_rules import REQUEST_ID
from tests.doubles.fake_service import FakeService
from tests.tools.program import Result, Say


def is_one_message(result: Result) -> bool:
    """Check for one `lmnt-say:` line, and at most one more with a hint."""
    return bool(result.lines) and result.lines[0].startswith("lmnt-say: ") and len(result.lines) <= 2


def test_errors_of_the_service(say: Say, service: FakeService) -> None:
    """An error message ends the run with its text and the request id, after audio and with input open too.

    Which type is which exit status is tested in tests/core/session/test_failures.py.
    """
    service.does(Fails("an_error_of_next_year", "The moon is full.", after_audio=True))
    running = say.start("--retry", "0")
    running.type(b"One.\n\n")

    result = say.end(running, limit=5)

    assert (result.status, is_one_message(result)) == (8, True)
    assert "The moon is full." in result.stderr
    assert REQUEST_ID in result.stderr
    assert result.stdout == b"One.\n\n"


def test_refused_handshake(say: Say, service: FakeService) -> None:
    """The HTTP status of a refused handshake decides and is named, while input is still open.

    Which one is which exit status is tested in tests/io/test_connection.py.
    """
    service.does(Refuses(401, body=b'{"error":"not today"}'))
    running = say.start("--retry", "0")

    result = say.end(running, limit=5)

    assert (result.status, is_one_message(result)) == (3, True)
    assert "401" in result.stderr
    assert len(service.handshakes) == 1


def test_unknown_host(say: Say) -> None:
    """An unknown host is exit 5, naming it, and is not retried."""
    result = say("--base-url", "https://nobody.invalid", stdin=b"Words.")

    assert (result.status, is_one_message(result)) == (5, True)
    # The next line repeats the option, which names it too.
    assert "nobody.invalid" in result.lines[0]
    assert "attempts" not in result.lines[0]


def test_an_older_generation(say: Say, service: FakeService) -> None:
    """A service that speaks an older protocol is exit 8, saying so."""
    service.does("speaks generation 1")

    result = say("--retry", "0", stdin=b"One.\n\nTwo.")

    assert (result.status, is_one_message(result)) == (8, True)
    assert "older" in result.stderr or "generation" in result.stderr or "1.2" in result.stderr


def test_words_without_audio(say: Say, service: FakeService) -> None:
    """An utterance with words that is confirmed without audio is exit 8."""
    service.does("gives no audio")

    result = say(stdin=b"One.\n\nTwo.\n\n")

    assert (result.status, result.stdout, is_one_message(result)) == (8, b"", True)
    assert "remove its first words" in result.stderr


def test_cut_off(say: Say, service: FakeService) -> None:
    """A session that ends before everything is confirmed is lost, however cleanly, with input open.

    After the last attempt that is exit 6. The message has the close code, the reason, escaped, and how many
    bytes were confirmed.
    """
    service.does(
        HangsUp(1000, at=2), HangsUp(None, at=1), HangsUp(1011, "synthesis \x1b[31mfailed\x07", at=1)
    )
    running = say.start("--retry", "2")
    running.type(b"One.\n\nTwo three.\n\n")

    result = say.end(running, limit=8)

    assert (result.status, is_one_message(result), len(service.handshakes)) == (6, True, 3)
    assert result.stdout == b"One.\n\n" + b"Two th" * 3
    assert "6 of 18 bytes of text confirmed" in result.stderr
    assert r"1011: synthesis \x1b[31mfailed\x07" in result.stderr


def test_no_close_is_awaited(say: Say, service: FakeService) -> None:
    """Once every flush is answered `finish` follows, and then no close is awaited."""
    service.does("never closes")

    result = say("--retry", "0", "--timeout", "3", stdin=b"One.\n\nTwo three.", limit=5)

    assert (result.status, result.stdout, result.stderr) == (0, b"One.\n\nTwo three.", "")
    assert len(service.handshakes) == 1
    service.session().wait_finish()


def test_no_close_confirms(say: Say, service: FakeService) -> None:
    """A close before the answer to the last flush is a lost connection, though all audio came."""
    service.does(HangsUp(1000, "idle", at=2, share=1))

    result = say("--retry", "0", stdin=b"One.\n\nTwo.")

    assert (result.status, is_one_message(result)) == (6, True)
    assert result.stdout == b"One.\n\nTwo."
    assert not service.session().finished


def test_unanswered_flush(say: Say, service: FakeService) -> None:
    """Without an answer to a flush the run ends at the silence limit, with all audio and input open.

    The same after the end of the input is in test_hostile.py (test_lost_each_time).
    """
    service.does("never confirms")
    running = say.start("--retry", "0", "--timeout", "0.3")
    running.type(b"One.\n\nTwo.\n\n")

    result = say.end(running, limit=5)

    assert (result.status, result.stdout, is_one_message(result)) == (6, b"One.\n\nTwo.\n\n", True)


NASTY = "\x1b[31mred\x1b]0;title\x07 \x9b2J\u202eevil [bold]not markup[/bold] [/] two\r\nlines\ttab\x00\ud800"


def test_words_of_the_service(say: Say, service: FakeService) -> None:
    """Control characters of the service never reach a terminal; brackets are no markup, even with --debug.

    The key is not shown, nor the password in the URL of the service, even if the service repeats them.
    Standard output carries audio only.
    """
    key = "sk-a'b\"c\\d-0123456789"
    service.key = key
    told = f"Invalid API key {key} of hunter2! {NASTY}"
    service.does(Fails("authentication_error", told, after_audio=True))
    url = service.url.replace("//", "//me:hunter2@")

    result = say("--debug", "--base-url", url, stdin=b"Words.", env={"LMNT_API_KEY": key})

    assert (result.status, result.stdout) == (3, b"Words.")
    assert not set(result.stderr) & set("\x1b\x07\x9b\x00\r\t\u202e")
    assert "[bold]not markup[/bold] [/] two" in result.lines[-2]
    assert "\\ud800" in result.lines[-2]
    assert "Invalid API key [key] of [password]!" in result.lines[-2]
    for spelling in (key, repr(key)[1:-1], json.dumps(key)[1:-1]):
        assert spelling[: len(spelling) // 2] not in result.stderr
    assert "hunter2" not in result.stderr


def test_wrong_key(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A refused key is exit 3 after one attempt, with the message of the service, even with -q.

    There is no recording, so the command that speaks the text later has no -c.
    """
    result = say("-q", "-o", "story.mp3", stdin=b"Words.", env={"LMNT_API_KEY": "wrong-key-987"})

    assert (result.status, is_one_message(result)) == (3, True)
    assert "Invalid API key" in result.lines[0]
    assert REQUEST_ID in result.lines[0]
    assert "wrong-key-987" not in result.stderr
    assert "resume with: lmnt-say -o story.mp3 " in result.lines[1]
    assert list(tmp_path.glob("story*")) == []
    assert len(service.handshakes) == 1
    service.sessions[0].faults.clear()


def under(redirection: str) -> tuple[str, ...]:
    """Start the program with a descriptor closed or redirected."""
    return ("sh", "-c", f'exec "$@" {redirection}', "sh")


def test_closed_standard_output(say: Say, service: FakeService) -> None:
    """Nothing can be written to a closed standard output: exit 7, before anything is asked.

    Help and lists are tested in tests/test_cli.py.
    """
    result = say("--tee", "-o", "story.mp3", stdin=b"Words.", under=under(">&-"))

    assert (result.status, is_one_message(result)) == (7, True)
    assert service.handshakes == []


def test_closed_descriptors_beside_a_file(say: Say, tmp_path: Path) -> None:
    """With `-o`, neither standard output nor stderr is needed, and nothing else is written to the file."""
    result = say("--debug", "-o", "story.mp3", stdin=b"caf\xe9.\n\nTwo.", under=under(">&- 2>&-"))

    assert result.status == 0
    assert (tmp_path / "story.mp3").read_text() == "caf�.\n\nTwo."


def test_stderr_that_takes_nothing(say: Say) -> None:
    """A full stderr never stops the audio or changes a byte of it."""
    result = say("--debug", stdin=b"caf\xe9.\n\nTwo.", under=under("2>/dev/full"))

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
