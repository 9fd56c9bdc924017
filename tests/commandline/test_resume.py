"""The command that resumes a failed run, as pasted into a shell (contract, 4)."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmnt_cli.cli import parse
from lmnt_cli.commandline.resume import quoted, resume_command
from lmnt_cli.core.value import replace
from lmnt_cli.options import Flags
from tests.test_options import VALUES
from tests.tools.each import each
from tests.tools.strategies import properties


def test_resume_command() -> None:
    """The command has every option that still matters, and ends with the saved text."""
    words = shlex.split(resume_command(VALUES, "/a dir/it's.txt"))
    alone = replace(VALUES, local=None, verbose=None, no_config=None)

    assert words[0] == "lmnt-say"
    assert words[-2:] == ["-f", "/a dir/it's.txt"]
    expected = {option.name: value for option, value in alone.given() if option.resumes}
    assert parse(shlex.split(resume_command(alone, "s"))[1:]) == Flags(**expected, file=("s",))


def test_resume_command_of_the_defaults() -> None:
    """Options that were not given are not in it."""
    assert resume_command(Flags(text=("Hello",), output="a.mp3"), "s.txt") == "lmnt-say -f s.txt"


def test_resume_command_that_appends() -> None:
    """If there is a recording to complete, the command names it."""
    flags, output = Flags(voice="ava"), "Chapter 1.wav"

    command = resume_command(flags, "s.txt", output=output)
    assert command == "lmnt-say -o 'Chapter 1.wav' -v ava -f s.txt"
    command = resume_command(flags, "s.txt", output=output, appends=True)
    assert command == "lmnt-say -c -o 'Chapter 1.wav' -v ava -f s.txt"


def read_back(command: str, shell: str = "bash") -> bytes:
    """Return the first argument as passed on by a shell."""
    (argument,) = read_all_back([command], shell)
    return argument


def read_all_back(commands: list[str], shell: str = "bash") -> list[bytes]:
    """Return all arguments as passed on by a shell."""
    script = f"printf '%s\\0' {' '.join(commands)}"
    run = subprocess.run([shell, "-c", script], capture_output=True, timeout=10, check=True)
    return run.stdout.split(b"\0")[:-1]


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


QUOTED = [
    b"plain", b"two words", b"it's", b'"', b"$HOME", b"a\nb", b"a\tb", b"\x1b[31m", b"-dash",
    b"back\\slash", b"'\n\\'\x7f",
    "Gr\u00fc\u00dfe".encode(), "\u200fx".encode(), "\u202e0".encode(), b"st\xff", b"\xe2\x80", b"\x015",
]  # fmt: skip


@each("shell", ["sh", "bash"])
def test_quoted(shell: str) -> None:
    """A shell reads back the bytes of any name, and the command is printable."""
    commands = [quoted(os.fsdecode(name)) for name in QUOTED]

    assert [command for command in commands if not command.isprintable()] == []
    assert read_all_back(commands, shell) == QUOTED


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_quoted_for_other_shells(shell: str, needs: Callable[[str], str]) -> None:
    """Shells that people type in read back the same bytes."""
    name = b"it's 100% `a` $HOME! \\\n\t\"\xff-\xc3\xa9\x1b[0m1"

    assert read_back(quoted(os.fsdecode(name)), needs(shell)) == name
    assert read_back(quoted(os.fsdecode(b"-x\n1")), needs(shell)) == b"-x\n1"


def test_quoted_with_a_newline_at_the_end() -> None:
    """A name that ends with a newline keeps it where the shell knows `$'…'`."""
    command = quoted("it's\n\n")

    assert command.isprintable()
    assert read_back(command) == b"it's\n\n"


@settings(properties, max_examples=25)
@given(st.lists(NAMES, min_size=40, max_size=40))
def test_quoted_names(names: list[str]) -> None:
    """The same holds for names of any characters."""
    commands = [quoted(name) for name in names]

    assert all(command.isprintable() for command in commands)
    assert read_all_back(commands) == [name.encode() for name in names]


def test_quoted_path_exists(tmp_path: Path) -> None:
    """A file is found under its quoted name."""
    path = tmp_path / "st\nnl\u200f\udcff"
    path.write_text("text")

    assert (
        subprocess.run(
            ["bash", "-c", f"cat {quoted(str(path))}"], capture_output=True, timeout=10, check=True
        ).stdout
        == b"text"
    )
