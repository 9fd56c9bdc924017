"""The command line: builds Typer's command from the table of options, and parses the arguments with it.

No decisions are made here; see `settings`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from .commandline.arguments import arrange, named
from .commandline.help import COLUMN, DESCRIPTION, EPILOG, groups
from .configuration.config import read_config
from .configuration.layers import Configured, find_exclusive
from .configuration.values import read_value
from .errors import STDOUT_CLOSED, Killed, MissingKey, OutputError, SayError, UsageError
from .lazy import deferred
from .options import HELP, NO_PROGRESS, OPTIONS, VERSION, Flags, Option, Progress
from .run.signals import Signals
from .settings import Settings, resolve, resolve_text


# Imported by Typer, or by what Typer imports, for features that a run does not use.
with deferred("bz2", "locale", "lzma", "shellingham", "textwrap", "tokenize", "zlib"):
    from inspect import Parameter, Signature

    import typer
    from typer.core import TyperCommand
    from typer.main import get_command

if TYPE_CHECKING:
    from .io.local_service import LocalService
    from .run.outcome import Kept

# The base class of all errors in a command line, for which Typer exports no name.
_BadCommandLine: type[Exception] = typer.BadParameter.__bases__[0]


def _print_version(wanted: bool) -> None:
    if wanted:
        from . import __version__

        typer.echo(f"lmnt-say {__version__}")
        raise typer.Exit


class _Command(TyperCommand):
    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the parent's signature
        """Write the options in titled groups. Opposites, such as --no-play, are accepted but not listed."""
        for title, rows in groups():
            with formatter.section(title):
                formatter.write_dl(rows, col_max=COLUMN - 2)


def _flags(given: dict[str, Any]) -> Flags:
    """Return the options given, with their values parsed."""
    values = {option.name: _value(option, given.get(option.name)) for option in OPTIONS.values()}
    if given.get("no_progress"):
        values["progress"] = Progress.NEVER
    # Naming a player on the command line implies --play; in a configuration it is only a preference.
    if values["player"] is not None and values["play"] is None:
        values["play"] = True
    flags = Flags(text=tuple(given["text"]) if given["text"] else None, **values)
    if pair := find_exclusive(flags):
        raise UsageError(f"{pair[0].long} and {pair[1].long} cannot be used together")
    if flags.json and not flags.asks:
        raise UsageError("--json needs --list-voices or --usage")
    return flags


def _value(option: Option, given: Any) -> Any:
    if option.type is bool or not given:
        return given if option.type is bool else None
    if option.single and len(given) > 1:
        raise UsageError(f"{option.long} can be given only once")
    values = tuple(read_value(option, text, option.long) for text in given)
    return values if option.many else values[-1]


def _command(options: Iterable[Option]) -> Any:  # Typer has no public name for its class
    """Return Typer's command with these options of the table."""
    # No completion installer: completions/ has static files, which complete without starting Python.
    # No markup: it would import Rich for --help and print errors in boxes.
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

    def command(**given: Any) -> Flags:
        return _flags(given)

    # Typer reads the signature.
    command.__signature__ = Signature(list(_parameters(options)))  # type: ignore[attr-defined]  # functions take any
    names = {"help_option_names": list(HELP.names)}
    app.command(cls=_Command, help=DESCRIPTION, epilog=EPILOG, context_settings=names)(command)
    return get_command(app)


def _parameters(options: Iterable[Option]) -> Iterator[Parameter]:
    """Yield the parameters from which Typer derives its options: one for each row of the table."""
    words = typer.Argument(metavar="[TEXT]...")
    yield _parameter("text", list[str] | None, words)
    for option in options:
        # Accept text, any number of times: values are parsed by the same code as those of other layers.
        declared = typer.Option(*_spellings(option), metavar=option.metavar)
        yield _parameter(option.name, (bool if option.type is bool else list[str]) | None, declared)
    yield _parameter("no_progress", bool, typer.Option(NO_PROGRESS.long), False)
    version = typer.Option(VERSION.long, is_eager=True, callback=_print_version)
    yield _parameter("version", bool, version, False)


def _parameter(name: str, type_: Any, declared: Any, default: object = None) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[type_, declared])


def _spellings(option: Option) -> list[str]:
    """Return the names in Typer's notation: a switch is `--play/--no-play`, so that it can be undone."""
    if option.opposite is None:
        return list(option.names)
    short = [option.short] if option.short else []
    return [*short, f"--{option.key}/--no-{option.key}"]


