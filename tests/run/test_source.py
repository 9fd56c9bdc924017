"""Where the text of a run comes from, and what is said to whoever is to type it (contract, 2 and 3)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.io.source import DescriptorSource, WordsSource
from lmnt_cli.run.source import hint, open_source
from lmnt_cli.settings import Flags, Settings, resolve


@pytest.fixture(autouse=True)
def _in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are relative, as they are given."""
    monkeypatch.chdir(tmp_path)


def settings(**flags: Any) -> Settings:
    """The settings of these flags."""
    return resolve(
        Flags(**flags),
        {"LMNT_API_KEY": "a-key"},
        stdin_typed=False,
        stdout_terminal=False,
    )


def refusal(closed: frozenset[int] = frozenset(), **flags: Any) -> UsageError:
    """The error of an input that cannot be opened."""
    with pytest.raises(UsageError) as raised:
        open_source(settings(**flags), closed)
    assert raised.value.code is ExitCode.USAGE
    return raised.value


def test_words() -> None:
    """Words are there; standard input is not looked at, closed or not."""
    assert isinstance(open_source(settings(text=("Hi",)), frozenset({0})), WordsSource)


def test_standard_input() -> None:
    """Without words or a file it is standard input."""
    assert isinstance(open_source(settings(), frozenset()), DescriptorSource)


def test_closed_standard_input() -> None:
    """Closed at start, it is exit status 2, unless a file is read."""
    assert "it is closed" in refusal(frozenset({0})).message
    Path("text").write_text("Words.")
    assert isinstance(open_source(settings(file="text"), frozenset({0})), DescriptorSource)


def test_no_such_file() -> None:
    """A file that is not there is named, with the reason."""
    assert refusal(file="none").message == "could not read none: No such file or directory"


def test_a_directory() -> None:
    """A directory is no text."""
    os.mkdir("texts")

    assert "directory" in refusal(file="texts").message


def test_a_word_that_is_a_file() -> None:
    """One word that names an existing file gets a hint about `-f`; others get none."""
    Path("chapter").write_text("Words.")

    assert "-f chapter" in str(hint(settings(text=("chapter",))))
    assert hint(settings(text=("chapter", "one"))) is None
    assert hint(settings(text=("verse",))) is None
    assert hint(settings(file="chapter")) is None
