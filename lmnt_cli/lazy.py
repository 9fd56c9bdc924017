"""Defers imports that are made by libraries, until something of the imported module is used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Defer imports of these modules within the block; later imports are as usual.

    `importlib.util.LazyLoader` is not enough: in Python 3.11 the next import executes the module.
    """
    stand_ins = [_stand_in(name) for name in names if name not in sys.modules]
    try:
        yield
    finally:
        for module in stand_ins:
            _remove(module)


def _stand_in(name: str) -> ModuleType:
    """Put a module in place that imports the real one when one of its attributes is used."""
    module = ModuleType(name)

    def load(attribute: str) -> object:
        _remove(module)
        return getattr(importlib.import_module(name), attribute)

    module.__getattr__ = load  # type: ignore[method-assign]  # a module's own, of PEP 562
    sys.modules[name] = module
    # As an import does; without it `import a.b` would find no `b` in `a`.
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(importlib.import_module(parent), child, module)
    return module


def _remove(module: ModuleType) -> None:
    name = module.__name__
    if sys.modules.get(name) is module:
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        if parent:
            delattr(sys.modules[parent], child)
