"""Tables (GFM): the cells of a row are joined by a comma and a space."""

from __future__ import annotations

import re

from .inline import Inline
from .patterns import pattern


# A longer first row, or a longer row after it, does not belong to a table.
LONGEST_ROW = 4096


def columns_of(row: str) -> int:
    """Return the number of cells in a complete row."""
    return len(split(row))


def split(row: str) -> list[str]:
    """Return the cells of a row, with pipes and backslashes as written."""
    cells = re.findall(r"(?:\A|\|)((?:[^|\\]|\\\|?)*+)", row.strip(), re.DOTALL)
    if cells and not cells[0].strip():
        del cells[0]
    if cells and not cells[-1].strip():
        del cells[-1]
    return cells


class Row:
    """The filter for one row. As in GFM, cells beyond the table's columns are dropped.

    `began` is whether the beginning of the first cell was passed on already, some of it held by `inline`.
    """

    def __init__(self, columns: int, inline: Inline, *, began: bool = False) -> None:
        self._columns = columns
        self._inline = inline
        self._rest = ""
        self._space = ""
        self._cell = 0
        self._began = self._cell_began = began
        self._cell_spoke = self._row_spoke = began

    def feed(self, text: str) -> str:
        """Take more of the row; return the text certain to be spoken."""
        text = self._rest + text
        self._rest = ""
        spoken = []
        at = 0
        while at < len(text):
            if text[at] == "\\" and at + 1 == len(text):
                self._rest = "\\"
                break
            at, said = self._take(text, at)
            spoken.append(said)
        return "".join(spoken)

    def pause(self) -> str:
        """Return the words held while no text has come for long."""
        return self._say(self._inline.pause())

    def end(self) -> str:
        """End the row; return what was still held."""
        said = self._say(self._inline.feed(self._rest)) if self._rest else ""
        return said + self._say(self._inline.end())

    def _take(self, text: str, at: int) -> tuple[int, str]:
        """Take a piece of the row; return where the next begins, and the text to speak."""
        if text[at] == "|":
            return at + 1, self._end_cell()
        if text[at] in " \t":
            end = pattern("spaces").match(text, at).end()  # type: ignore[union-attr] # it matches any text
            self._space += text[at:end] if len(self._space) < LONGEST_ROW else ""
            return end, ""
        self._began = True
        if text[at] == "\\":
            is_pipe = text[at + 1] == "|"
            end, piece = (at + 2, "|") if is_pipe else (at + 1, "\\")
        else:
            match = pattern("cell").match(text, at)
            assert match is not None, "neither a pipe nor a backslash"
            end = at + len(match[0].rstrip(" \t"))
            piece = text[at:end]
        space, self._space = self._space, ""
        if self._cell >= self._columns:
            return end, ""
        piece = space + piece if self._cell_began else piece
        self._cell_began = True
        return end, self._say(self._inline.feed(piece))

    def _end_cell(self) -> str:
        self._space = ""
        if not self._began and not self._cell:
            self._began = True  # the pipe before the first cell
            return ""
        said = self._say(self._inline.end())
        self._cell += 1
        self._cell_spoke = self._cell_began = False
        return said

    def _say(self, text: str) -> str:
        if not text:
            return ""
        comma = ", " if self._row_spoke and not self._cell_spoke else ""
        self._cell_spoke = self._row_spoke = True
        return comma + text
