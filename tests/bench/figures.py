"""Medians, spreads, ratios and verdicts, and how they are printed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


ENOUGH = 5  # with fewer rounds there is no verdict


@dataclass(frozen=True)
class Spread:
    """A median and the two quartiles around it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = 2 if self.median < 10 else 1 if self.median < 1000 else 0
        return f"{self.median:.{digits}f} [{self.low:.{digits}f}-{self.high:.{digits}f}]"


def spread(values: Sequence[float]) -> Spread:
    """Return the median and quartiles of these values, of which there must be at least one."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


@dataclass(frozen=True)
class Budget:
    """At most this factor of another way (at least, if more is better), or at most `plus` above it.

    Without another way, the limit is in the unit of the row.
    """

    against: str | None
    limit: float
    more_is_better: bool = False
    plus: float | None = None


@dataclass
class Row:
    """One line of the table: what each way cost in each round, and the budget."""

    name: str
    unit: str
    budgets: tuple[Budget, ...] = ()
    values: dict[str, list[float]] = field(default_factory=dict)
    others: tuple[str, ...] = ()  # further ways that are judged like ours: other versions of it
    remark: str = ""  # a verdict on what no budget expresses

    def add(self, way: str, value: float) -> None:
        """Add the figure of a round; figures of the same round have the same index."""
        self.values.setdefault(way, []).append(value)

    def ratios(self, way: str, against: str) -> list[float]:
        """Return the cost of a way relative to another, round by round, since both share its disturbances."""
        pairs = zip(self.values[way], self.values[against], strict=False)
        return [one / other for one, other in pairs if other > 0]

    def verdict(self, budget: Budget, way: str = "ours") -> str:
        """Return "met" or "missed" if the middle half of the rounds agrees, otherwise "unclear"."""
        judged = self._judged(budget, way)
        if len(judged) < ENOUGH:
            return "too few rounds"
        verdicts = {_judge(spread(judged), budget.limit, budget.more_is_better)}
        if budget.plus is not None and budget.against is not None:
            pairs = zip(self.values[way], self.values[budget.against], strict=False)
            verdicts.add(_judge(spread([one - other for one, other in pairs]), budget.plus, False))
        return next(verdict for verdict in ("met", "unclear", "missed") if verdict in verdicts)

    def _judged(self, budget: Budget, way: str) -> list[float]:
        """Return what a budget limits: ratios, or the figures themselves."""
        return self.values[way] if budget.against is None else self.ratios(way, budget.against)

    def _applies(self, budget: Budget) -> bool:
        return {"ours", budget.against or "ours"} <= self.values.keys()

    def plain(self) -> dict[str, Any]:
        """Return the row in a form for JSON."""
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
                if self._applies(budget)
            ],
            "remark": self.remark,
        }

    def lines(self) -> list[str]:
        """Return the row as text: the ways, then the ratios that have a budget."""
        ways = "   ".join(f"{way} {spread(values)}" for way, values in self.values.items())
        lines = [f"{self.name}, {self.unit}", f"    {ways}"]
        if self.remark:
            lines.append(f"    {self.remark}")
        for budget in self.budgets:
            if not self._applies(budget):
                continue
            for way in ("ours", *self.others):
                sign = ">=" if budget.more_is_better else "<="
                plus = f" or +{budget.plus:g} {self.unit}" if budget.plus is not None else ""
                against = "" if budget.against is None else f" / {budget.against}"
                found = spread(self._judged(budget, way))
                lines.append(
                    f"    {way}{against}: {found}, budget {sign} {budget.limit:g}{plus}: "
                    f"{self.verdict(budget, way)}"
                )
        return lines


def _judge(found: Spread, limit: float, more_is_better: bool) -> str:
    if more_is_better:
        return "met" if found.low >= limit else "missed" if found.high < limit else "unclear"
    return "met" if found.high <= limit else "missed" if found.low > limit else "unclear"
