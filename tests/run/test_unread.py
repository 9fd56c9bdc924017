"""Text on standard input is saved if a run fails before reading it: `lmnt_cli.run.unread`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lmnt_cli.errors import MissingKey, SayError, UsageError
from lmnt_cli.options import Flags
from lmnt_cli.run.unread import save_unread
from lmnt_cli.settings import resolve_text
from tests.doubles.fake_service import FakeService
from tests.tools.each import each
from tests.tools.program import Result, Say


TEXT = "Grüße.\n\n**Two**.".encode()
NO_KEY = {"LMNT_API_KEY": None}
NO_KEY_GIVEN = MissingKey("no key")


def saved(result: Result) -> list[str]:
    """Return the arguments of the command in the message."""
    return shlex.split(result.stderr[result.stderr.index("resume with: ") :].removeprefix("resume with: "))


@pytest.mark.parametrize(
    ("args", "env", "status"),
    [
        ((), {"LMNT_API_KEY": "not a key"}, 3),
        (("-o", "none/a.mp3"), {}, 7),
        (("--subtitles", "none/a.srt"), {}, 7),
    ],
    ids=["a wrong key", "no directory", "no directory for subtitles"],
)
def test_saved(
    say: Say, service: FakeService, args: tuple[str, ...], env: dict[str, str | None], status: int
) -> None:
    """A key or an output that cannot be used is known before the text is read, which is saved as it is.

    The error names the path, and nothing is connected.
    """
    result = say("--strip", "markdown", "-v", "ava", *args, stdin=TEXT, env=env)

    assert result.status == status
    assert result.stderr.startswith("lmnt-say: ")
    assert [path for path in args[1:] if path not in result.lines[0]] == []
    assert service.handshakes == []
    command = saved(result)
    assert Path(command[-1]).read_bytes() == TEXT
    assert {"-v", "ava", "--strip", "markdown", *args} <= set(command)


def test_resumed(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Without a key the run waits for no text, and names LMNT_API_KEY: exit 3.

    The printed command speaks the text, and then the saved file is removed. A run that would have appended is
    resumed by appending: what was recorded is not overwritten. Of an input that has not ended only what is
    there already is saved, and the message says so.
    """
    (tmp_path / "a.pcm.part").write_bytes(b"half")
    running = say.start("-c", "-o", "a.pcm", env=NO_KEY)
    running.type(TEXT)
    result = say.end(running, limit=5)  # standard input stays open
    assert (result.status, len(result.lines)) == (3, 1)
    assert "LMNT_API_KEY" in result.stderr
    assert "unspoken text (the input had not ended) saved" in result.stderr

    command = saved(result)
    assert say(*command[1:]).status == 0
    assert service.session().text == TEXT.decode()
    assert (tmp_path / "a.pcm").read_bytes() == b"half" + TEXT
    assert not Path(command[-1]).exists()


def test_not_saved(say: Say, environment: dict[str, str]) -> None:
    """Nothing is saved for a listing. (Nor is it with --no-save or on a usage error: see below.)"""
    result = say("--list-voices", stdin=TEXT, env=NO_KEY)

    assert (result.status, len(result.lines)) == (3, 1)
    assert not list(Path(environment["XDG_STATE_HOME"]).rglob("*.txt"))


@contextmanager
def standard_input(text: bytes) -> Iterator[None]:
    """Put this text on standard input, in a pipe."""
    before = os.dup(0)
    reading, writing = os.pipe()
    os.write(writing, text)
    os.close(writing)
    os.dup2(reading, 0)
    os.close(reading)
    try:
        yield
    finally:
        os.dup2(before, 0)
        os.close(before)


@each(
    ("flags", "text", "failure", "is_saved"),
    [
        (Flags(), TEXT, NO_KEY_GIVEN, True),
        (Flags(text=("Words.",)), TEXT, NO_KEY_GIVEN, False),
        (Flags(file=("text",)), TEXT, NO_KEY_GIVEN, False),
        (Flags(), b" ...", NO_KEY_GIVEN, False),
        (Flags(), b"PK\x03\x04\0", NO_KEY_GIVEN, False),
        (Flags(), TEXT, UsageError("no"), False),
        (Flags(save=False), TEXT, NO_KEY_GIVEN, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, SayError) else value,
)
def test_what_is_saved(
    environment: dict[str, str], flags: Flags, text: bytes, failure: SayError, is_saved: bool
) -> None:
    """Nothing is saved that can be read again, or has no words, or is no text."""
    with standard_input(text), pytest.MonkeyPatch.context() as variables:
        variables.setenv("XDG_STATE_HOME", environment["XDG_STATE_HOME"])
        kept = save_unread(failure, resolve_text(flags, stdin_typed=False), flags, typed=False)
    found = list(Path(environment["XDG_STATE_HOME"]).rglob("*.txt"))

    assert (len(found), bool(kept.text)) == (is_saved, is_saved)
    for path in found:
        path.unlink()


def test_nowhere_to_save(say: Say, tmp_path: Path) -> None:
    """A failure to save is mentioned in the same line."""
    os.mkfifo(tmp_path / "fifo")
    result = say(stdin=TEXT, env={**NO_KEY, "XDG_STATE_HOME": str(tmp_path / "fifo")})

    assert (result.status, len(result.lines)) == (3, 1)
    assert "the unspoken text could not be saved" in result.stderr
