"""A verdict is given only if the spread is smaller than the margin (contract, 10)."""

from __future__ import annotations

import pytest

from tests.bench.figures import Budget, Row, spread


def row(ours: list[float], bare: list[float]) -> Row:
    return Row("it", "ms", values={"ours": ours, "bare": bare})


def test_spread() -> None:
    """The median and the quartiles."""
    found = spread([5.0, 1.0, 4.0, 2.0, 3.0])

    assert (found.low, found.median, found.high) == (2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("ours", "limit", "more", "verdict"),
    [
        ([0.9, 0.8, 0.9, 0.8, 0.9], 1.0, False, "met"),
        ([1.1, 1.2, 1.1, 1.2, 1.1], 1.0, False, "missed"),
        ([0.8, 0.9, 1.0, 1.1, 1.2], 1.0, False, "unclear"),
        ([0.9, 0.8, 0.9, 0.8, 0.9], 1.0, True, "missed"),
        ([1.1, 1.2, 1.1, 1.2, 1.1], 1.0, True, "met"),
        ([0.9, 0.8, 0.9, 0.8], 1.0, False, "too few rounds"),
    ],
)
def test_verdict(ours: list[float], limit: float, more: bool, verdict: str) -> None:
    """The middle half of the rounds decides."""
    assert row(ours, [1.0] * len(ours)).verdict(Budget("bare", limit, more)) == verdict


def test_rounds_are_paired() -> None:
    """A disturbance of a round affects both ways, and does not count as spread."""
    assert row([1.0, 9.0, 1.0, 5.0, 2.0], [2.0, 18.0, 2.0, 10.0, 4.0]).verdict(Budget("bare", 0.6)) == "met"


@pytest.mark.parametrize(("above", "verdict"), [(0.05, "met"), (0.2, "missed")])
def test_a_little_more_is_allowed(above: float, verdict: str) -> None:
    """If a budget has a second limit, in the unit of the row, meeting either is enough."""
    ours = row([0.1 + above] * 5, [0.1] * 5)

    assert ours.verdict(Budget("bare", 1.0, plus=0.1)) == verdict


@pytest.mark.parametrize(("figures", "verdict"), [([20.0] * 5, "met"), ([20.0, 20, 40, 40, 40], "unclear")])
def test_a_limit_without_another_way(figures: list[float], verdict: str) -> None:
    """A budget can limit the figures themselves; it is printed and in the JSON like the others."""
    ours = Row("it", "ms", (Budget(None, 30.0),), {"ours": figures})

    assert ours.verdict(ours.budgets[0]) == verdict
    assert ours.lines()[-1].endswith(f"budget <= 30: {verdict}")
    assert ours.plain()["budgets"][0]["verdict"] == verdict
