"""The table of options, and the command that resumes a failed run, made from it (contract, 2 and 4)."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.cli import parse
from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.options import GROUPS, OPTIONS, Flags, OnDrop, Progress, documented, quoted, resume_command


# A value for each option, none of them its default.
VALUES = Flags(
    file=("a.txt", "-"), flush_on=FlushRule.SENTENCE, flush_idle=0.25, voice="my voice", language="de",
    format=AudioFormat.WAV, sample_rate=8000, output="a b.wav", part=False, clobber=False, save=False,
    play=True, player="mpv --volume=50 -", list_voices=True, usage=True, json=True, api_key_file="-k",
    base_url="http://127.0.0.1:9/p?x=1&y=2", insecure_http=True, proxy="http://me:p w@p:1", retry=0,
    on_drop=OnDrop.FAIL, connect_timeout=2.5, timeout=1e-3, local=True, progress=Progress.ALWAYS, quiet=True,
    verbose=True, debug=True,
)  # fmt: skip


def test_every_option_is_tried() -> None:
    """The values above are about every option there is."""
    assert {option.name for option, _ in VALUES.given()} == set(OPTIONS)


@pytest.mark.parametrize("name", OPTIONS)
def test_words(name: str) -> None:
    """The arguments that give a value are read back as that value."""
    option, value = OPTIONS[name], getattr(VALUES, name)
    flags = parse([*option.words(value), *(["--usage"] if name == "json" else [])])

    assert flags is not None
    assert getattr(flags, name) == value


@pytest.mark.parametrize("name", [name for name, option in OPTIONS.items() if option.opposite])
def test_words_of_the_way_back(name: str) -> None:
    """So is a switch that is turned back."""
    option = OPTIONS[name]

    assert parse(option.words(option.negative)) == Flags(**dict[str, Any]({name: option.negative}))


def test_nothing_given() -> None:
    """What is not given needs no arguments."""
    assert [option.words(None) for option in OPTIONS.values()] == [[]] * len(OPTIONS)


def test_spellings_are_unique() -> None:
    """No two options share a spelling, a way back or a key, and each stands in a group of the help."""
    spellings = [name for option in documented() for name in option.names]
    spellings += [option.opposite for option in OPTIONS.values() if option.opposite]

    assert len(spellings) == len(set(spellings))
    assert {option.group for option in documented()} == set(GROUPS)


def test_resume_command() -> None:
    """The command has every option that still matters, and reads the saved text at its end."""
    words = shlex.split(resume_command(VALUES, "/a dir/it's.txt"))
    alone = replace(VALUES, local=None)

    assert words[0] == "lmnt-say"
    assert words[-2:] == ["-f", "/a dir/it's.txt"]
    expected = {option.name: value for option, value in alone.given() if option.resumes}
    assert parse(shlex.split(resume_command(alone, "s"))[1:]) == Flags(**expected, file=("s",))


def test_resume_command_of_the_defaults() -> None:
    """What was not given is not in it."""
    assert resume_command(Flags(text=("Hello",), output="a.mp3"), "s.txt") == "lmnt-say -f s.txt"


def test_resume_command_that_appends() -> None:
    """With a recording to complete, it names that."""
    command = resume_command(Flags(voice="ava"), "s.txt", append_to="Chapter 1.wav")

    assert command == "lmnt-say -c -o 'Chapter 1.wav' -v ava -f s.txt"


def test_what_belongs_to_one_run() -> None:
    """What a run was given to read, write or list is not repeated."""
    assert {name for name, option in OPTIONS.items() if option.one_run and option.resumes} == set()
    assert {"file", "output", "list_voices"} <= {n for n, option in OPTIONS.items() if option.one_run}


def read_back(command: str, shell: str = "bash") -> bytes:
    """What a shell hands on as the first argument."""
    script = f"printf '%s' {command}"
    return subprocess.run([shell, "-c", script], capture_output=True, timeout=10, check=True).stdout


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize(
    "name",
    [
        b"plain", b"two words", b"it's", b'"', b"$HOME", b"a\nb", b"a\tb", b"\x1b[31m", b"-dash",
        b"back\\slash", b"'\n\\'\x7f",
        "Gr\u00fc\u00dfe".encode(), "\u200fx".encode(), "\u202e0".encode(), b"st\xff", b"\xe2\x80", b"\x015",
    ],
    ids=repr,
)  # fmt: skip
def test_quoted(name: bytes) -> None:
    """A shell reads back the bytes of any name, and everything in the command can be printed."""
    command = quoted(os.fsdecode(name))

    assert command.isprintable()
    assert read_back(command) == name


@given(st.lists(NAMES, min_size=20, max_size=20))
def test_quoted_names(names: list[str]) -> None:
    """So it does for names of any characters."""
    commands = [quoted(name) for name in names]
    script = f"printf '%s\\0' {' '.join(commands)}"
    run = subprocess.run(["bash", "-c", script], capture_output=True, timeout=10, check=True)

    assert all(command.isprintable() for command in commands)
    assert run.stdout.decode().split("\0")[:-1] == names


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
