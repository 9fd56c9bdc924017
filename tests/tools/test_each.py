"""A test over a table reports every row that fails, as tests of each row would."""

from __future__ import annotations

import inspect
import re

import pytest

from tests.tools.each import Names, each


def report(test: object) -> list[str]:
    """Run a decorated test, and return the failures with their notes."""
    assert callable(test)
    with pytest.raises(BaseExceptionGroup) as raised:
        test()
    return [f"{failure} ({', '.join(failure.__notes__)})" for failure in raised.value.exceptions]


def test_all_rows_that_fail() -> None:
    """Every row runs, and each that fails is reported: what is asserted, raised, not raised, or skipped."""
    ran = []

    @each(("name", "number"), [("a", 1), ("b", 0), ("c", 2), ("e", 3), pytest.param("d", 0, id="the last")])
    def test(name: str, number: int) -> None:
        ran.append(name)
        if name == "c":
            with pytest.raises(KeyError):
                pass
        if name == "e":
            pytest.skip("no e")
        assert 1 / number < 2

    assert report(test) == [
        "division by zero (in the row 'b', 0)",
        "DID NOT RAISE KeyError (in the row 'c', 2)",
        "no e (in the row 'e', 3)",
        "division by zero (in the row the last)",
    ]
    assert ran == ["a", "b", "c", "e", "d"]


def test_all_rows_pass() -> None:
    """Without a failure there is no report, and a test may go through several tables."""
    ran = []

    @each("b", "xy")
    @each("a", [1, 2])
    def test(a: int, b: str) -> None:
        ran.append((a, b))

    test()

    assert ran == [(1, "x"), (2, "x"), (1, "y"), (2, "y")]


@each(("ids", "name"), [(None, "'xx...xx'"), (["long"], "long"), (len, "200")])
def test_names(ids: Names | None, name: str) -> None:
    """A row is named by `ids`, else by its values, shortened."""

    @each("text", ["x" * 200], ids=ids)
    def test(text: str) -> None:
        pytest.fail("no")

    assert [re.sub("x{3,}", "xx", line) for line in report(test)] == [f"no (in the row {name})"]


def test_fixtures(tmp_path: object) -> None:
    """The other arguments of the test are its fixtures; its name and docstring are kept."""

    @each("a", [1])
    def test(a: int, path: object) -> None:
        """Claim."""
        assert path is tmp_path

    test(path=tmp_path)

    assert list(inspect.signature(test).parameters) == ["path"]
    assert (test.__name__, test.__doc__) == ("test", "Claim.")


def test_an_empty_table() -> None:
    """A table without rows is refused, since a test of it could not fail."""
    with pytest.raises(AssertionError):
        each("a", [])
