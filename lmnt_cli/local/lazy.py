"""Defers the import of a module until something in it is used."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


def defer_import(name: str) -> None:
    """Make later imports of a module free; it is imported when one of its attributes is first used.

    The standard LazyLoader is not enough: in Python 3.11 the next import executes the module.
    """
    if name in sys.modules:
        return
    module = ModuleType(name)

    def load(attribute: str) -> Any:
        if sys.modules.get(name) is module:
            del sys.modules[name]
        return getattr(importlib.import_module(name), attribute)

    module.__getattr__ = load  # type: ignore[method-assign]  # a module's own, of PEP 562
    sys.modules[name] = module
    # As an import does; without it `import a.b` would find no `b` in `a`.
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(importlib.import_module(parent), child, module)
