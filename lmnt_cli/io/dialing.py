"""Connect to a service: name resolution, TCP, proxy and TLS, as blocking calls under one deadline.

These calls run in their own thread, because a resolver that hangs cannot be interrupted: the caller can do
other work meanwhile, or stop waiting. `connect_errors` turns failures into messages.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .addresses import Address, resolve
from .connect_errors import translate
from .route import Route
from .wire import Deadline, Wire


if TYPE_CHECKING:
    import ssl

# Seconds to wait for the first address before trying the next one as well (RFC 8305, section 5).
_HEAD_START = 0.25
_IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN)


def dial(route: Route, deadline: Deadline, prepare: Callable[[], object] = lambda: None) -> Wire:
    """Return a wire to the service, through the proxy and TLS if the route requires them.

    `prepare` is called once, during the first wait for the network. Raises SayError.
    """
    at_proxy = route.proxy is not None
    wire: Wire | None = None
    try:
        wire, context = _reach(route, deadline, prepare)
        if route.proxy is not None and route.proxy.scheme in ("http", "https"):
            if route.proxy.scheme == "https":
                assert context is not None, "it was prepared"
                wire.start_tls(context, route.proxy.host)
            from .proxy_tunnel import open_tunnel

            open_tunnel(wire, route, route.proxy)
        at_proxy = False
        if route.secure:
            assert context is not None, "it was prepared"
            wire.start_tls(context, route.host)
        return wire
    except Exception as error:
        if wire is not None:
            wire.close()
        raise translate(error, route, at_proxy=at_proxy, limit=deadline.limit) from error


def _reach(
    route: Route, deadline: Deadline, prepare: Callable[[], object]
) -> tuple[Wire, ssl.SSLContext | None]:
    """Connect to the first hop; return the wire, and a TLS context if one is needed."""
    first = route.proxy or route
    contexts = []

    def prepare_all() -> None:
        if route.secure or (route.proxy is not None and route.proxy.scheme == "https"):
            # Loading TLS and the system's certificates takes as long as a packet to cross a continent.
            from .tls import default_context

            contexts.append(default_context())
        prepare()

    addresses = resolve(first.host, first.port, loopback_only=route.loopback_only)
    if route.proxy is not None and route.proxy.scheme.startswith("socks"):
        from .proxy_tunnel import connect_through_socks

        connected = connect_through_socks(route, route.proxy, addresses, deadline)
        prepare_all()
    else:
        connected = connect_first(addresses, deadline, prepare_all)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(connected, deadline), contexts[0] if contexts else None


def connect_first(
    addresses: Iterable[Address], deadline: Deadline, prepare: Callable[[], object] = lambda: None
) -> socket.socket:
    """Return a socket connected to whichever address answers first; earlier ones get a head start.

    `prepare` is called once, while the first attempt is pending. If every attempt fails, raises the OSError
    of the first.
    """
    untried = deque(addresses)
    failures: list[OSError] = []
    next_at = 0.0
    with selectors.DefaultSelector() as attempts:
        try:
            while untried or attempts.get_map():
                now = time.monotonic()
                if untried and (now >= next_at or not attempts.get_map()):
                    _attempt(untried.popleft(), attempts, failures)
                    next_at = now + _HEAD_START
                    prepare()
                    prepare = lambda: None  # noqa: E731 - shorter than a flag
                    continue
                wait = min(deadline.left(), next_at - now) if untried else deadline.left()
                for key, _ in attempts.select(wait):
                    attempts.unregister(key.fileobj)
                    attempt: socket.socket = key.data
                    code = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if code == 0:
                        return attempt
                    attempt.close()
                    failures.append(_failure(code))
                    next_at = 0.0
        finally:
            for key in attempts.get_map().values():
                key.data.close()
    raise failures[0]


def _attempt(address: Address, attempts: selectors.BaseSelector, failures: list[OSError]) -> None:
    """Start connecting to an address."""
    family, kind, protocol, _, where = address
    try:
        attempt = socket.socket(family, kind, protocol)
    except OSError as error:
        failures.append(error)  # this machine lacks the address family
        return
    attempt.setblocking(False)
    code = attempt.connect_ex(where)
    if code not in (0, *_IN_PROGRESS):
        attempt.close()
        failures.append(_failure(code))
        return
    attempts.register(attempt, selectors.EVENT_WRITE, attempt)


def _failure(code: int) -> OSError:
    import os

    return OSError(code, os.strerror(code))
