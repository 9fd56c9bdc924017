"""Bytes, cut anywhere, to the plain text that is spoken.

Decoded, without escape sequences and control characters, every line end an LF (any run of CRs before an LF,
and a CR alone). Nothing that a read cuts in two ever shows: its first part waits for the rest, within bounds.
"""

from __future__ import annotations

import re

from .decoder import Decoder
from .terminal_codes import TerminalCodes


# The longest run of CRs that is taken for one line end.
_LONGEST_RUN = 4096
# The most characters already passed on that backspaces reach.
_REACH = 16

# C0 but for tab, LF and form feed (an end of line to the flush rules); and DEL.
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
        """How many U+FFFD stand for what could not be decoded."""
        return self._decoder.replaced

    def feed(self, data: bytes) -> str:
        """Take more bytes; return the text they completed, which may be empty."""
        return self._clean(self._codes.feed(self._decoder.feed(data)))

    def finish(self) -> str:
        """Return what was still waiting for its second part."""
        text = self._clean(self._codes.feed(self._decoder.feed(b"", final=True), final=True))
        # All but the first CR of a run at the end wait for an LF that will not come.
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

        The first CR of a run becomes an LF at once. The others wait for what ends the run: before an LF they
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
        """Take backspaces out, each with the character before it on its line.

        What was passed on cannot be called back; but a character that strikes itself over (bold, in manual
        pages) stands once, wherever reads fell.
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
