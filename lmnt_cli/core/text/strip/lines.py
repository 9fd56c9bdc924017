"""The text of a line after its head: of a paragraph, a title, or the cells of a table."""

from __future__ import annotations

from .inline import LONGEST, Inline
from .patterns import pattern
from .stream import Stream
from .tables import LONGEST_ROW, Row, columns_of


class Lines:
    """Reads one line after another from the stream.

    A line that may be the first row of a table is held from its first pipe on (`holds_row`), until
    `judge_row` has seen the next line.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._inline = Inline()
        self._columns = 0  # of the current table
        self._row = ""
        self._row_began = False
        self._cells: Row | None = None
        self._is_title = self._began = self._is_prose = False

    @property
    def in_table(self) -> bool:
        """Whether the lines are rows of a table."""
        return self._columns > 0

    @property
    def holds_row(self) -> bool:
        """Whether a line is held because it may be the first row of a table."""
        return bool(self._row)

    def end_table(self) -> None:
        """Treat the following lines as paragraphs."""
        self._columns = 0

    def begin(self, before: str = "", *, title: bool = False) -> None:
        """Begin the text of a line; `before` is the part already passed on with its head."""
        self._is_title = title
        self._is_prose = False  # whether it is known not to be a row
        self._began = bool(before)
        if before:
            self._inline.begin(before[-1])
        self._cells = Row(self._columns, self._inline) if self._columns and not title else None

    def read(self) -> bool | None:
        """Read further; return whether the line has ended, None if more text is needed."""
        stream, at = self._stream, self._stream.at
        line_end = stream.text.find("\n", at)
        end = len(stream.text) if line_end < 0 else line_end
        if self._cells is not None:
            stream.say(self._cells.feed(stream.text[at:end]))
        elif self._is_title:
            end = self._title_end(at, end, whole=line_end >= 0)
            self._speak(at, end)
        else:
            end = self._first_pipe(at, end, whole=line_end >= 0)
            if end == at and stream.text[at] == "|":
                return self._hold_row(at, line_end)
            self._speak(at, end)
        stream.at = end
        if line_end < 0:
            return False if end > at else None
        if end < line_end and not self._is_title:
            return False
        stream.say((self._cells.end() if self._cells is not None else self._inline.end()) + "\n")
        stream.at = line_end + 1
        return True

    def pause(self) -> None:
        """Speak the words held while no text has come for long."""
        stream = self._stream
        if self._row:
            if self._row_began:
                self.release_row()
            return
        if self._began and stream.text.startswith("|", stream.at):
            self._is_prose = True
            self.read()
        stream.say(self._inline.pause() if self._cells is None else self._cells.pause())

    def _speak(self, begin: int, end: int) -> None:
        text = self._stream.text[begin:end]
        if self._is_title and not self._began:
            text = text.lstrip(" \t")
        self._stream.say(self._inline.feed(text))
        self._began = self._began or bool(text if self._is_title else text.strip())

    def _title_end(self, at: int, end: int, *, whole: bool) -> int:
        """Return where the title ends, without white space and the marks that close it."""
        title = self._stream.text[at:end]
        kept = title.rstrip(" \t")
        unmarked = kept.rstrip("#")
        if unmarked[-1:] in (" ", "\t") or (not unmarked and not self._began):
            kept = unmarked.rstrip(" \t")
        is_long = not whole and len(title) - len(kept) > LONGEST
        return end if is_long else at + len(kept)

    def _first_pipe(self, at: int, end: int, *, whole: bool) -> int:
        """Return where the text before a pipe that may belong to a table ends, or before half an escape."""
        if self._is_prose:
            return end
        match = pattern("before pipe").match(self._stream.text, at, end)
        assert match is not None, "the pattern matches an empty string"
        is_half = match.end() == end and not whole and self._stream.text[end - 1] == "\\"
        return end - 1 if is_half else match.end()

    def _hold_row(self, pipe: int, line_end: int) -> bool | None:
        """Hold the line from its first pipe on, if it is complete and not too long."""
        stream = self._stream
        length = (len(stream.text) if line_end < 0 else line_end) - pipe
        if length > LONGEST_ROW:
            self._is_prose = True
            return False
        if line_end < 0:
            return None
        self._row, self._row_began = stream.text[pipe:line_end], self._began
        stream.at = line_end + 1
        return True

    def judge_row(self) -> bool:
        """Pass on the row held, as a table's if a delimiter row follows; return False to wait for more."""
        text, at = self._stream.text, self._stream.at
        found = pattern("delimiter row").match(text, at, at + LONGEST_ROW + 1)
        columns = columns_of(self._row) + self._row_began
        if found is not None and columns_of(found[0].lstrip(" \t>")) == columns:
            cells = Row(columns, self._inline, began=self._row_began)
            self._stream.say(cells.feed(self._row) + cells.end() + "\n")
            self._row = ""
            self._columns = columns
            self._stream.at = found.end()
            return True
        if len(text) - at <= LONGEST_ROW and pattern("delimiter row begins").match(text, at):
            return False
        self.release_row()
        return True

    def release_row(self) -> None:
        """Pass on the row held as ordinary text."""
        self._stream.say(self._inline.feed(self._row) + self._inline.end() + "\n")
        self._row = ""
