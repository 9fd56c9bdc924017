"""The text of a line: of a paragraph, a title, or the cells of a table."""

from __future__ import annotations

from lmnt_cli.core.text.strip.lines import Lines
from lmnt_cli.core.text.strip.stream import Stream


def test_paragraph() -> None:
    """The text is passed on as it arrives; the line ends with its line feed."""
    stream = Stream()
    lines = Lines(stream)
    lines.begin()
    stream.add("a **b**")
    assert lines.read() is False
    assert stream.take_spoken() == "a "

    stream.add(" c\nd")
    assert lines.read() is True
    assert (stream.take_spoken(), stream.text[stream.at :]) == ("b c\n", "d")


def test_title() -> None:
    """White space around a title and the marks that close it are not spoken."""
    stream = Stream()
    lines = Lines(stream)
    lines.begin(title=True)
    stream.add("  Title ##")
    lines.read()
    assert stream.take_spoken() == "Title"
    assert lines.read() is None

    stream.add(" \n")
    assert lines.read() is True
    assert stream.take_spoken() == "\n"


def test_first_row_of_a_table() -> None:
    """A possible first row is held until the next line has been examined."""
    stream = Stream()
    lines = Lines(stream)
    lines.begin()
    stream.add("| a | b |\n|--")
    assert lines.read() is True
    assert lines.holds_row
    assert not lines.judge_row()
    stream.add("|--|\n")

    assert lines.judge_row()
    assert lines.in_table
    assert stream.take_spoken() == "a, b\n"
    lines.end_table()
    assert not lines.in_table


def test_line_with_a_pipe() -> None:
    """A line with a pipe is text if no delimiter row follows, or if it is too long to hold."""
    stream = Stream()
    lines = Lines(stream)
    lines.begin()
    stream.add("a | b\nc")
    lines.read()
    assert stream.take_spoken() == "a "
    assert lines.read() is True
    assert lines.judge_row()
    assert stream.take_spoken() == "| b\n"

    stream = Stream()
    lines = Lines(stream)
    lines.begin()
    stream.add("|" + "x" * 5000)
    assert lines.read() is False
    lines.read()
    assert len(stream.take_spoken()) == 5001