def parse(arguments: Sequence[str]) -> Flags | None:
    """Return the options of a command line, None if it has been handled (--help). Raises UsageError."""
    arranged = arrange(arguments)
    try:
        # Typer takes a tenth of a millisecond for each option that it knows, and a run has two or three.
        return _parse(arranged, named(arranged))
    except _BadCommandLine:
        pass  # or it is an option that this command did not know
    try:
        return _parse(arranged, OPTIONS.values())
    except _BadCommandLine as error:
        from .commandline.usage import explain

        raise explain(error) from error


def _parse(arguments: list[str], options: Iterable[Option]) -> Flags | None:
    result = _command(options).main(arguments, prog_name="lmnt-say", standalone_mode=False)
    return result if isinstance(result, Flags) else None


def say(closed: frozenset[int], signals: Signals, local: LocalService | None = None) -> None:
    """Do what the command line asks. `closed` holds the standard descriptors that were closed at start.

    `local` is the embedded service if it was started early; a run that does not need it ends it.
    """
    flags = configured = None
    try:
        flags = parse(sys.argv[1:])
        if 1 in closed and (flags is None or flags.asks or flags.dry_run):
            raise OutputError(STDOUT_CLOSED)
        if flags is None:
            return
        if flags.set_key:
            _set_key(flags, closed)
            return
        configured = read_config(flags, os.environ)
        if flags.asks:
            _answer(flags, configured)
            return
        if flags.dry_run:
            _preview(flags, configured, closed)
        settings = _resolve(flags, configured, closed)
    except SayError as error:
        from .io.status import Display
        from .run.report import report_error

        report_error(Display(), error, _save_unread(error, flags, configured))
        sys.exit(error.code)

    from .run.start import run

    if local is not None and not settings.service.endpoint.local:
        local.kill()
        local = None
    run(settings, closed, signals, local)


def _resolve(flags: Flags, configured: Configured, closed: frozenset[int]) -> Settings:
    from .io.terminal import is_terminal

    typed, shown = is_terminal(0), is_terminal(1) and 1 not in closed
    return resolve(flags, os.environ, configured, stdin_typed=typed, stdout_terminal=shown)


def _save_unread(error: SayError, flags: Flags | None, configured: Configured | None) -> Kept:
    """Save the text on standard input that an invalid key keeps from being spoken."""
    from .configuration.layers import choose, stack
    from .io.terminal import is_terminal
    from .run.outcome import NOTHING

    if flags is None or configured is None or flags.asks or not isinstance(error, MissingKey):
        return NOTHING
    from .run.unread import save_unread

    chosen = choose(stack(flags, os.environ, configured)).flags
    return save_unread(error, resolve_text(chosen, stdin_typed=False), flags, typed=is_terminal(0))


def _set_key(flags: Flags, closed: frozenset[int]) -> None:
    from .commandline.set_key import set_key
    from .io.status import Display
    from .io.terminal import is_terminal
    from .run.exit import leave

    try:
        path = set_key(flags, closed)
    except Killed as killed:
        leave(-killed.signal)
    if is_terminal(2) and not flags.quiet:
        Display().line(f"lmnt-say: the key is stored in {path}")


def _preview(flags: Flags, configured: Configured, closed: frozenset[int]) -> NoReturn:
    """Print the messages that would be sent. Raises SayError if there are none."""
    from .io.terminal import is_terminal
    from .preview import resolve_preview
    from .run.previewing import preview

    preview(resolve_preview(flags, os.environ, configured, stdin_typed=is_terminal(0)), closed)


def _answer(flags: Flags, configured: Configured) -> None:
    """Print the listing that was requested. Raises SayError for invalid options."""
    from .core.figures.redaction import Redaction
    from .inquiry import resolve_inquiry
    from .io.status import Display
    from .listing import answer
    from .run.report import report_error

    inquiry = resolve_inquiry(flags, os.environ, configured)
    endpoint = inquiry.service.endpoint
    redact = Redaction.of(endpoint.secret, endpoint.base, endpoint.proxy)
    display = Display(redact=redact)
    for origin in inquiry.origins if inquiry.display.debug else ():
        display.line(f"= {origin}")
    notice = None
    try:
        notice = answer(inquiry, redact)
    except SayError as error:
        report_error(display, error)
        sys.exit(error.code)
    for line in (*inquiry.notices, notice):
        if line and not inquiry.display.quiet:
            display.line(f"lmnt-say: {line}")
