"""The command line of `lmnt-local`: its options and their help, and the order in which the service starts.

The parser is argparse, unlike the client's Typer, because users of a service wait for its URL: argparse takes
10 ms, Typer 60.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import Field, fields
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

from .faults import GROUPS, Faults
from .key import Key, KeyProblem, read_key
from .lazy import defer_import
from .stdio import open_closed_descriptors, print_and_exit


if TYPE_CHECKING:
    from .service import ServiceSettings
    from .workers import Workers

_USAGE = 2

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


# The standard descriptors that were closed when the program started.
_closed: set[int] = set()


class _Parser(argparse.ArgumentParser):
    """Reports a usage error in one line, worded as in `lmnt-say`."""

    def print_help(self, _file: object = None) -> NoReturn:
        print_and_exit(self.format_help(), _closed)

    def error(self, message: str) -> NoReturn:
        message = re.sub(r"^argument (\S+): ", r"\1: ", message)
        message = re.sub(r"^COMMAND: invalid choice: ('.*?') .*", r"unknown command \1; use: serve", message)
        message = re.sub(
            r"^the following arguments are required: COMMAND$", "missing command: serve", message
        )
        self.exit(_USAGE, f"lmnt-local: {message}\n")


class _Version(argparse.Action):
    """Looks up the version only on demand: importlib.metadata takes longer than the rest of the start."""

    def __init__(self, **options: Any) -> None:
        super().__init__(nargs=0, **options)

    def __call__(self, *_: object) -> NoReturn:
        from importlib.metadata import version

        print_and_exit(f"lmnt-local {version('lmnt-say')}\n", _closed)


def main(arguments: Sequence[str] | None = None, workers: Workers | None = None) -> None:
    """Run the program, until a signal ends it or the standard input that it watches ends.

    `workers` are given if they are already loading the voice.
    """
    _closed.update(open_closed_descriptors())
    options = _parse(arguments)
    missing = [name for name in ("hibari", "av", "h11") if find_spec(name) is None]
    if missing:
        _fail(f"{missing[0]} is not installed: pip install 'lmnt-say[local]'")
    _obey_signals()
    faults = _read_faults(options)
    try:
        key = read_key(options.key, options.key_file, from_stdin=options.key_from_stdin)
    except KeyProblem as problem:
        _fail(str(problem))
    if options.stop_with_stdin:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    if key.value is None and not _is_loopback(options.host):
        _fail(f"--host {options.host} is reachable from other machines: add --key-file FILE (or --key KEY)")
    listener = _listen(options.host, options.port)
    _announce(listener, key)
    _serve(options, key, faults, listener, workers)


def make_parser() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """Return the parser of the program and that of `serve`."""
    parser = _Parser(prog="lmnt-local", description="An LMNT service on this machine: no key, no network.")
    parser.add_argument("--version", action=_Version, help="print the version")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
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


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser, serve = make_parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and not rest[0].startswith("-"):
        _fail(f"unexpected argument: {rest[0]}")
    if rest:
        from difflib import get_close_matches

        known = re.findall(r"--[a-z-]+", serve.format_help())
        near = get_close_matches(rest[0].partition("=")[0], known, 1)
        _fail(f"no such option: {rest[0]}" + (f" (did you mean {near[0]}?)" if near else ""))
    return options


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"invalid value {text!r}: expected a port from 0 to 65535")
    return int(text)


def _read_faults(options: argparse.Namespace) -> Faults:
    texts = {setting.name: getattr(options, setting.name) for setting in fields(Faults)}
    given = {name: text for name, text in texts.items() if text is not None}
    if options.key_from_stdin and (given or options.faults_from_clients):
        _fail("fault settings cannot be used with --key-from-stdin")
    try:
        return Faults().with_values(given.items())
    except ValueError as error:
        name, problem = str(error).split(":", 1)
        _fail(f"--{name.replace('_', '-')}:{problem}")


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _obey_signals() -> None:
    """End at once and silently on a signal, whatever the threads are doing. Ignored signals stay ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            continue
        # The kernel does not apply a signal's default action to process 1 (as in a container).
        signal.signal(number, _exit_as_killed if os.getpid() == 1 else signal.SIG_DFL)


def _exit_as_killed(number: int, _frame: object) -> NoReturn:
    os._exit(128 + number)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # The queue holds clients that connect before the service is ready.
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        # create_server() adds the address to strerror, and a failed lookup has its own errno.
        is_lookup = isinstance(error, socket.gaierror) or error.errno is None
        reason = error.strerror or str(error) if is_lookup else os.strerror(error.errno or 0)
        if reason.startswith("Unknown error"):
            reason = "it is not an address of this machine"  # glibc has no words for a malformed address
        _fail(f"cannot listen on {host} port {port}: {reason}")


def _announce(listener: socket.socket, key: Key) -> None:
    """Print the URL, then the lines to export."""
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    exports = f"export LMNT_BASE_URL={url}\nexport LMNT_API_KEY={key.shell_word}\n"
    for descriptor, text in ((1, f"{url}\n"), (2, exports if key.shell_word else "")):
        # A closed descriptor has no reader.
        with suppress(OSError):
            os.write(descriptor, text.encode())


def _serve(
    options: argparse.Namespace, key: Key, faults: Faults, listener: socket.socket, workers: Workers | None
) -> None:
    """Run the service. The voice loads while the other modules are being imported."""
    try:
        from .workers import Workers

        workers = workers or Workers()

        # websockets imports it without using it, which takes 12 ms.
        defer_import("importlib.metadata")
        import asyncio

        from .log import set_up_log
        from .service import Service

        set_up_log(enabled=options.log or options.log_text, with_text=options.log_text)
        service = Service(_settings(options, key, faults), workers)
        runner = asyncio.Runner()
        runner.get_loop()
    except OSError as error:
        # The system refuses a descriptor, even for an import. End here: an event loop whose creation failed
        # prints to stderr when garbage-collected.
        print(f"lmnt-local: cannot serve: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(_USAGE)
    with runner:
        runner.run(service.serve(listener))


def _settings(options: argparse.Namespace, key: Key, faults: Faults) -> ServiceSettings:
    from .access import AccessPolicy
    from .service import ServiceSettings

    hosts = frozenset(name.lower() for name in options.allow_host)
    origins = frozenset(origin.lower().rstrip("/") for origin in options.allow_origin)
    return ServiceSettings(AccessPolicy(key.value, hosts, origins), faults, options.faults_from_clients)


def _stop_with_stdin() -> None:
    """End the process when the other end of standard input is closed, which includes our parent's death."""
    while True:
        try:
            if not os.read(0, 4096):
                break
        except OSError:
            break
    os._exit(0)


def _fail(message: str) -> NoReturn:
    print(f"lmnt-local: {message}", file=sys.stderr)
    sys.exit(_USAGE)
