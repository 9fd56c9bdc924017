"""The command line of `lmnt-local`: the order in which the service starts. Its options are in `arguments`."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, NoReturn

from .arguments import USAGE, fail, parse, read_faults
from .key import Key, KeyProblem, read_key
from .lazy import defer_import
from .stdio import open_closed_descriptors


if TYPE_CHECKING:
    from argparse import Namespace

    from .faults import Faults
    from .service import ServiceSettings
    from .workers import Workers


# An event loop takes three.
_LEAST_DESCRIPTORS = 6


def main(arguments: Sequence[str] | None = None, workers: Workers | None = None) -> None:
    """Run the program, until a signal ends it or the standard input that it watches ends.

    `workers` are given if they are already loading the voice.
    """
    options = parse(arguments, open_closed_descriptors())
    missing = [name for name in ("hibari", "av", "h11") if find_spec(name) is None]
    if missing:
        fail(f"{missing[0]} is not installed: pip install 'lmnt-say[local]'")
    _obey_signals()
    faults = read_faults(options)
    try:
        key = read_key(options.key, options.key_file, from_stdin=options.key_from_stdin)
    except KeyProblem as problem:
        fail(str(problem))
    if options.stop_with_stdin:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    if key.value is None and not _is_loopback(options.host):
        fail(f"--host {options.host} is reachable from other machines: add --key-file FILE (or --key KEY)")
    listener = _listen(options.host, options.port)
    _announce(listener, key)
    _serve(options, key, faults, listener, workers)


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
        fail(f"cannot listen on {host} port {port}: {reason}")


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
    options: Namespace, key: Key, faults: Faults, listener: socket.socket, workers: Workers | None
) -> None:
    """Run the service. The voice loads while the other modules are being imported."""
    try:
        _try_descriptors()
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
    except (OSError, ImportError) as error:
        # The system refuses a descriptor, even for an import; of a shared library, only the message gives the
        # reason. End here: an event loop whose creation failed prints to stderr when garbage-collected.
        reason = error.strerror if isinstance(error, OSError) else str(error).rpartition(": ")[2]
        print(f"lmnt-local: cannot serve: {reason}", file=sys.stderr, flush=True)
        os._exit(USAGE)
    with runner:
        runner.run(service.serve(listener))


def _try_descriptors() -> None:
    """Raise OSError if the system refuses the descriptors of an event loop, a connection and two imports.

    Checked before the voice loads: later, each of several threads would report it in a way of its own.
    """
    opened = []
    try:
        for _ in range(_LEAST_DESCRIPTORS):
            opened.append(os.open(os.devnull, os.O_RDONLY))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _settings(options: Namespace, key: Key, faults: Faults) -> ServiceSettings:
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
