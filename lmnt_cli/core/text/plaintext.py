"""Turns bytes, cut anywhere, into the plain text to speak.

The text is decoded; escape sequences and control characters are removed; every line end becomes an LF (any
run of CRs before an LF, and a CR alone). Whatever a read splits in two waits for its second part, within
bounds.
"""

from __future__ import annotations

import re

from .decoder import Decoder
from .terminal_codes import TerminalCodes


# The longest run of CRs that is treated as one line end.
_LONGEST_RUN = 4096
# How far back backspaces reach into text already returned, in characters.
_REACH = 16

# C0 except tab, LF and form feed (an end of line to the flush rules); and DEL.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0d-\x1f\x7f]")


class PlainText:
    """An incremental decoder and cleaner."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._codes = TerminalCodes()
        self._returns = 0
        self._passed_on = ""
        self._rubbed_out = ""

    @property
    def replaced(self) -> int:
        """The number of U+FFFD that replace undecodable bytes."""
        return self._decoder.replaced

    def feed(self, data: bytes) -> str:
        """Take more bytes; return the text they complete, possibly empty."""
        return self._clean(self._codes.feed(self._decoder.feed(data)))

    def finish(self) -> str:
        """End the text; return what was still waiting for its second part."""
        text = self._clean(self._codes.feed(self._decoder.feed(b"", final=True), final=True))
        # All CRs of a final run except the first are waiting for an LF that never comes.
        return text + "\n" * (self._returns - 1)

    def _clean(self, text: str) -> str:
        if self._returns or self._rubbed_out or _CONTROLS.search(text):
            text = self._join_lines(re.sub("[\x00-\x07\x0b\x0e-\x1f\x7f]", "", text))
            if "\b" in text or self._rubbed_out:
                text = self._rub_out(text)
        self._passed_on = (self._passed_on + text[-_REACH:])[-_REACH:]
        return text

    def _join_lines(self, text: str) -> str:
        """Make every line end an LF.

        The first CR of a run becomes an LF at once. The others wait for the end of the run: before an LF they
        belong to it, before anything else each is a line end of its own.
        """
        if "\r" not in text and not self._returns:
            return text
        passed_on = 1 if self._returns else 0  # the LF for the first CR
        text = "\r" * self._returns + text
        complete = text.rstrip("\r")
        self._returns = len(text) - len(complete)
        joined = re.sub("\r+\n?", lambda run: "\n" * (1 if run[0][-1] == "\n" else len(run[0])), complete)
        if self._returns:
            joined += "\n"
        if self._returns > _LONGEST_RUN:
            joined += "\n" * (self._returns - _LONGEST_RUN)
            self._returns = _LONGEST_RUN
        return joined[passed_on:]

    def _rub_out(self, text: str) -> str:
        """Remove backspaces, each with the character before it on its line.

        Text already returned cannot be taken back. But a character that overstrikes itself (bold, in manual
        pages) appears once, wherever reads split it.
        """
        kept: list[str] = []
        for character in text:
            if character == "\b" and kept:
                if kept[-1] != "\n":
                    kept.pop()
            elif character == "\b":
                at = len(self._passed_on) - len(self._rubbed_out) - 1
                if at >= 0 and self._passed_on[at] != "\n":
                    self._rubbed_out = self._passed_on[at:]
            elif self._rubbed_out and self._rubbed_out[0] == character:
                self._rubbed_out = self._rubbed_out[1:]
            else:
                self._rubbed_out = ""
                kept.append(character)
        return "".join(kept)
