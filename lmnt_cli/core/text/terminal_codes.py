"""Removes terminal escape sequences (ECMA-48) from text that arrives in pieces.

A sequence split by a read waits for its end, within a bound. If it turns out not to be one, only its
introducer is removed (ESC and the letter after it), so that a stray ESC never costs a word.

Control strings (`ESC ]`, `P`, `X`, `^`, `_`: titles, links, images) are the hard part, because they may
contain any text and their end may never arrive:

* Up to 4,096 characters are held. If a blank line, another escape sequence or the end of input comes before
  the end of the string, it was not a control string.
* A longer one is dropped as an image or the like if it looks like payload: ASCII without white space except
  line feeds. It is dropped line by line as it arrives; the first line that looks like text ends it and is
  spoken.
"""

from __future__ import annotations

import re
from functools import cache


# The most characters held of a control string, or of one line of its payload.
MOST_HELD = 4096

_CONTROL_SEQUENCE = r"(?:\x1b\[|\x9b)[0-?]{0,256}[ -/]{0,16}"
_CONTROL_STRINGS = frozenset("]PX^_")
_MAY_END = frozenset("\x07\x9c\x1b\n")


@cache
def _pattern(name: str) -> re.Pattern[str]:
    # Compiled when the first escape sequence arrives: most text has none.
    return re.compile(
        {
            "introducer": "[\x1b\x9b]",
            "sequence": rf"{_CONTROL_SEQUENCE}[@-~]"  # colours, cursor movements
            r"|\x1b[ -/]{1,16}[0-~]"  # character sets and the like
            r"|\x1b[0-OQ-WYZ\\`-~]",  # two-character sequences
            "unfinished": rf"{_CONTROL_SEQUENCE}|\x1b[ -/]{{0,16}}",
            # BEL, ST in either spelling, another sequence, or a blank line
            "string end": r"[\x07\x9c\x1b]|\n[^\S\n]*\n",
            "no payload": r"[^\S\n\r]|[^\x00-\x7f]",
            "payload": r"[\x00-\x06\x08\r\x0e-\x1a!-\x7f]*",
        }[name]
    )


class TerminalCodes:
    """A filter that removes escape sequences from text."""

    def __init__(self) -> None:
        self._held = ""
        self._in_payload = False
        # Whether the payload's current line is longer than the part of it that may be held.
        self._long_line = False

    def feed(self, text: str, *, final: bool = False) -> str:
        """Take more text; return the part known not to belong to an escape sequence."""
        if not self._held and not self._in_payload and "\x1b" not in text and "\x9b" not in text:
            return text
        if not final and self._is_inside(text):
            self._held += text
            return ""
        text, self._held = self._held + text, ""
        kept: list[str] = []
        position = 0
        while position < len(text):
            if self._in_payload:
                position = self._drop_payload(text, position, kept, final)
            elif found := _pattern("introducer").search(text, position):
                kept.append(text[position : found.start()])
                position = self._take_sequence(text, found.start(), final)
            else:
                kept.append(text[position:])
                break
        return "".join(kept)

    def _is_inside(self, text: str) -> bool:
        """Return whether a control string is held that this text neither ends nor makes too long.

        Searching what is held again for each read would make many short reads slow.
        """
        held = self._held
        return (
            held[:1] == "\x1b"
            and held[1:2] in _CONTROL_STRINGS
            and held[-1] != "\x1b"
            and len(held) + len(text) < MOST_HELD
            and not self._in_payload
            and _MAY_END.isdisjoint(text)
        )

    # Each of these returns the position in `text` at which to continue: its end if the rest is held for more.

    def _hold(self, text: str, start: int) -> int:
        self._held = text[start:]
        return len(text)

    def _take_sequence(self, text: str, start: int, final: bool) -> int:
        if text[start] == "\x1b" and text[start + 1 : start + 2] in _CONTROL_STRINGS:
            return self._take_string(text, start, final)
        if match := _pattern("sequence").match(text, start):
            return match.end()
        if not final and _pattern("unfinished").fullmatch(text, start):
            return self._hold(text, start)
        return start + (2 if text.startswith("\x1b[", start) else 1)

    def _take_string(self, text: str, start: int, final: bool) -> int:
        """Take a control string, its beginning if it looks like payload, or only its introducer."""
        none = start + 2  # not a control string: drop only ESC and its letter
        # Judged by its first characters alone, however much of it is available.
        limit = start + MOST_HELD
        found = _pattern("string end").search(text, none, limit)
        if found is None:
            if len(text) < limit:
                return none if final else self._hold(text, start)
            if _pattern("no payload").search(text, none, limit):
                return none
            self._in_payload = True
            last_line = text.rfind("\n", none, limit) + 1
            self._long_line = last_line == 0
            return last_line or limit
        if found[0] in ("\x07", "\x9c"):
            return found.end()
        if found[0] == "\x1b":
            if text.startswith("\\", found.end()):
                return found.end() + 1
            if found.end() == len(text) and not final:
                return self._hold(text, start)
        return none

    def _drop_payload(self, text: str, line: int, kept: list[str], final: bool) -> int:
        """Drop payload from `line` on, where the available part of its current line begins."""
        match = _pattern("payload").match(text, line)
        assert match is not None, "the pattern matches an empty string"
        end = match.end()
        found = text[end : end + 1]
        is_long = self._long_line or end - line > MOST_HELD
        if not final and (not found or (found == "\x1b" and end + 1 == len(text))):
            self._long_line = is_long
            return self._hold(text, end if is_long else line)
        self._long_line = False
        if found == "\n" and (is_long or end > line):
            return end + 1
        self._in_payload = False
        if found in ("\x07", "\x9c"):
            return end + 1
        if found == "\x1b":
            return end + 2 if text.startswith("\\", end + 1) else end
        if is_long:
            return end
        # A line that looks like text, or a blank one: it is spoken, after the line feed that was dropped with
        # the line before it.
        kept.append("\n")
        return line
