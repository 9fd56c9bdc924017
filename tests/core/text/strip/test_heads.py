"""The head of a line is read mark by mark (CommonMark, 4 and 5)."""

from __future__ import annotations

from lmnt_cli.core.text.strip.heads import Heads
from lmnt_cli.core.text.strip.lines import Lines
from lmnt_cli.core.text.strip.stream import Stream
from tests.tools.each import each


def read(head: str) -> tuple[str, str, bool]:
    """Return what is spoken of a line's head, the rest of the text, and whether the head has ended."""
    stream = Stream()
    heads = Heads(stream, Lines(stream))
    stream.add(head)
    while not heads.ended and heads.dropped is None and stream.at < len(stream.text) and heads.read():
        pass
    return stream.take_spoken(), stream.text[stream.at :], heads.ended


@each(
    ("head", "spoken", "rest"),
    [
        ("text", "", "text"),
        ("  text", "  ", "text"),
        ("> > text", "", "text"),
        ("- text", "", "text"),
        ("-   text", "  ", "text"),
        ("1. text", "1. ", "text"),
        ("12) - > text", "12) ", "text"),
        ("1986 text", "1986", " text"),
        ("1.text", "1.", "text"),
        ("- [x] text", "", " text"),
        ("## text", "", " text"),
        ("[^1]: text", "", "text"),
        ("*text", "", "*text"),
        ("[see] text", "", "[see] text"),
    ],
)
def test_head(head: str, spoken: str, rest: str) -> None:
    """White space and numbers are spoken, marks are not; the text after them is left."""
    assert read(head) == (spoken, rest, True)


@each("head", ["#", "-", "- -", "``", "```py", "~~", "[a", "[a]", "[a]: b", "<thin", "<!", "* "])
def test_unknown(head: str) -> None:
    """A possible mark waits for more text."""
    assert read(head) == ("", head, False)


@each(("head", "name"), [("~~~ x", "code block"), ("<think>", "<think>"), ("<!--", "comment")])
def test_dropped(head: str, name: str) -> None:
    """A dropped block is handed over, and leaves a blank line."""
    stream = Stream()
    heads = Heads(stream, Lines(stream))
    stream.add(head)
    while heads.dropped is None:
        assert heads.read()

    assert heads.dropped.name == name
    assert stream.take_spoken() == "\n"
