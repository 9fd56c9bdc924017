"""Bytes, cut anywhere, to the plain text that is spoken.

UTF-8 is decoded incrementally (RFC 3629): a BOM at the start is dropped, what is invalid becomes U+FFFD (one
for each maximal subpart, as Unicode recommends) and is counted. Terminal escape sequences (ECMA-48) are taken
out, CRLF becomes LF. Nothing that was cut in two by a read ever shows: its first part waits here for the
rest, within a bound.
"""

from __future__ import annotations

import codecs
import re


_INTRODUCER = re.compile("[\x1b\x9b]")
# Each has a bound, so that a stray ESC swallows no text: what is longer is no escape sequence, whole or cut.
_CONTROL_SEQUENCE = r"(?:\x1b\[|\x9b)[0-?]{0,256}[ -/]{0,16}"
_CONTROL_STRING = r"\x1b[\]PX^_][^\x07\x1b\x9c\n]{0,4000}"
_ESCAPE = re.compile(
    rf"{_CONTROL_SEQUENCE}[@-~]"  # colours, cursor movements
    rf"|{_CONTROL_STRING}(?:\x07|\x9c|\x1b\\)"  # window titles, links
    r"|\x1b[ -/]{1,16}[0-~]"  # character sets and the like
    r"|\x1b[0-OQ-WYZ\\`-~]"  # two-character sequences
)
_UNFINISHED = re.compile(rf"{_CONTROL_SEQUENCE}|{_CONTROL_STRING}\x1b?|\x1b[ -/]{{0,16}}")
# What to drop of a sequence that cannot be finished: its beginning only.
_STRAY = re.compile(rf"{_CONTROL_SEQUENCE}|\x1b[\]PX^_]?")
# Stands for what was invalid until it is counted; valid UTF-8 can never hold it, unlike U+FFFD.
_INVALID = "\udc80"


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError), "registered for decoding only"
    return _INVALID, error.end


codecs.register_error("lmnt_cli.mark", _mark)


class PlainText:
    """An incremental decoder. `replaced` counts what was not UTF-8."""

    def __init__(self) -> None:
        self.replaced = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("lmnt_cli.mark")
        self._at_start = True
        self._escape = ""
        self._carriage_return = ""

    def feed(self, data: bytes) -> str:
        """Take more bytes; return the text they completed, which may be empty."""
        return self._clean(self._decoder.decode(data))

    def finish(self) -> str:
        """Return what was still waiting for its second part; an unfinished escape sequence is dropped."""
        text = self._clean(self._decoder.decode(b"", final=True))
        text, self._carriage_return = text + self._carriage_return, ""
        self._escape = ""
        return text

    def _clean(self, text: str) -> str:
        if self._at_start and text:
            text, self._at_start = text.removeprefix("\ufeff"), False
        if not text.isascii():
            self.replaced += text.count(_INVALID)
            text = text.replace(_INVALID, "\ufffd")
        return self._join_lines(self._take_escapes_out(text))

    def _take_escapes_out(self, text: str) -> str:
        text = self._escape + text
        self._escape = ""
        kept: list[str] = []
        position = 0
        while found := _INTRODUCER.search(text, position):
            start = found.start()
            kept.append(text[position:start])
            if match := _ESCAPE.match(text, start):
                position = match.end()
            elif _UNFINISHED.fullmatch(text, start):
                self._escape = text[start:]
                return "".join(kept)
            else:
                stray = _STRAY.match(text, start)
                assert stray is not None, "every introducer begins a stray sequence"
                position = stray.end()
        kept.append(text[position:])
        return "".join(kept)

    def _join_lines(self, text: str) -> str:
        if not text:
            return text
        text = self._carriage_return + text
        self._carriage_return = "\r" if text.endswith("\r") else ""
        return text.removesuffix("\r").replace("\r\n", "\n")
