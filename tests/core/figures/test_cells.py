"""The width of text on a terminal: `lmnt_cli.core.figures.cells`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lmnt_cli.core.figures.cells import cells, shorten
from tests.tools.each import each
from tests.tools.strategies import properties


@each(
    ("text", "width", "expected"),
    [
        ("lily", 4, "lily"),
        ("lilian", 5, "lili…"),
        ("声の人", 5, "声の…"),
        ("声の人", 4, "声…"),
        ("ab", 1, "…"),
        ("ab", 0, "…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("x" * 1_000_000, 4, "xxx…"),
        ("x" * 1_000_000, 500_000, "x" * 499_999 + "…"),
    ],
)
def test_shorten(text: str, width: int, expected: str) -> None:
    """Text that is too wide is truncated, with an ellipsis within the width."""
    assert shorten(text, width, "…") == expected


@properties
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"]), max_size=20))
def test_cells(text: str) -> None:
    """Columns are not undercounted: Rich, which uses the same tables, counts no more."""
    assert cells(text) >= cell_len(text)
