"""Where an utterance may end: the four flush rules.

A rule looks at content, never at where a read ended: fed in any pieces, it finds the same boundaries. Each
remembers only as much of earlier text as it needs, within a bound.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import Protocol


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


# What ends a line: LF (CR and CRLF are LFs by now), form feed, NEL, line and paragraph separators.
LINE_ENDS = "\n\f\x85\u2028\u2029"
# What a blank line may hold: Unicode's other white space, zero-width space and zero-width no-break space.
_BLANKS = (
    "\t\v\x1c\x1d\x1e\x1f \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000\u200b\ufeff"
)


class NoBoundaries:
    """The end of the text alone ends an utterance."""

    def feed(self, text: str) -> None:
        """Take text, which is not looked at."""

    def next_end(self, start: int) -> int | None:  # noqa: ARG002 - the protocol's signature
        """Return None: there is no boundary."""
        return None


class Newlines:
    """After every end of line."""

    def __init__(self) -> None:
        self._line_end = re.compile(f"[{LINE_ENDS}]")
        self._text = ""

    def feed(self, text: str) -> None:
        """Take more text."""
        self._text = text

    def next_end(self, start: int) -> int | None:
        """Return the place after the next end of line."""
        match = self._line_end.search(self._text, start)
        return match and match.end()


class BlankLines:
    """After an end of line, optional white space (any Unicode space), and an end of line."""

    def __init__(self) -> None:
        self._blank_line = re.compile(f"[{LINE_ENDS}][{_BLANKS}]*[{LINE_ENDS}]")
        self._text = ""
        # The end of line of an earlier text, if only white space came since; it stands before this one.
        self._before = ""

    def feed(self, text: str) -> None:
        """Take more text."""
        last = self._text.rstrip(_BLANKS)[-1:]
        self._before = last if last in LINE_ENDS else ""
        self._text = self._before + text

    def next_end(self, start: int) -> int | None:
        """Return the place after the end of line that completes the next blank line."""
        # One line feed may end a blank line and begin the next.
        match = self._blank_line.search(self._text, max(start + len(self._before) - 1, 0))
        return match and match.end() - len(self._before)
