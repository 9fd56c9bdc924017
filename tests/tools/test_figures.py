"""Measurements of tests are printed once, whichever worker made them."""

from __future__ import annotations

from tests.tools.figures import Figures


def test_tables_of_two_workers() -> None:
    """Rows are joined and counts added up, each under its title."""
    one, other, both = Figures(), Figures(), Figures()
    one.row("costs", "b 2")
    one.count("proof", "mp3", cases=1, words_lost=0)
    other.row("costs", "a 1")
    other.count("proof", "mp3", cases=2, words_lost=3)
    other.count("proof", "wav", cases=1)

    both.merge(one.plain())
    both.merge(other.plain())

    assert list(both.lines()) == [
        "costs",
        "a 1",
        "b 2",
        "proof",
        "  mp3                              3 cases       3 words lost",
        "  wav                              1 cases",
    ]
