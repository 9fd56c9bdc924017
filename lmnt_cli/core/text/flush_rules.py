"""The four flush rules, which decide where an utterance may end: see `line_rules` and `sentences`.

A rule depends on the text, never on where a read ended: it finds the same boundaries in any pieces. It
remembers only as much earlier text as it needs, within a bound.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Protocol

from .line_rules import BlankLines, Newlines, NoBoundaries


class FlushRule(enum.Enum):
    """When to ask the service to speak the text so far."""

    BLANK_LINE = "blank-line"
    NEWLINE = "newline"
    SENTENCE = "sentence"
    NEVER = "never"


class Boundaries(Protocol):
    """A flush rule applied to one text.

    The caller skips boundaries it has no use for, so that text of nothing but line feeds costs no more than
    other text.
    """

    def feed(self, text: str) -> None:
        """Take more text, to which `next_end` refers until the next call."""
        ...

    def next_end(self, start: int) -> int | None:
        """Return the first boundary in the text at or after `start`, which must not decrease between calls.

        0 is a boundary before the text that this text has confirmed. None means that there are no more.
        """
        ...


def boundaries_of(rule: FlushRule, language: str | None = None) -> Boundaries:
    """Return a new instance of the rule. `language` is the code of the text's language, if known."""
    match rule:
        case FlushRule.BLANK_LINE:
            return BlankLines()
        case FlushRule.NEWLINE:
            return Newlines()
        case FlushRule.SENTENCE:
            # Imported late: most runs flush at blank lines, and need neither its patterns nor its data.
            from .sentences import Sentences

            return Sentences(language)
        case FlushRule.NEVER:
            return NoBoundaries()


def ends_in(boundaries: Boundaries, text: str) -> Iterator[int]:
    """Feed a text to the rule and yield all boundaries in it, in order."""
    boundaries.feed(text)
    end = boundaries.next_end(0)
    while end is not None:
        yield end
        end = boundaries.next_end(end)
