"""The program's words about itself, read as the completions are made of them."""

from __future__ import annotations

from pathlib import Path

from completions.make.options import read_program


ROOT = Path(__file__).parent.parent.parent
PROGRAM = read_program()


def options(beginning: str) -> set[str]:
    """The long options that begin so."""
    return {option.long for option in PROGRAM.options if option.long.startswith(beginning)}
