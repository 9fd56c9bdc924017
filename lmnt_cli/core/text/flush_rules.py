"""Where an utterance may end: the four flush rules.

A rule looks at content, never at where a read ended: fed in any pieces, it finds the same boundaries. Each
remembers only as much of earlier text as it needs, within a bound.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Protocol

from .line_rules import BlankLines, Newlines, NoBoundaries


class FlushRule(enum.Enum):
    """When the service is asked to speak what it has."""

    BLANK_LINE = "blank-line"
    NEWLINE = "newline"
    SENTENCE = "sentence"
    NEVER = "never"


class Boundaries(Protocol):
    """A flush rule at work.

    The caller skips boundaries that mean nothing to it, so that text of nothing but line feeds costs no more
    than other text.
    """

    def feed(self, text: str) -> None:
        """Take more text; `next_end` speaks of it until the next call."""
        ...

    def next_end(self, start: int) -> int | None:
        """Return the first boundary of the text at or after `start`, which never falls from call to call.

        0 is a boundary before the text, which only this text has made certain. None: the text holds no more.
        """
        ...


def boundaries_of(rule: FlushRule, language: str | None = None) -> Boundaries:
    """Return the rule at its beginning. `language` is a code of the text's language, if it is known."""
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
    """Feed the rule a text; yield all boundaries in it, in order."""
    boundaries.feed(text)
    end = boundaries.next_end(0)
    while end is not None:
        yield end
        end = boundaries.next_end(end)
