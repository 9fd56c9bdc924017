"""The options of the program, as read for the completions."""

from __future__ import annotations

from pathlib import Path

from completions.make.options import read_program


ROOT = Path(__file__).parent.parent.parent
PROGRAM = read_program()


def options(beginning: str) -> set[str]:
    """Return the long options with this prefix."""
    return {option.long for option in PROGRAM.options if option.long.startswith(beginning)}
