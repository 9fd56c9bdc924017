"""One test over a table of examples, where `pytest.mark.parametrize` would make a test of every row."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from reprlib import Repr
from typing import Any

import pytest


Names = Callable[[Any], object] | Sequence[str]

# What `pytest.raises` and `pytest.fail` raise is no Exception. A row that is skipped has failed: it
# would hide the others.
_FAILURES = (Exception, pytest.fail.Exception, pytest.skip.Exception)
_Row = type(pytest.param())
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 80


def each(
    columns: str | Sequence[str], table: Iterable[Any], ids: Names | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run the test for every row of the table, whatever fails, then report all rows that failed.

    The arguments are those of `pytest.mark.parametrize`. Prefer this decorator for examples of one claim;
    parametrize where each row needs fixtures of its own. (Every test costs milliseconds, of two processes.)
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    rows = []
    for number, entry in enumerate(table):
        values = entry.values if isinstance(entry, _Row) else [entry] if isinstance(columns, str) else entry
        rows.append((_name_of(entry, values, ids, number), dict(zip(names, values, strict=True))))
    assert rows, "an empty table proves nothing"

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def test_each(**fixtures: Any) -> None:
            failures = []
            for name, row in rows:
                try:
                    test(**fixtures, **row)
                except _FAILURES as failure:
                    failure.add_note(f"in the row {name}")
                    failures.append(failure)
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(rows)} rows failed", failures)

        # pytest looks here for the fixtures.
        signature = inspect.signature(test)
        fixtures = [parameter for name, parameter in signature.parameters.items() if name not in names]
        test_each.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]  # not in typeshed
        return test_each

    return decorate


def _name_of(entry: Any, values: Sequence[Any], ids: Names | None, number: int) -> str:
    """Return how a report names a row: by its own id, its id of `ids`, or its values."""
    if isinstance(entry, _Row) and isinstance(entry.id, str):
        return entry.id
    if callable(ids):
        return " ".join(str(ids(value)) for value in values)
    return str(ids[number]) if ids else ", ".join(map(_SHORT.repr, values))
