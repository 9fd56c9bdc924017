"""The cells of a table's row are joined (contract, 13)."""

from __future__ import annotations

from lmnt_cli.core.text.strip.inline import Inline
from lmnt_cli.core.text.strip.tables import Row, columns_of, split
from tests.tools.each import each
from tests.tools.stripping import pieces_of


@each(
    ("row", "cells"),
    [
        ("| a | b |", [" a ", " b "]),
        ("a | b", ["a ", " b"]),
        ("| a |", [" a "]),
        ("|a", ["a"]),
        ("|", []),
        ("| | b |", [" ", " b "]),
        (r"| a \| b | c |", [r" a \| b ", " c "]),
        (r"| a \\| b |", [r" a \\| b "]),
        ("--|:-:", ["--", ":-:"]),
    ],
)
def test_split(row: str, cells: list[str]) -> None:
    """Pipes separate cells unless escaped; the first and the last pipe do not."""
    assert split(row) == cells
    assert columns_of(row) == len(cells)


@each(
    ("row", "spoken"),
    [
        ("| a | b |", "a, b"),
        ("a|b", "a, b"),
        ("|  | b |  |", "b"),
        ("| **a b** | `c` |", "a b, c"),
        (r"| a \| b | \\ |", r"a | b, \ ".rstrip()),
        ("| a | b | c | d | e |", "a, b, c"),
        ("| *a | b* |", "*a, b*"),
        ("a", "a"),
        ("", ""),
    ],
)
@each("size", [1, 2, 1 << 20])
def test_row(row: str, spoken: str, size: int) -> None:
    """Cells are joined by a comma; empty ones and those beyond the table's columns are dropped."""
    cells = Row(3, Inline())

    assert "".join(map(cells.feed, pieces_of(row, size))) + cells.end() == spoken


def test_first_cell_that_was_spoken() -> None:
    """A row whose first cell was already read as text continues with the next."""
    inline = Inline()
    assert inline.feed("**a") == ""
    cells = Row(2, inline, began=True)

    assert cells.feed("| b") + cells.end() == "**a, b"
