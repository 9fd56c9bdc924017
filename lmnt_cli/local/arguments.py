"""The arguments of `lmnt-local`: its options, their help, and usage errors.

The parser is argparse, unlike the client's Typer, because users of a service wait for its URL: argparse takes
10 ms, Typer 60.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence, Set
from dataclasses import Field, fields
from functools import partial
from typing import Any, NoReturn

from .faults import GROUPS, Faults
from .stdio import print_and_exit


USAGE = 2

_DESCRIPTION = """\
Serve LMNT's protocol on this machine, with real speech and without a network: speech sessions in every
version of the protocol, the voices, the account, and speech over HTTP. The URL is printed on standard
output as soon as connections are accepted, then on standard error two export lines for its clients.

The service refuses whatever LMNT refuses. The options below cause further faults, in all sessions. With
--faults-from-clients, a client can set them for one session, in its URL (?cut_after=3&no_pong) or in the
header "LMNT-Local: cut_after=3&no_pong"."""

_EPILOG = """\
examples:
  lmnt-local serve --port 8765
  lmnt-local serve --host 0.0.0.0 --key-file ~/.config/lmnt-local.key
  lmnt-local serve --cut-after 3                   cut every session off after three audio messages
  lmnt-local serve --cut-after 3 --only-first 1    cut only the first one off
  lmnt-local serve --refuse 2 --refuse-status 429 --retry-after 1
  lmnt-local serve --port 8765 --faults-from-clients &
  LMNT_BASE_URL='http://127.0.0.1:8765?error=rate_limit_error' lmnt-say hello > hello.mp3
"""


class _Parser(argparse.ArgumentParser):
    """Reports a usage error in one line, worded as in `lmnt-say`."""

    def __init__(self, closed: Set[int], **options: Any) -> None:
        super().__init__(**options)
        self._closed = closed

    def print_help(self, _file: object = None) -> NoReturn:
        print_and_exit(self.format_help(), self._closed)

    def error(self, message: str) -> NoReturn:
        message = re.sub(r"^argument (\S+): ", r"\1: ", message)
        message = re.sub(r"^COMMAND: invalid choice: ('.*?') .*", r"unknown command \1; use: serve", message)
        message = re.sub(
            r"^the following arguments are required: COMMAND$", "missing command: serve", message
        )
        self.exit(USAGE, f"lmnt-local: {message}\n")


class _Version(argparse.Action):
    """Looks up the version only on demand: importlib.metadata takes longer than the rest of the start."""

    def __init__(self, closed: Set[int], **options: Any) -> None:
        super().__init__(nargs=0, **options)
        self._closed = closed

    def __call__(self, *_: object) -> NoReturn:
        from importlib.metadata import version

        print_and_exit(f"lmnt-local {version('lmnt-say')}\n", self._closed)


def parse(arguments: Sequence[str] | None, closed: Set[int]) -> argparse.Namespace:
    """Return the options. Prints help, the version or an error, and exits, if that is what they ask for."""
    parser, serve = make_parser(closed)
    options, rest = parser.parse_known_args(arguments)
    if rest and not rest[0].startswith("-"):
        fail(f"unexpected argument: {rest[0]}")
    if rest:
        from difflib import get_close_matches

        known = re.findall(r"--[a-z-]+", serve.format_help())
        near = get_close_matches(rest[0].partition("=")[0], known, 1)
        fail(f"no such option: {rest[0]}" + (f" (did you mean {near[0]}?)" if near else ""))
    return options


def read_faults(options: argparse.Namespace) -> Faults:
    """Return the faults that the options set for all sessions; exit with an error if one is invalid."""
    texts = {setting.name: getattr(options, setting.name) for setting in fields(Faults)}
    given = {name: text for name, text in texts.items() if text is not None}
    if options.key_from_stdin and (given or options.faults_from_clients):
        fail("fault settings cannot be used with --key-from-stdin")
    try:
        return Faults().with_values(given.items())
    except ValueError as error:
        name, problem = str(error).split(":", 1)
        fail(f"--{name.replace('_', '-')}:{problem}")


def fail(message: str) -> NoReturn:
    """Report an error, and exit with the status of wrong usage."""
    print(f"lmnt-local: {message}", file=sys.stderr)
    sys.exit(USAGE)


def make_parser(closed: Set[int] = frozenset()) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """Return the parser of the program and that of `serve`. `closed` are closed standard descriptors."""
    described = "An LMNT service on this machine: no key, no network."
    parser = _Parser(closed, prog="lmnt-local", description=described)
    version: Any = partial(_Version, closed)  # argparse accepts what makes an action or a parser as well
    parser.add_argument("--version", action=version, help="print the version")
    serving: Any = partial(_Parser, closed)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=serving)
    serve = commands.add_parser(
        "serve",
        help="serve until stopped",
        usage="lmnt-local serve [OPTIONS]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_options(serve)
    groups = {name: serve.add_argument_group(name, text) for name, text in GROUPS.items()}
    for setting in fields(Faults):
        _add_setting(groups[setting.metadata["group"]], setting)
    return parser, serve


def _add_options(serve: argparse.ArgumentParser) -> None:
    add = serve.add_argument
    add("--port", type=_port, default=0, metavar="N", help="listen on this port (default: a free one)")
    add("--host", default="127.0.0.1", metavar="ADDRESS", help="listen on this address (default: 127.0.0.1)")
    keys = serve.add_mutually_exclusive_group()
    keys.add_argument("--key", metavar="KEY", help="accept only this API key (default: any)")
    keys.add_argument("--key-file", metavar="FILE", help="accept only the API key in FILE, hidden from ps")
    keys.add_argument("--key-from-stdin", action="store_true", help=argparse.SUPPRESS)
    add(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="without a key, also accept requests to this host name",
    )  # fmt: skip
    add(
        "--allow-origin", action="append", default=[], metavar="ORIGIN",
        help="without a key, also accept requests from web pages of this origin (http://HOST:PORT, or null)",
    )  # fmt: skip
    add("--faults-from-clients", action="store_true", help="let clients set the faults below")
    add("--stop-with-stdin", action="store_true", help="stop when standard input ends")
    add(
        "--log",
        action="store_true",
        help="log sessions and requests on standard error, without text",
    )
    add("--log-text", action="store_true", help="like --log, with the text")


def _add_setting(group: argparse._ArgumentGroup, setting: Field[Any]) -> None:
    flag = "--" + setting.name.replace("_", "-")
    help_, metavar = setting.metadata["help"], setting.metadata["metavar"]
    if metavar:
        group.add_argument(flag, dest=setting.name, metavar=metavar, help=help_)
    else:
        group.add_argument(flag, dest=setting.name, action="store_const", const="", help=help_)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"invalid value {text!r}: expected a port from 0 to 65535")
    return int(text)
