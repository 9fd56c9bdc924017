"""Medians, spreads, ratios and verdicts, and how they are shown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


ENOUGH = 5  # rounds, below which nothing is judged


@dataclass(frozen=True)
class Spread:
    """A median and the quartiles on both sides of it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = 2 if self.median < 10 else 1 if self.median < 1000 else 0
        return f"{self.median:.{digits}f} [{self.low:.{digits}f}-{self.high:.{digits}f}]"


def spread(values: Sequence[float]) -> Spread:
    """Return the median of these values, of which there is at least one, and their quartiles."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


@dataclass(frozen=True)
class Budget:
    """At most (where more is better, at least) so many times another way; or at most `plus` above it."""

    against: str
    limit: float
    more_is_better: bool = False
    plus: float | None = None


@dataclass
class Row:
    """One line of the table: what every way cost in each round, and what is promised."""

    name: str
    unit: str
    budgets: tuple[Budget, ...] = ()
    values: dict[str, list[float]] = field(default_factory=dict)
    others: tuple[str, ...] = ()  # further ways that are judged as ours is: other versions of it

    def add(self, way: str, value: float) -> None:
        """Add the figure of a round; a round's figures stand at the same place of their lists."""
        self.values.setdefault(way, []).append(value)

    def ratios(self, way: str, against: str) -> list[float]:
        """Return what a way cost in terms of another, round by round: what disturbs a round disturbs both."""
        pairs = zip(self.values[way], self.values[against], strict=False)
        return [one / other for one, other in pairs if other > 0]

    def verdict(self, budget: Budget, way: str = "ours") -> str:
        """Return "met" or "missed" where the middle half of the rounds agrees, else "unclear"."""
        ratios = self.ratios(way, budget.against)
        if len(ratios) < ENOUGH:
            return "too few rounds"
        verdicts = {_judge(spread(ratios), budget.limit, budget.more_is_better)}
        if budget.plus is not None:
            pairs = zip(self.values[way], self.values[budget.against], strict=False)
            verdicts.add(_judge(spread([one - other for one, other in pairs]), budget.plus, False))
        return next(verdict for verdict in ("met", "unclear", "missed") if verdict in verdicts)

    def plain(self) -> dict[str, Any]:
        """Return the row as JSON has it."""
        return {
            "name": self.name,
            "unit": self.unit,
            "ways": {way: {**vars(spread(values)), "values": values} for way, values in self.values.items()},
            "ratios": {
                f"{way}/{other}": vars(spread(ratios))
                for way in self.values
                for other in self.values
                if way != other and (ratios := self.ratios(way, other))
            },
            "budgets": [
                {**vars(budget), "verdict": self.verdict(budget)}
                for budget in self.budgets
                if {"ours", budget.against} <= self.values.keys()
            ],
        }

    def lines(self) -> list[str]:
        """Return the row as text: the ways, then the ratios that something is promised about."""
        ways = "   ".join(f"{way} {spread(values)}" for way, values in self.values.items())
        lines = [f"{self.name}, {self.unit}", f"    {ways}"]
        for budget in self.budgets:
            if not {"ours", budget.against} <= self.values.keys():
                continue
            for way in ("ours", *self.others):
                sign = ">=" if budget.more_is_better else "<="
                plus = f" or +{budget.plus:g} {self.unit}" if budget.plus is not None else ""
                ratio = spread(self.ratios(way, budget.against))
                lines.append(
                    f"    {way} / {budget.against}: {ratio}, budget {sign} {budget.limit:g}{plus}: "
                    f"{self.verdict(budget, way)}"
                )
        return lines


def _judge(found: Spread, limit: float, more_is_better: bool) -> str:
    if more_is_better:
        return "met" if found.low >= limit else "missed" if found.high < limit else "unclear"
    return "met" if found.high <= limit else "missed" if found.low > limit else "unclear"
