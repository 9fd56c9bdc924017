"""A value is what a frozen dataclass is, for all that is done with one."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.value import described, field, replace, value
from tests.tools.strategies import properties


@value
class Point:
    """A value with defaults."""

    x: int
    y: int = 2
    name: str | None = None

    @property
    def total(self) -> int:
        return self.x + self.y


@value
class Nothing:
    """A value without fields."""


@dataclass(frozen=True)
class Twin:
    """The dataclass of the same fields."""

    x: int
    y: int = 2
    name: str | None = None


_arguments = st.lists(st.integers(0, 2), max_size=4)
_named = st.dictionaries(st.sampled_from(["x", "y", "name", "z"]), st.integers(0, 2), max_size=3)


def made(cls: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
    try:
        return cls(*arguments, **named)
    except TypeError:
        return None


@properties
@given(_arguments, _named, _arguments, _named)
def test_it_is_what_a_dataclass_is(
    one: list[Any], one_named: dict[str, Any], two: list[Any], two_named: dict[str, Any]
) -> None:
    """The same arguments are accepted and refused; equality, hashes and text follow the fields."""
    point, twin = made(Point, one, one_named), made(Twin, one, one_named)
    other, other_twin = made(Point, two, two_named), made(Twin, two, two_named)

    assert (point is None) == (twin is None)
    if point is not None:
        assert (point.x, point.y, point.name) == (twin.x, twin.y, twin.name)
        assert repr(point) == repr(twin).replace("Twin", "Point")
        assert (point == other) == (twin == other_twin)
        assert (hash(point) == hash(other)) >= (point == other)
        assert point != twin
        assert copy.copy(point) == point
        assert pickle.loads(pickle.dumps(point)) == point


def test_it_is_frozen() -> None:
    """No field can be set, deleted or added."""
    point: Any = Point(1)

    for name in ("x", "z"):
        with pytest.raises(AttributeError):
            setattr(point, name, 2)
        with pytest.raises(AttributeError):
            delattr(point, name)
    assert point == Point(1, 2)


def test_it_is_matched() -> None:
    """Patterns take its fields by place and by name; its methods and properties are kept."""
    match Point(1, 5):
        case Point(x, y, name=None):
            assert (x, y) == (1, 5)
        case _:
            pytest.fail("not matched")
    assert Point(1, 5).total == 6
    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing(), Point(1), Point(1, 2, None)}) == 2


def test_fields_of_other_types_are_not_equal() -> None:
    """Two classes with the same fields stay different, as messages have to."""
    others: list[object] = [Nothing(), Twin(1), (1, 2, None), None]

    assert all(Point(1) != other for other in others)


@value
class Address:
    """A value that keeps something to itself."""

    host: str = field(about="a name")
    password: str | None = field(default=None, hidden=True)


def test_it_is_replaced() -> None:
    """A changed copy leaves the original alone, and accepts only its fields."""
    point = Point(1)

    assert replace(point, y=5) == Point(1, 5)
    assert point == Point(1)
    with pytest.raises(TypeError):
        replace(point, z=5)


def test_what_is_declared_of_a_field() -> None:
    """A hidden field is not shown, but counts; a declared field without a default is required."""
    address = Address("host", "secret")

    assert repr(address) == "Address(host='host')"
    assert address != Address("host")
    assert Address("host").password is None
    assert described(Address) == {"host": "a name", "password": None}
    with pytest.raises(TypeError):
        Address()  # type: ignore[call-arg]  # on purpose
