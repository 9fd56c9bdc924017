"""What `lmnt-say` takes, read off the program itself, for all that is generated from it."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any

from typer.main import get_command

from lmnt_cli.cli import app
from lmnt_cli.core.audio.formats import FORMAT_OF_EXTENSION, SAMPLE_RATES
from lmnt_cli.local.requests import LANGUAGES
from lmnt_cli.local.speech.voices import VOICES


# What the program's own parameters do not say: values that are usual rather than the only ones.
_VALUES = {
    "--sample-rate": [str(rate) for rate in SAMPLE_RATES],
    "--voice": list(VOICES),
    "--language": sorted(LANGUAGES, key=lambda code: (code != "auto", code)),
}
_EXTENSIONS = {"--output": [extension.removeprefix(".") for extension in FORMAT_OF_EXTENSION]}


@dataclass(frozen=True)
class Option:
    """An option. `metavar` None is a switch; `extensions` () admits any file where `is_file`.

    `is_command` takes a program's name; `ends` leaves the others without effect. `are_voices`: `values` are
    what is known without the cache of voices.
    """

    short: str | None
    long: str
    metavar: str | None
    help: str
    default: str | None
    values: tuple[str, ...] = ()
    is_file: bool = False
    extensions: tuple[str, ...] = ()
    is_command: bool = False
    ends: bool = False
    are_voices: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All spellings, the short one first."""
        return (self.long,) if self.short is None else (self.short, self.long)


@dataclass(frozen=True)
class Program:
    """The program's words about itself; `sections` are the tables at the help's end, by title."""

    summary: str
    options: tuple[Option, ...]
    sections: dict[str, tuple[tuple[str, str], ...]]


def read_program() -> Program:
    """Read the parameters and the help of `lmnt-say`."""
    command = get_command(app)
    context = command.make_context("lmnt-say", [], resilient_parsing=True)
    parameters = [each for each in command.get_params(context) if each.param_type_name == "option"]
    summary = (command.help or "").partition("\b")[0]
    return Program(
        summary=" ".join(summary.split()),
        options=tuple(_read(each) for each in parameters),
        sections=dict(_read_section(block) for block in (command.epilog or "").split("\b") if block.strip()),
    )


def _read(parameter: Any) -> Option:  # Any: the class is Typer's own and has no public name
    long = next(name for name in parameter.opts if name.startswith("--"))
    short = next((name for name in parameter.opts if not name.startswith("--")), None)
    text, _, default = (parameter.help or "").partition("[default:")
    choices = tuple(getattr(parameter.type, "choices", ()))
    metavar = None if parameter.is_flag else _metavar(parameter.metavar, choices)
    return Option(
        short=short,
        long=long,
        metavar=metavar,
        help=text.strip().rstrip("."),
        default=default.strip().rstrip("]") or _default(parameter.default),
        values=choices or tuple(_VALUES.get(long, ())),
        is_file=metavar == "FILE",
        extensions=tuple(_EXTENSIONS.get(long, ())),
        is_command=metavar == "CMD",
        ends=long in ("--help", "--version"),
        are_voices=long == "--voice",
    )


def _metavar(given: str | None, choices: tuple[str, ...]) -> str:
    return re.sub(r"[\[\]<>]", "", given) if given else "|".join(choices)


def _default(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, enum.Enum):
        return str(value.value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read_section(block: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A title and its pairs of term and text; lines of another form are left out."""
    title, _, body = block.strip().partition(":\n")
    pairs = re.findall(r"^  (\S+) {2,}(\S.*)$", body, re.MULTILINE)
    return title, tuple((term, text) for term, text in pairs)
