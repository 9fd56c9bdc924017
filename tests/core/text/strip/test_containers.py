"""The quotes and list items that contain a line (CommonMark, 5)."""

from __future__ import annotations

from lmnt_cli.core.text.strip.containers import Containers, Entry
from tests.tools.each import each


def containers(*widths: int) -> Containers:
    """Return these containers, from the outside in; 0 is a quote."""
    opened = Containers()
    for width in widths:
        if width:
            opened.open_item(width)
        else:
            opened.open_quote()
    return opened


@each(
    ("widths", "line", "entry"),
    [
        ((), "text", Entry(0, 0, 0, "t")),
        ((), "  text", Entry(2, 0, 2, "t")),
        ((), "  ", Entry(2, 0, 2, "")),
        ((0,), "> text", Entry(2, 1, 0, "t")),
        ((0,), ">text", Entry(1, 1, 0, "t")),
        ((0,), ">    text", Entry(5, 1, 3, "t")),
        ((0,), "text", Entry(0, 0, 0, "t")),
        ((0,), "    > text", Entry(4, 0, 4, ">")),
        ((0, 0), "> > text", Entry(4, 2, 0, "t")),
        ((2,), "  text", Entry(2, 1, 0, "t")),
        ((2,), " text", Entry(1, 0, 1, "t")),
        ((2,), "\ttext", Entry(1, 1, 2, "t")),
        ((2,), "\n", Entry(0, 1, 0, "\n")),
        ((0,), "\n", Entry(0, 0, 0, "\n")),
        ((2, 0, 3), "  >    text", Entry(7, 3, 0, "t")),
        ((2, 0, 3), "  > text", Entry(4, 2, 0, "t")),
    ],
)
def test_enter(widths: tuple[int, ...], line: str, entry: Entry) -> None:
    """A line continues the containers that its indentation and marks allow."""
    assert containers(*widths).enter(line, 0) == entry


def test_close() -> None:
    """Containers that do not contain the line end with it."""
    opened = containers(2, 0, 3)
    opened.close(1)

    assert len(opened) == 1
    assert opened.enter("  text", 0) == Entry(2, 1, 0, "t")


def test_depth_is_bounded() -> None:
    """Unlimited nesting uses limited memory."""
    assert len(containers(*[0] * 1000)) == 100
