"""What `lmnt-say` takes, read off its table of options, for all that is generated from it."""

from __future__ import annotations

from dataclasses import dataclass

from lmnt_cli.catalogue import LANGUAGES, VOICES
from lmnt_cli.commandline.help import DESCRIPTION
from lmnt_cli.core.audio.formats import FORMAT_OF_EXTENSION
from lmnt_cli.options import HELP, VERSION, documented
from lmnt_cli.options import Option as Declared


# Values that are usual rather than the only ones, where the table leaves them to the catalogue.
_VALUES = {"--voice": VOICES, "--language": ("auto", *LANGUAGES)}
_EXTENSIONS = {
    "--output": tuple(extension.removeprefix(".") for extension in FORMAT_OF_EXTENSION),
    "--config": ("toml",),
}


@dataclass(frozen=True)
class Option:
    """An option. `metavar` None is a switch; `extensions` () admits any file where `is_file`.

    `is_command` takes a program's name; after an option that `ends` no other has an effect. `are_voices`:
    `values` are those known without the cache of voices. Where it `is_open`, other values are right, too.
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
    """The program's words about itself."""

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
