"""The head of a line: white space and the marks of blocks, held until they are identified."""

from __future__ import annotations

import enum
import re

from .containers import Containers
from .dropping import Block, Comment, Element, Fence
from .inline import LONGEST
from .lines import Lines
from .patterns import pattern
from .stream import Stream


class _Found(enum.Enum):
    """What a character of the head turned out to be."""

    MARK = enum.auto()
    TEXT = enum.auto()
    UNKNOWN = enum.auto()


class Heads:
    """Reads the head of one line after another from the stream.

    `dropped` is a block that is not spoken, from its beginning until the caller sets it to None.
    """

    def __init__(self, stream: Stream, lines: Lines) -> None:
        self.dropped: Block | None = None
        self._stream = stream
        self._lines = lines
        self._containers = Containers()
        self._text_before = False  # whether the line before belongs to a paragraph, or is a table's first row
        self.begin()

    def begin(self) -> None:
        """Begin a line."""
        self.ended = False  # whether the head has ended and text follows
        self._entered = False  # whether the marks of the containers that continue have been read
        self._matched = 0
        self._indent = 0
        self._number = ""
        self._item: int | None = None  # columns of an item's number, once white space has followed it
        self._after_bullet = False
        self._skip_space = False
        self._shown = 0  # characters of white space already passed on

    @property
    def _paragraph(self) -> bool:
        return self._text_before and not self._lines.in_table

    @property
    def _interrupts(self) -> bool:
        """Whether a block that begins here would end the paragraph around it."""
        return self._paragraph and self._matched == len(self._containers)

    def pause(self) -> None:
        """Read a label that is held as text: it is more likely a remark than the definition of a link."""
        text, at = self._stream.text, self._stream.at
        if (
            self._entered
            and text.startswith("[", at)
            and "]:" not in text[at:]
            and text[at + 1 : at + 2] != "^"
        ):
            self._begin_text()

    def _end_paragraph(self) -> None:
        """End the paragraph or table, and the containers that do not contain this line."""
        self._containers.close(self._matched)
        self._text_before = False
        self._lines.end_table()

    def _drop(self, block: Block, at: int) -> _Found:
        self._end_paragraph()
        self.dropped = block
        self._stream.at = at
        self._stream.say("\n")
        return _Found.MARK

    def _end_line(self, at: int) -> _Found:
        """Pass on the end of the line that ends before `at`."""
        self._stream.say("\n")
        self._stream.at = at
        self.begin()
        return _Found.MARK

    def read(self) -> bool:
        """Read further; return False if that requires more text."""
        if not self._entered:
            return self._enter()
        text, at = self._stream.text, self._stream.at
        if text[at] in " \t":
            if self._number and not self._is_item_number():
                self._begin_text()
            else:
                self._take_space()
            return True
        if self._item is not None:
            self._open_item(self._item)
            self._item = None
        if text[at] == "\n":
            self._end_paragraph()
            self._end_line(at + 1)
            return True
        found = self._find_block(text[at])
        if found is _Found.TEXT:
            self._begin_text()
        return found is not _Found.UNKNOWN

    def _enter(self) -> bool:
        """Read the marks of the containers that continue; pass white space on as it arrives."""
        entry = self._containers.enter(self._stream.text, self._stream.at)
        if not self._lines.in_table:
            space = re.sub(">[ \t]?", "", self._stream.text[self._stream.at : entry.at])
            self._stream.say(space[self._shown :])
            self._shown = len(space)
        if not entry.character and entry.at - self._stream.at <= LONGEST:
            return False
        self._stream.at, self._matched, self._indent = entry.at, entry.matched, entry.indent
        self._entered = True
        return True

    def _take_space(self) -> None:
        """Pass white space on, except for the one space that belongs to a mark."""
        if self._number:
            self._item, self._number, self._indent = self._indent + len(self._number), "", 0
        match = pattern("spaces").match(self._stream.text, self._stream.at)
        assert match is not None, "the pattern matches an empty string"
        space = match[0][1:] if self._skip_space else match[0]
        self._skip_space = False
        column = self._indent % 4
        self._indent += len((" " * column + space).expandtabs(4)) - column
        self._stream.say("" if self._lines.in_table else space)
        self._stream.at = match.end()

    def _is_item_number(self) -> bool:
        """Return whether a number before white space belongs to an item. Only 1 can end a paragraph."""
        return self._number[-1] in ".)" and (not self._interrupts or self._number[:-1] == "1")

    def _open_item(self, columns: int) -> None:
        """Begin the list item whose mark takes `columns` columns, with the white space after it counted."""
        self._end_paragraph()
        after = self._indent
        self._containers.open_item(columns + (after if 0 < after <= 4 else 1))
        self._matched = len(self._containers)
        self._indent = after - 1 if after > 4 else 0
        self._after_bullet = True

    def _find_block(self, character: str) -> _Found:
        """Take the mark of a block that begins here, if any."""
        if self._number or ("0" <= character <= "9" and not self._lines.in_table and self._indent < 4):
            return self._take_number(character)
        match character:
            case "<":
                return self._element()
            case "-" | "*" | "+" | "_" | "=":
                return self._line_or_bullet(character)
            case "[":
                return self._bracket()
            case ">" if self._indent < 4:
                return self._quote()
            case "#" if self._indent < 4:
                return self._title()
            case "`" | "~" if self._indent < 4:
                return self._fence()
            case _:
                return _Found.TEXT

    def _take_number(self, character: str) -> _Found:
        """Pass on the number of a list item, which is spoken, as it arrives."""
        complete = self._number[-1:] in (".", ")")
        is_digit = "0" <= character <= "9" and len(self._number) < 9
        if complete or not (is_digit or (self._number and character in ".)")):
            return _Found.TEXT
        self._number += character
        self._stream.say(character)
        self._stream.at += 1
        return _Found.MARK

    def _element(self) -> _Found:
        if match := self._stream.look("element"):
            name = match["name"]
            return self._drop(Element(name.lower()) if name else Comment(), match.end())
        return _Found.UNKNOWN if self._stream.may_be("element") else _Found.TEXT

    def _line_or_bullet(self, character: str) -> _Found:
        """Take the line under a title, a line between paragraphs, or the bullet of an item."""
        if self._indent < 4:
            under = self._interrupts and character in "=-"
            for name, fits in (("underline", under), ("break", character in "-*_")):
                if fits and (match := self._stream.look(name)):
                    self._end_paragraph()
                    return self._end_line(match.end())
                if fits and self._stream.may_be(name):
                    return _Found.UNKNOWN
        if character in "-*+":
            if match := self._stream.look("bullet"):
                return self._bullet(character, match)
            if self._stream.may_be("bullet"):
                return _Found.UNKNOWN
        return _Found.TEXT

    def _bullet(self, character: str, match: re.Match[str]) -> _Found:
        space = match["space"]
        if space is None and (character != "-" or self._interrupts):
            return _Found.TEXT  # a mark on its own
        self._indent, before = len((space or "").expandtabs(4)), self._indent
        self._open_item(before + 1)
        self._stream.say((space or "")[1:])
        self._stream.at = match.end()
        return _Found.MARK

    def _bracket(self) -> _Found:
        """Take a check box, the mark of a footnote's text, or the definition of a link."""
        if self._after_bullet:
            if match := self._stream.look("checkbox"):
                self._stream.at = match.end()
                self._begin_text()
                return _Found.MARK
            if self._stream.may_be("checkbox"):
                return _Found.UNKNOWN
        if match := self._stream.look("note"):
            self._end_paragraph()
            return self._take_mark(match)
        if self._stream.may_be("note"):
            return _Found.UNKNOWN
        if not (self._paragraph or self._lines.in_table or self._indent >= 4):
            if match := self._stream.look("definition"):
                self._end_paragraph()
                return self._end_line(match.end())
            if self._stream.may_be("definition"):
                return _Found.UNKNOWN
        return _Found.TEXT

    def _take_mark(self, match: re.Match[str]) -> _Found:
        self._stream.at = match.end()
        self._skip_space = True
        self._after_bullet = False
        return _Found.MARK

    def _quote(self) -> _Found:
        self._end_paragraph()
        self._containers.open_quote()
        self._matched = len(self._containers)
        self._indent = 0
        self._skip_space = True
        self._stream.at += 1
        return _Found.MARK

    def _title(self) -> _Found:
        if match := self._stream.look("heading"):
            self._end_paragraph()
            self._stream.at = match.end()
            self._begin_text(title=True)
            return _Found.MARK
        return _Found.UNKNOWN if self._stream.may_be("heading") else _Found.TEXT

    def _fence(self) -> _Found:
        if match := self._stream.look("fence"):
            marks = match["backticks"] or match["tildes"]
            return self._drop(Fence(marks, self._containers), self._stream.at + len(marks))
        return _Found.UNKNOWN if self._stream.may_be("fence") else _Found.TEXT

    def _begin_text(self, *, title: bool = False) -> None:
        """End the head: text follows."""
        self.ended = True
        if self._matched < len(self._containers) and not self._paragraph:
            self._end_paragraph()
        # Indented text does not begin a paragraph: it is code, though spoken as text.
        self._text_before = not title and (self._text_before or self._indent < 4)
        self._lines.begin(self._number, title=title)
