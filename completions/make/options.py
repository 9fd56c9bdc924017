"""The options of `lmnt-say`, read from its table of options, for everything generated from them."""

from __future__ import annotations

from dataclasses import dataclass

from lmnt_cli.catalogue import LANGUAGES, VOICES
from lmnt_cli.commandline.help import DESCRIPTION
from lmnt_cli.core.audio.formats import FORMAT_OF_EXTENSION
from lmnt_cli.options import HELP, VERSION, documented
from lmnt_cli.options import Option as Declared


# The usual values of options that also accept others, where the table leaves them to the catalogue.
_VALUES = {"--voice": VOICES, "--language": ("auto", *LANGUAGES)}
_EXTENSIONS = {
    "--output": tuple(extension.removeprefix(".") for extension in FORMAT_OF_EXTENSION),
    "--config": ("toml",),
}


@dataclass(frozen=True)
class Option:
    """An option. Without a `metavar` it is a switch.

    `is_file`: takes a file, with one of `extensions` if there are any. `is_command`: takes the name of a
    program. `ends`: makes the program exit, so that other options have no effect. `are_voices`: takes a
    voice, and `values` are those known without the voice cache. `is_open`: other values are valid, too.
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
    is_open: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All spellings, the short one first."""
        return (self.long,) if self.short is None else (self.short, self.long)


@dataclass(frozen=True)
class Program:
    """A program's description of itself."""

    summary: str
    options: tuple[Option, ...]


def read_program() -> Program:
    """Read the options and the help of `lmnt-say`."""
    return Program(
        summary=" ".join(DESCRIPTION.partition("\b")[0].split()),
        options=tuple(map(_read, documented())),
    )


def _read(declared: Declared) -> Option:
    long = declared.long
    return Option(
        short=declared.short,
        long=long,
        metavar=declared.metavar,
        help=declared.help,
        default=declared.default,
        values=declared.choices or _VALUES.get(long, ()),
        is_file=declared.metavar == "FILE",
        extensions=_EXTENSIONS.get(long, ()),
        is_command=declared.metavar == "CMD",
        ends=declared in (VERSION, HELP),
        are_voices=long == "--voice",
        is_open=not declared.choices,
    )
