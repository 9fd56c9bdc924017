"""Separate options from words before the command line is parsed, because text may begin with a dash."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..options import OPTIONS, Option, documented


def arrange(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with all options first, then `--` and the words in order.

    An argument that begins with a dash is a word if it contains white space and does not begin with one of
    our options: `- item` and `-5 degrees` are text, `-oMy Song.mp3` is not.
    """
    valued, switches = _spellings()
    options: list[str] = []
    words: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            words += rest
        elif argument == "-" or not argument.startswith("-") or _is_text(argument, valued | switches):
            words.append(argument)
        else:
            options.append(argument)
            if _takes_next(argument, valued, switches):
                options += (value for value in (next(rest, None),) if value is not None)
    return [*options, "--", *words] if words else options


def named(arguments: Sequence[str]) -> list[Option]:
    """Return the options spelled out in arranged arguments; others may be there in short, as in -qo."""
    used = {argument.partition("=")[0] for argument in arguments}
    return [option for option in OPTIONS.values() if not used.isdisjoint(_names(option))]


def _names(option: Option) -> tuple[str, ...]:
    opposite = option.opposite
    return option.names if opposite is None else (*option.names, opposite)


def _spellings() -> tuple[set[str], set[str]]:
    """Return the spellings of options that take a value, and the spellings of switches."""
    valued: set[str] = set()
    switches: set[str] = set()
    for option in documented():
        (switches if option.metavar is None else valued).update(_names(option))
    return valued, switches


def _is_text(argument: str, known: set[str]) -> bool:
    if not any(map(str.isspace, argument)):
        return False
    if argument.startswith("--"):
        name, end = re.match(r"(--[\w-]*)(.?)", argument, re.DOTALL).groups()  # type: ignore[union-attr]  # always
        return name not in known and end != "="
    return argument[:2] not in known


def _takes_next(argument: str, valued: set[str], switches: set[str]) -> bool:
    """Return whether the next argument is the value of this option."""
    if argument.startswith("--"):
        return argument in valued
    # Short options may be combined, and the last of them may take a value: -qo FILE.
    for place, letter in enumerate(argument[1:], 2):
        if f"-{letter}" in valued:
            return place == len(argument)
        if f"-{letter}" not in switches:
            return False
    return False
