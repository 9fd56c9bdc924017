"""The words of `lmnt-local`: options and their help, and the order in which a service starts.

The parser is argparse, not the client's Typer, for one reason: whoever starts a service waits for its
URL, and argparse costs 10 ms where Typer costs 60.
"""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import Field, fields
from importlib.util import find_spec
from typing import Any, NoReturn

from .faults import GROUPS, Faults


_USAGE = 2

_DESCRIPTION = """\
Serve LMNT's protocol on this machine, with real speech and without a network: speech sessions of every
protocol generation, the voices, the account and speech over HTTP. The address is printed on standard
output as soon as connections are accepted, and on standard error what to export, so that programs find it.

It refuses what the service refuses. What else can go wrong is below: for the whole service as an option, for
one connection in its URL (?cut_after=3&no_pong) or in the header "LMNT-Local: cut_after=3&no_pong"."""

_EPILOG = """\
examples:
  lmnt-local serve --port 8765
  lmnt-local serve --cut-after 3                   every session is cut off after three audio messages
  lmnt-local serve --cut-after 3 --only-first 1    the first is; whoever comes again is served well
  lmnt-local serve --refuse 2 --refuse-status 429 --retry-after 1
  LMNT_BASE_URL='http://127.0.0.1:8765?error=rate_limit_error' lmnt-say hello > hello.mp3
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(_USAGE, f"{self.prog.split()[0]}: {message}\n")


class _Version(argparse.Action):
    """Looks the version up only when asked: importlib.metadata costs more than our own start."""

    def __init__(self, **options: Any) -> None:
        super().__init__(nargs=0, **options)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"lmnt-local {version('lmnt-say')}")
        parser.exit()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program. It ends by a signal, or when the stdin it was told to watch ends."""
    options = _parser().parse_args(arguments)
    missing = [name for name in ("hibari", "av", "h11") if find_spec(name) is None]
    if missing:
        sys.exit(_complain(f"{missing[0]} is not installed: pip install 'lmnt-say[local]'"))
    # The default actions end the process at once and without a word, whatever any thread is doing.
    for name in ("SIGINT", "SIGTERM"):
        if signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    # Read before the thread below reads on.
    key = _read_key() if options.key_from_stdin else options.key
    if options.stop_with_stdin:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    faults = _faults(options)
    _log(options)
    try:
        listener = _listen(options.host, options.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.exit(_complain(f"cannot listen on {options.host} port {options.port}: {reason}"))
    _announce(listener, key, exports=not options.key_from_stdin)
    _serve(key, faults, listener)


def _parser() -> argparse.ArgumentParser:
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
    serve.add_argument("--port", type=int, default=0, metavar="N", help="port (0: a free one)")
    serve.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address (127.0.0.1)")
    serve.add_argument("--key", metavar="KEY", help="the only API key to accept (any but none)")
    # For a parent process: what it writes there, ps does not show.
    serve.add_argument("--key-from-stdin", action="store_true", help=argparse.SUPPRESS)
    serve.add_argument("--stop-with-stdin", action="store_true", help="end when standard input ends")
    serve.add_argument("--log", action="store_true", help="say on stderr what happens, without key and text")
    serve.add_argument("--log-text", action="store_true", help="the same, with the text")
    groups = {name: serve.add_argument_group(name, text) for name, text in GROUPS.items()}
    for setting in fields(Faults):
        _add_setting(groups[setting.metadata["group"]], setting)
    return parser


def _add_setting(group: argparse._ArgumentGroup, setting: Field[Any]) -> None:
    flag = "--" + setting.name.replace("_", "-")
    if setting.metadata["metavar"]:
        metavar = setting.metadata["metavar"]
        group.add_argument(flag, dest=setting.name, metavar=metavar, help=setting.metadata["help"])
    else:
        group.add_argument(
            flag, dest=setting.name, action="store_const", const="", help=setting.metadata["help"]
        )


def _faults(options: argparse.Namespace) -> Faults:
    given = {setting.name: getattr(options, setting.name) for setting in fields(Faults)}
    try:
        return Faults().with_values((name, text) for name, text in given.items() if text is not None)
    except ValueError as error:
        name, problem = str(error).split(":", 1)
        sys.exit(_complain(f"--{name.replace('_', '-')}:{problem}"))


def _log(options: argparse.Namespace) -> None:
    if options.log or options.log_text:
        logging.basicConfig(level=logging.INFO, format="lmnt-local: %(message)s")
    # Frames carry the key; what is said is logged only by those who know what they say.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    # It warns of writes to a peer that has just gone: nobody's fault.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger("lmnt_cli.local.text").setLevel(logging.INFO if options.log_text else logging.CRITICAL)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The queue takes a hundred clients that come before we are quite ready.
    return socket.create_server((host, port), family=family, backlog=128)


def _announce(listener: socket.socket, key: str | None, *, exports: bool) -> None:
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    lines = f"export LMNT_BASE_URL={url}\nexport LMNT_API_KEY={shlex.quote(key or 'local')}\n"
    for descriptor, said in ((1, f"{url}\n"), (2, lines if exports else "")):
        # Who closed it does not want to know.
        with suppress(OSError):
            os.write(descriptor, said.encode())


def _serve(key: str | None, faults: Faults, listener: socket.socket) -> None:
    """Serve; the voice is loaded while the rest is still being imported."""
    from .workers import Workers

    workers = Workers()

    import asyncio

    from .service import Service, ServiceSettings

    asyncio.run(Service(ServiceSettings(key, faults), workers).serve(listener))


def _read_key() -> str:
    """Return the first line of standard input, which holds the key; exit where there is none."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)  # no more than the line: what follows is not ours
        if not byte:
            sys.exit(_complain("no key on standard input"))
        line += byte
    return line.decode().strip()


def _stop_with_stdin() -> None:
    """End the process when whoever started it has closed our stdin, or died."""
    while True:
        try:
            if not os.read(0, 4096):
                break
        except OSError:
            break
    os._exit(0)


def _complain(message: str) -> int:
    print(f"lmnt-local: {message}", file=sys.stderr)
    return _USAGE
