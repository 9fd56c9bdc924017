"""The words of `lmnt-local`: options and their help, and the order in which a service starts.

The parser is argparse, not the client's Typer, for one reason: whoever starts a service waits for its
URL, and argparse costs 10 ms where Typer costs 60.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NoReturn

from .settings import Settings


_USAGE = 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(_USAGE, f"{self.prog.split()[0]}: {message}\n")


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
    if options.stop_with_stdin:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    settings = Settings(host=options.host, port=options.port, key=options.key)
    try:
        listener = _listen(settings)
    except OSError as error:
        reason = error.strerror or error
        sys.exit(_complain(f"cannot listen on {settings.host} port {settings.port}: {reason}"))
    _announce(listener, settings)
    _serve(settings, listener)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lmnt-local", description="An LMNT service on this machine: no key, no network.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    serve = commands.add_parser("serve", help="serve until stopped", description="Serve until stopped.")
    serve.add_argument("--port", type=int, default=0, metavar="N", help="port; 0 takes a free one (default)")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--key", metavar="KEY", help="the only API key to accept (default: any)")
    serve.add_argument("--stop-with-stdin", action="store_true", help="end when standard input ends")
    return parser


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The queue takes a hundred clients that come before we are quite ready.
    return socket.create_server((settings.host, settings.port), family=family, backlog=128)


def _announce(listener: socket.socket, settings: Settings) -> None:
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    exports = f"export LMNT_BASE_URL={url}\nexport LMNT_API_KEY={shlex.quote(settings.key or 'local')}\n"
    os.write(1, f"{url}\n".encode())
    os.write(2, exports.encode())


def _serve(settings: Settings, listener: socket.socket) -> None:
    """Serve; the voice is loaded while the rest is still being imported."""
    from .studio import Studio

    studio = Studio()

    import asyncio

    from .service import Service

    asyncio.run(Service(settings, studio).serve(listener))


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
