"""The flush rules based on lines: `blank-line` and `newline`; and `never`."""

from __future__ import annotations

import re


# The characters that end a line: LF (CR and CRLF are already LF), form feed, NEL, line and paragraph
# separators.
LINE_ENDS = "\n\f\x85\u2028\u2029"
# The characters allowed in a blank line: Unicode's other white space, zero-width space and zero-width
# no-break space.
_BLANKS = (
    "\t\v\x1c\x1d\x1e\x1f \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000\u200b\ufeff"
)
_BLANK_LINE = f"[{LINE_ENDS}][{_BLANKS}]*[{LINE_ENDS}]"
# The same in ASCII text, which most text is; it compiles in a tenth of the time.
_ASCII_BLANK_LINE = r"[\n\f][\t\v\x1c-\x1f ]*[\n\f]"


class NoBoundaries:
    """Only the end of the text ends an utterance."""

    def feed(self, text: str) -> None:
        """Ignore the text."""

    def next_end(self, start: int) -> int | None:  # noqa: ARG002 - the protocol's signature
        """Return None: there is no boundary."""
        return None


class Newlines:
    """A boundary after every end of line."""

    def __init__(self) -> None:
        self._line_end = re.compile(f"[{LINE_ENDS}]")
        self._text = ""

    def feed(self, text: str) -> None:
        """Take more text."""
        self._text = text

    def next_end(self, start: int) -> int | None:
        """Return the position after the next end of line."""
        match = self._line_end.search(self._text, start)
        return match and match.end()


class BlankLines:
    """A boundary after an end of line, optional white space (any Unicode space), and an end of line."""

    def __init__(self) -> None:
        self._blank_line = re.compile(_ASCII_BLANK_LINE)
        self._text = ""
        # The last end of line, if only white space followed it; it comes before the current text.
        self._before = ""

    def feed(self, text: str) -> None:
        """Take more text."""
        last = self._text.rstrip(_BLANKS)[-1:]
        self._before = last if last in LINE_ENDS else ""
        self._text = self._before + text
        self._blank_line = re.compile(_ASCII_BLANK_LINE if self._text.isascii() else _BLANK_LINE)

    def next_end(self, start: int) -> int | None:
        """Return the position after the end of line that completes the next blank line."""
        # One line feed may end a blank line and begin the next.
        match = self._blank_line.search(self._text, max(start + len(self._before) - 1, 0))
        return match and match.end() - len(self._before)
