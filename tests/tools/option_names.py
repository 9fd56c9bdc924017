"""The program's words about itself, read as the completions are made of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any


ROOT = Path(__file__).parent.parent


def read_program() -> Any:
    """The `Program` of completions/options.py, which is no package."""
    spec = importlib.util.spec_from_file_location("completion_options", ROOT / "completions/options.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module.read_program()


PROGRAM = read_program()


def options(beginning: str) -> set[str]:
    """The long options that begin so."""
    return {option.long for option in PROGRAM.options if option.long.startswith(beginning)}
