"""Frozen values, as `@dataclass(frozen=True)` makes them, for modules with many small classes.

`dataclass` compiles six methods for each class, which takes longer than importing most modules; the thirty
messages and happenings took a tenth of the start. Here only `__init__` is compiled, and all classes share the
other methods. Type checkers treat the result as a dataclass (PEP 681). It lacks factories, inheritance,
`replace` and `fields`.
"""

from __future__ import annotations

from inspect import get_annotations
from typing import Any, TypeVar, dataclass_transform


_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def value(cls: type[_T]) -> type[_T]:
    """Give a class with annotated fields, some of them with defaults, the methods of a frozen value."""
    names = tuple(get_annotations(cls))
    # The attributes of the class are the defaults.
    parameters = [f"{name}=cls.{name}" if name in cls.__dict__ else name for name in names]
    lines = [f"def init({', '.join(['self', *parameters])}):", " fields = self.__dict__"]
    lines += [f" fields[{name!r}] = {name}" for name in names]
    scope: dict[str, Any] = {"cls": cls}
    exec("\n".join(lines), scope)  # noqa: S102 - as `dataclass` does; the names are those of our classes

    methods: dict[str, Any] = {
        "__init__": scope["init"],
        "__match_args__": names,
        "__eq__": _eq,
        "__hash__": _hash,
        "__repr__": _repr,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
    }
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls


def _fields(self: object) -> tuple[object, ...]:
    return tuple(getattr(self, name) for name in self.__match_args__)  # type: ignore[attr-defined]  # set above


def _eq(self: object, other: object) -> object:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.__dict__ == other.__dict__


def _hash(self: object) -> int:
    return hash((self.__class__, _fields(self)))


def _repr(self: object) -> str:
    fields = zip(self.__match_args__, _fields(self), strict=True)  # type: ignore[attr-defined]  # set above
    return f"{self.__class__.__qualname__}({', '.join(f'{name}={field!r}' for name, field in fields)})"


def _refuse(self: object, name: str, *_: object) -> None:
    raise AttributeError(f"cannot change field {name!r} of {self.__class__.__name__}")
