"""Text on standard input is saved if a run fails before reading it: `lmnt_cli.run.unread`."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.program import Result, Say


TEXT = "Grüße.\n\n**Two**.".encode()
NO_KEY = {"LMNT_API_KEY": None}


def saved(result: Result) -> list[str]:
    """Return the arguments of the command in the message."""
    return shlex.split(result.stderr[result.stderr.index("resume with: ") :].removeprefix("resume with: "))


@pytest.mark.parametrize(
    ("args", "env", "status"),
    [
        ((), NO_KEY, 3),
        ((), {"LMNT_API_KEY": "not a key"}, 3),
        (("-o", "none/a.mp3"), {}, 7),
        (("--subtitles", "none/a.srt"), {}, 7),
    ],
    ids=["no key", "a wrong key", "no directory", "no directory for subtitles"],
)
def test_saved(say: Say, args: tuple[str, ...], env: dict[str, str | None], status: int) -> None:
    """A key or an output that cannot be used is known before the text is read, which is saved as it is."""
    result = say("--strip", "markdown", "-v", "ava", *args, stdin=TEXT, env=env)

    assert result.status == status
    command = saved(result)
    assert Path(command[-1]).read_bytes() == TEXT
    assert {"-v", "ava", "--strip", "markdown", *args} <= set(command)


def test_resumed(say: Say, service: FakeService) -> None:
    """The printed command speaks the text, and then the saved file is removed."""
    command = saved(say(stdin=TEXT, env=NO_KEY))
    assert say(*command[1:]).status == 0
    assert service.session().text == TEXT.decode()
    assert not Path(command[-1]).exists()


def test_appended(say: Say, tmp_path: Path) -> None:
    """A run that would have appended is resumed by appending: what was recorded is not overwritten."""
    (tmp_path / "a.pcm.part").write_bytes(b"half")
    command = saved(say("-c", "-o", "a.pcm", stdin=TEXT, env=NO_KEY))

    assert say(*command[1:]).status == 0
    assert (tmp_path / "a.pcm").read_bytes() == b"half" + TEXT


def test_an_input_that_has_not_ended(say: Say, environment: dict[str, str]) -> None:
    """Only what is there already is saved, and the message says so."""
    del environment["LMNT_API_KEY"]
    running = say.start(env=NO_KEY)
    running.type(TEXT)
    result = say.end(running)

    assert result.status == 3
    assert "unspoken text (the input had not ended) saved" in result.stderr


@pytest.mark.parametrize(
    ("args", "stdin", "env", "status"),
    [
        (("--no-save",), TEXT, NO_KEY, 3),
        (("Words.",), b"", NO_KEY, 3),
        (("-f", "text"), TEXT, NO_KEY, 3),
        ((), b" ...", NO_KEY, 3),
        ((), b"PK\x03\x04\0", NO_KEY, 3),
        (("--list-voices",), TEXT, NO_KEY, 3),
        (("--timeout", "0"), TEXT, {}, 2),
        (("--events", "none/a"), TEXT, {}, 2),
    ],
    ids=["--no-save", "words", "a file", "no words", "no text", "a listing", "usage", "usage in opening"],
)
def test_not_saved(
    say: Say, environment: dict[str, str], args: tuple[str, ...], stdin: bytes, env: dict[str, str | None],
    status: int,
) -> None:  # fmt: skip
    """Nothing is saved that can be read again or has no words, on a usage error, or with --no-save."""
    (say.directory / "text").write_bytes(TEXT)
    result = say(*args, stdin=stdin, env=env)

    assert (result.status, len(result.lines)) == (status, 1)
    assert not list(Path(environment["XDG_STATE_HOME"]).rglob("*.txt"))


def test_nowhere_to_save(say: Say, tmp_path: Path) -> None:
    """A failure to save is mentioned in the same line."""
    os.mkfifo(tmp_path / "fifo")
    result = say(stdin=TEXT, env={**NO_KEY, "XDG_STATE_HOME": str(tmp_path / "fifo")})

    assert (result.status, len(result.lines)) == (3, 1)
    assert "the unspoken text could not be saved" in result.stderr
