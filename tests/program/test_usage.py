"""Invalid usage is refused in one line, before anything else happens (contract, sections 2 and 7)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


def refused(say: Say, *args: str | Path, **options: object) -> str:
    """Return the line of a run that is refused as a usage error."""
    result = say(*args, **options)  # type: ignore[arg-type]  # whatever a run takes

    assert result.status == 2
    assert result.stdout == b""
    assert len(result.lines) == 1
    assert result.stderr.startswith("lmnt-say: ")
    return result.stderr


@pytest.fixture(autouse=True)
def _nothing_is_touched(service: FakeService, tmp_path: Path) -> object:
    """Options are checked before any network or output is used."""
    yield

    assert service.handshakes == []
    assert list(tmp_path.glob("story*")) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--voise", "lily"), ("--voise", "--voice")),
        (("--no-such-thing-at-all",), ("--no-such-thing-at-all",)),
        (("-Z",), ("-Z",)),
        (("--voice",), ("--voice",)),
        (("--format", "mp4"), ("mp4", "mp3")),
        (("--flush-on", "word"), ("word", "blank-line")),
        (("--sample-rate", "44100"), ("44100", "24000")),
        (("--retry", "-1"), ("--retry",)),
        (("--connect-timeout", "-1"), ("--connect-timeout",)),
        (("--flush-idle", "-1"), ("--flush-idle",)),
        (("-f", "nowhere.txt"), ("nowhere.txt",)),
        (("-o", "story.xyz"), ("--format",)),
        (("--base-url", "ftp://127.0.0.1"), ("--base-url", "https")),
        (("--local", "--base-url", "http://127.0.0.1:9"), ("--local", "--base-url")),
        (("--api-key-file", "nowhere.key"), ("nowhere.key",)),
        (("-q", "--debug", "--speed", "2"), ("speed",)),
        (("--model", "blizzard"), ("model",)),
        (("--input", "a.txt"), ("--input", "-f FILE")),
        (("-5",), ("-5", "--")),
        (("--timeout", "10s"), ("--timeout", "10s", "seconds")),
        (("-l", "english"), ("english", "en?")),
        (("--base-url", ""), ("--base-url",)),
        (("-q", "--verbose"), ("--quiet", "--verbose")),
        (("-o", "story.mp3", "-o", "story.wav"), ("--output",)),
        (("-f", "nowhere.txt", "Words."), ("--file",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_options(say: Say, args: tuple[str, ...], words: tuple[str, ...]) -> None:
    """Each error is one line that names what was wrong, and the nearest valid option."""
    line = refused(say, *args, stdin=b"Words.")

    for word in words:
        assert word in line


def test_speed_and_model_are_explained(say: Say) -> None:
    """An option for something that sessions lack is explained, not merely unknown."""
    assert "session" in refused(say, "--speed", "2", stdin=b"Words.")
    assert "session" in refused(say, "--model", "blizzard", stdin=b"Words.")


def test_text_and_file(say: Say, tmp_path: Path) -> None:
    """Text comes from one place only."""
    (tmp_path / "text").write_text("From a file.")

    line = refused(say, "-f", "text", "Words.")

    assert "-f" in line or "--file" in line


def test_directory_as_text(say: Say) -> None:
    """A directory is refused as text."""
    assert "directory" in refused(say, "-f", ".").lower()


def test_directory_on_standard_input(say: Say, tmp_path: Path) -> None:
    """It is also refused on standard input, where the interpreter itself fails."""
    directory = os.open(tmp_path, os.O_RDONLY)
    result = say(stdin=directory)
    os.close(directory)

    assert result.status in (1, 2)
    assert "directory" in result.stderr


def test_no_key_on_the_command_line(say: Say) -> None:
    """There is no `--api-key VALUE`: the line suggests other ways, and does not repeat the key."""
    line = refused(say, "--api-key", "sk-secret-123", stdin=b"Words.")

    assert "sk-secret-123" not in line
    assert "LMNT_API_KEY" in line or "--api-key-file" in line
    assert "sk-secret-123" not in refused(say, "--api-key=sk-secret-123", stdin=b"Words.")


def test_key_and_text_on_standard_input(say: Say) -> None:
    """Key and text cannot both come from standard input."""
    assert "--api-key-file" in refused(say, "--api-key-file", "-", stdin=b"Words.")


@pytest.mark.parametrize("url", ["http://speech.example", "ws://speech.example/v2", "http://192.0.2.1:8000"])
def test_plain_http_to_a_stranger(say: Say, url: str) -> None:
    """A key is never sent in clear to another host unless that is allowed."""
    assert "--insecure-http" in refused(say, "--base-url", url, stdin=b"Words.")
    assert "--insecure-http" in refused(say, stdin=b"Words.", env={"LMNT_BASE_URL": url})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_plain_http_to_loopback(say: Say, host: str) -> None:
    """Loopback is not another host."""
    result = say("--base-url", f"http://{host}:9", "--retry", "0", stdin=b"Words.")

    assert (result.status, "--insecure-http" in result.stderr) == (5, False)


@pytest.mark.parametrize("key", [None, ""])
def test_missing_key(say: Say, key: str | None) -> None:
    """A missing or empty key is exit 3, and the line names LMNT_API_KEY."""
    result = say(stdin=b"Words.", env={"LMNT_API_KEY": key})

    assert result.status == 3
    assert "LMNT_API_KEY" in result.lines[0]
    assert len(result.lines) <= 2


def test_usage_errors_do_not_wait_for_text(say: Say) -> None:
    """A wrong option is refused while the input is still open."""
    running = say.start("--voise", "lily")

    assert say.end(running, limit=5).status == 2


def test_missing_key_does_not_wait_for_text(say: Say) -> None:
    """So is a missing key."""
    running = say.start(env={"LMNT_API_KEY": None})

    assert say.end(running, limit=5).status == 3


@pytest.mark.parametrize("option", ["--help", "-h", "--version"])
def test_words_about_the_program(say: Say, option: str) -> None:
    """Help and version are printed to standard output, need no key, and are exit 0."""
    result = say(option, env={"LMNT_API_KEY": None})

    assert (result.status, result.stderr) == (0, "")
    assert b"lmnt-say" in result.stdout


def test_every_file_is_opened_first(say: Say, tmp_path: Path) -> None:
    """A missing file is found before anything is connected, wherever it is in the list."""
    (tmp_path / "one").write_text("One.")

    assert "nowhere.txt" in refused(say, "-f", "one", "-f", "nowhere.txt")
