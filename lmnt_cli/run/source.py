"""Where the text of a run comes from, and what is said to whoever is to type it."""

from __future__ import annotations

import os
import stat

from ..core.text.flush_rules import FlushRule
from ..errors import UsageError
from ..io.source import DescriptorSource, WordsSource
from ..io.terminal import is_terminal
from ..settings import Settings
from ..speak import Source


def open_source(settings: Settings, closed: frozenset[int]) -> Source:
    """Open it; `closed` names descriptors that were closed at start. Raises UsageError."""
    if settings.words is not None:
        return WordsSource(settings.words)
    if settings.reads_stdin and 0 in closed:
        raise UsageError("could not read standard input: it is closed")
    name = settings.file or "standard input"
    try:
        binary: int = getattr(os, "O_BINARY", 0)
        descriptor = 0 if settings.file is None else os.open(settings.file, os.O_RDONLY | binary)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise UsageError(f"could not read {name}: it is a directory")
    except OSError as error:
        raise UsageError(f"could not read {name}: {error.strerror}") from error
    return DescriptorSource(descriptor, name)


def hint(settings: Settings) -> str | None:
    """What is worth a line before the run begins."""
    if settings.words is not None:
        word = os.fsdecode(settings.words)
        if " " not in word and os.path.isfile(word):
            return f"speaking the word “{word}”; the file of that name is read with -f {word}"
    elif settings.reads_stdin and is_terminal(0):
        when = {
            FlushRule.NEWLINE: "Enter speaks a line",
            FlushRule.BLANK_LINE: "an empty line speaks",
            FlushRule.SENTENCE: "sentences are spoken",
            FlushRule.NEVER: "type",
        }
        return f"{when[settings.flush_rule]}, Ctrl-C drops what is being said, Ctrl-D ends"
    return None
