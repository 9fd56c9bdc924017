"""Frozen values, as `@dataclass(frozen=True)` makes them, at a fifth of the cost.

`dataclass` compiles six methods for each class, which takes longer than importing most modules; the sixty
values of a run took a sixth of its start. Here only `__init__` is compiled, when the first instance is made,
and all classes share the other methods. Type checkers treat the result as a dataclass (PEP 681). It lacks
factories, which a frozen value rarely needs, and inheritance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform


_T = TypeVar("_T")
_NO_DEFAULT = object()


class _Field:
    def __init__(self, default: object, about: object, *, hidden: bool) -> None:
        self.default = default
        self.about = about
        self.hidden = hidden


def field(*, default: Any = _NO_DEFAULT, about: object = None, hidden: bool = False) -> Any:
    """Declare more about a field: see `described` for `about`; a `hidden` field is not shown by `repr`."""
    return _Field(default, about, hidden=hidden)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[_T]) -> type[_T]:
    """Give a class with annotated fields, some of them with defaults, the methods of a frozen value."""
    names = tuple(cls.__annotations__)
    declared = {name: each for name, each in cls.__dict__.items() if isinstance(each, _Field)}
    for name, each in declared.items():
        if each.default is _NO_DEFAULT:
            delattr(cls, name)
        else:
            setattr(cls, name, each.default)

    def compile_init(self: Any, *arguments: Any, **named: Any) -> None:
        init = _compile_init(cls, names)
        cls.__init__ = init  # type: ignore[method-assign]  # the compiled one from now on
        init(self, *arguments, **named)

    methods: dict[str, Any] = {
        "__init__": compile_init,
        "__match_args__": names,
        "_declared": declared,
        "__eq__": _eq,
        "__hash__": _hash,
        "__repr__": _repr,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
    }
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls


def _compile_init(cls: type[Any], names: tuple[str, ...]) -> Callable[..., None]:
    """Return a method that sets these fields, with the attributes of the class as defaults."""
    parameters = [f"{name}=cls.{name}" if name in cls.__dict__ else name for name in names]
    lines = [f"def init({', '.join(['self', *parameters])}):", " fields = self.__dict__"]
    lines += [f" fields[{name!r}] = {name}" for name in names]
    scope: dict[str, Any] = {"cls": cls}
    exec("\n".join(lines), scope)  # noqa: S102 - as `dataclass` does; the names are those of our classes
    init: Callable[..., None] = scope["init"]
    return init


def replace(instance: _T, **changes: Any) -> _T:
    """Return a copy of a value with some of its fields changed, as `dataclasses.replace` does."""
    return type(instance)(**{**instance.__dict__, **changes})


def described(cls: type[Any]) -> dict[str, Any]:
    """Return what the fields of a class of values were declared to be `about`, by their names."""
    return {name: each.about for name, each in cls._declared.items()}


def _fields(self: object) -> tuple[object, ...]:
    return tuple(getattr(self, name) for name in self.__match_args__)  # type: ignore[attr-defined]  # set above


def _eq(self: object, other: object) -> object:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.__dict__ == other.__dict__


def _hash(self: object) -> int:
    return hash((self.__class__, _fields(self)))


def _repr(self: Any) -> str:
    fields = zip(self.__match_args__, _fields(self), strict=True)
    hidden = {name for name, each in self._declared.items() if each.hidden}
    shown = [f"{name}={field!r}" for name, field in fields if name not in hidden]
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse(self: object, name: str, *_: object) -> None:
    raise AttributeError(f"cannot change field {name!r} of {self.__class__.__name__}")
