"""Open the text of a run, and choose the hint for a user who is about to type it."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.text.flush_rules import FlushRule
from ..errors import UsageError
from ..io.same_file import End
from ..io.source import STANDARD_INPUT, DescriptorSource, JoinedSource, WordsSource
from ..io.terminal import is_terminal
from ..settings import STDIN, Settings, TextSettings


if TYPE_CHECKING:
    from ..speak import Source


def open_source(
    text: TextSettings, closed: frozenset[int], notice: Callable[[str], None] | None = None
) -> Source:
    """Open all of the text. `closed` holds descriptors that were closed at start.

    `notice` is called with a line about input that may have been truncated. Raises UsageError for input that
    cannot be read or is not text.
    """
    if text.words is not None:
        return WordsSource(text.words)
    sources = [_open(file, closed, notice) for file in text.files]
    return sources[0] if len(sources) == 1 else JoinedSource(sources)


def ends_read(text: TextSettings) -> list[End]:
    """Return the inputs of a run, to be compared with its outputs."""
    return [End(STANDARD_INPUT, (0,)) if file == STDIN else End(file, (file,)) for file in text.files]


def _open(file: str, closed: frozenset[int], notice: Callable[[str], None] | None) -> DescriptorSource:
    if file == STDIN and 0 in closed:
        raise UsageError("could not read standard input: it is closed")
    name = STANDARD_INPUT if file == STDIN else file
    try:
        binary: int = getattr(os, "O_BINARY", 0)
        descriptor = 0 if file == STDIN else os.open(file, os.O_RDONLY | binary)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise UsageError(f"could not read {name}: it is a directory")
        source = DescriptorSource(descriptor, name, notice)
        source.judge()
    except OSError as error:
        raise UsageError(f"could not read {name}: {error.strerror}") from error
    return source


def hint(text: TextSettings, given: tuple[str, ...] | None) -> str | None:
    """Return a hint to print before the run, if any. `given` holds the words on the command line."""
    if given:
        if all(map(os.path.isfile, given)):
            options = " ".join(f"-f {shlex.quote(name)}" for name in given)
            what = ("word", "file of that name") if len(given) == 1 else ("words", "files of these names")
            return f"speaking the {what[0]}; to read the {what[1]}, use {options}"
    elif text.reads_stdin and is_terminal(0):
        when = {
            FlushRule.NEWLINE: "Enter speaks a line",
            FlushRule.BLANK_LINE: "an empty line speaks",
            FlushRule.SENTENCE: "sentences are spoken",
            FlushRule.NEVER: "type",
        }
        return f"{when[text.flush_rule]}, Ctrl-C drops what is being said, Ctrl-D ends"
    return None


def text_size(text: TextSettings) -> int | None:
    """Return the size of the whole text in bytes, None if it is not known in advance."""
    if text.words is not None:
        return len(text.words)
    try:
        modes = [os.stat(0 if file == STDIN else file) for file in text.files]
    except OSError:
        return None
    return sum(mode.st_size for mode in modes) if all(stat.S_ISREG(mode.st_mode) for mode in modes) else None


def file_name(settings: Settings) -> str | None:
    """Return the name of the file that a run reads, or else of the one it writes, or None."""
    files = [file for file in settings.text.files if file != STDIN]
    path = files[0] if files else settings.audio.output
    return None if path is None else os.path.basename(path)
