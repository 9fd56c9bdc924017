"""Tables filled by tests and printed at the end of a test run, from all workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Figures:
    """Rows of text, and counts to be added up, each under a title."""

    def __init__(self) -> None:
        self._rows: dict[str, list[str]] = {}
        self._counts: dict[str, dict[str, dict[str, int]]] = {}

    def row(self, title: str, row: str) -> None:
        """Add a row to the table with this title."""
        self._rows.setdefault(title, []).append(row)

    def count(self, title: str, row: str, **numbers: int) -> None:
        """Add these numbers to those in a row of the table with this title."""
        counted = self._counts.setdefault(title, {}).setdefault(row, {})
        for name, number in numbers.items():
            counted[name] = counted.get(name, 0) + number

    def plain(self) -> dict[str, Any]:
        """Return the tables in a form that a worker can send: dicts, lists, strings and integers."""
        return {"rows": self._rows, "counts": self._counts}

    def merge(self, plain: dict[str, Any]) -> None:
        """Add the tables of a worker."""
        for title, rows in plain["rows"].items():
            self._rows.setdefault(title, []).extend(rows)
        for title, table in plain["counts"].items():
            for row, numbers in table.items():
                self.count(title, row, **numbers)

    def lines(self) -> Iterator[str]:
        """Yield the tables as printed, in the order of their titles."""
        for title, rows in sorted(self._rows.items()):
            yield title
            yield from sorted(rows)
        for title, table in sorted(self._counts.items()):
            yield title
            for row, numbers in sorted(table.items()):
                counts = "  ".join(f"{number:6} {name.replace('_', ' ')}" for name, number in numbers.items())
                yield f"  {row:28}{counts}"
