"""The text of a run is opened, and a hint shown to a user who types it (contract, 2 and 3)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.io.same_file import End
from lmnt_cli.io.source import DescriptorSource, JoinedSource, WordsSource
from lmnt_cli.options import Flags
from lmnt_cli.run.source import ends_read, file_name, hint, open_source, text_size
from lmnt_cli.settings import Settings, resolve
from tests.tools.each import each


@pytest.fixture(autouse=True)
def _in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a directory of the test, because names are relative."""
    monkeypatch.chdir(tmp_path)


def settings(**flags: Any) -> Settings:
    """Return the settings for these flags."""
    return resolve(
        Flags(**flags),
        {"LMNT_API_KEY": "a-key"},
        stdin_typed=False,
        stdout_terminal=False,
    )


def refusal(closed: frozenset[int] = frozenset(), **flags: Any) -> UsageError:
    """Return the error of an input that cannot be opened."""
    with pytest.raises(UsageError) as raised:
        open_source(settings(**flags).text, closed)
    assert raised.value.code is ExitCode.USAGE
    return raised.value


def test_words() -> None:
    """With words, standard input is not used, whether it is closed or not."""
    assert isinstance(open_source(settings(text=("Hi",)).text, frozenset({0})), WordsSource)


def test_standard_input() -> None:
    """Without words or a file, the text is standard input."""
    assert isinstance(open_source(settings().text, frozenset()), DescriptorSource)


def test_closed_standard_input() -> None:
    """A closed standard input is exit status 2, unless a file is read."""
    assert "it is closed" in refusal(frozenset({0})).message
    Path("text").write_text("Words.")
    assert isinstance(open_source(settings(file=("text",)).text, frozenset({0})), DescriptorSource)


def test_no_such_file() -> None:
    """A missing file is named, with the reason."""
    assert refusal(file=("none",)).message == "could not read none: No such file or directory"


def test_a_file_that_is_no_text() -> None:
    """Each file is checked before anything is connected, even after one that is text."""
    Path("text").write_text("Words.")
    Path("book.pdf").write_bytes(b"%PDF-1.7")

    error = refusal(file=("text", "book.pdf"))
    assert error.message == "could not read book.pdf as text: it looks like a PDF document"
    assert error.hint == "extract its text first: pdftotext book.pdf - | lmnt-say"


def test_a_directory() -> None:
    """A directory is refused."""
    os.mkdir("texts")

    assert "directory" in refusal(file=("texts",)).message


def test_every_file_is_opened() -> None:
    """All files are opened before any is read, and a missing one is named."""
    Path("one").write_text("One.")

    assert refusal(file=("one", "none")).message == "could not read none: No such file or directory"
    assert "standard input" in refusal(frozenset({0}), file=("one", "-")).message
    assert isinstance(open_source(settings(file=("one", "one")).text, frozenset()), JoinedSource)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("chapter",), "-f chapter"),
        (("chapter", "it's two"), "-f chapter -f 'it'\"'\"'s two'"),
        (("chapter", "one"), None),
        (("verse",), None),
    ],
)
def test_words_that_name_files(words: tuple[str, ...], expected: str | None) -> None:
    """Words that all name existing files cause a hint about `-f`; others do not."""
    Path("chapter").write_text("Words.")
    Path("it's two").write_text("Words.")
    found = hint(settings(text=words).text, words)

    assert found is None if expected is None else str(found).endswith(expected)


def test_no_hint_for_a_file() -> None:
    """A file read with `-f` causes no hint."""
    assert hint(settings(file=("chapter",)).text, None) is None


@pytest.fixture
def _typed() -> Iterator[None]:
    """Standard input is a terminal."""
    before, ends = os.dup(0), os.openpty()
    os.dup2(ends[1], 0)
    yield
    os.dup2(before, 0)
    for descriptor in (before, *ends):
        os.close(descriptor)


@pytest.mark.usefixtures("_typed")
@each(
    ("rule", "words"),
    [
        (FlushRule.NEWLINE, "Enter speaks a line"),
        (FlushRule.BLANK_LINE, "an empty line speaks"),
        (FlushRule.SENTENCE, "sentences are spoken"),
        (FlushRule.NEVER, "type"),
    ],
)
def test_hint_for_typed_text(rule: FlushRule, words: str) -> None:
    """One line tells how to have typed text spoken, and how to end."""
    found = hint(settings(flush_on=rule).text, None)

    assert found == f"{words}, Ctrl-C drops what is being said, Ctrl-D ends"


def test_what_is_read() -> None:
    """Every input file is known in advance, standard input by its descriptor; words are none."""
    both = settings(file=("-", "a.txt")).text

    assert ends_read(both) == [End("standard input", (0,)), End("a.txt", ("a.txt",))]
    assert ends_read(settings(text=("words",)).text) == []


def test_the_size_of_the_text() -> None:
    """The size of words and regular files is known from the start, that of a pipe is not."""
    Path("one").write_text("One.")
    os.mkfifo("pipe")

    assert text_size(settings(text=("Grüße", "dir")).text) == len("Grüße dir".encode())
    assert text_size(settings(file=("one", "one")).text) == 8
    assert text_size(settings(file=("one", "pipe")).text) is None
    assert text_size(settings(file=("none",)).text) is None


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"text": ("Hi",)}, None),
        ({"text": ("Hi",), "output": "out/a.mp3"}, "a.mp3"),
        ({"file": ("texts/ch07.txt",), "output": "a.mp3"}, "ch07.txt"),
        ({"file": ("-",)}, None),
    ],
)
def test_the_name_of_a_run(flags: dict[str, Any], expected: str | None) -> None:
    """A run is named after its text file, or else after its recording."""
    assert file_name(settings(**flags)) == expected
