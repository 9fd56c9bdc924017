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
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .connect_errors import NotLoopback, ProxyRefused, translate
from .route import Proxy, Route, basic, bracketed
from .wire import Deadline, Wire


if TYPE_CHECKING:
    import ssl

    from python_socks.sync import Proxy as SocksProxy

# Seconds to wait for the first address before trying the next one as well (RFC 8305, section 5).
_HEAD_START = 0.25
# Longest response head accepted from a proxy, in bytes.
_LONGEST_HEAD = 1 << 16
_IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN)

# As returned by `socket.getaddrinfo`: family, type, protocol, canonical name, address.
_Address = tuple[int, int, int, str, tuple[Any, ...]]


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
            _open_tunnel(wire, route, route.proxy)
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

    addresses = _resolve(first.host, first.port, loopback_only=route.loopback_only)
    if route.proxy is not None and route.proxy.scheme.startswith("socks"):
        connected = _through_socks(route, route.proxy, addresses, deadline)
        prepare_all()
    else:
        connected = connect_first(addresses, deadline, prepare_all)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(connected, deadline), contexts[0] if contexts else None


def _destination(route: Route) -> str:
    """Return the host that a proxy is asked to connect to.

    Unencrypted traffic has to stay on this machine: the address is then looked up and checked here, because
    the proxy might resolve `x.localhost` to another one. Raises NotLoopback.
    """
    if not route.loopback_only:
        return route.host
    addresses = _resolve(route.host, route.port, loopback_only=True)
    by_family = sorted(addresses, key=lambda address: address[0] != socket.AF_INET)
    return str(by_family[0][4][0])


def _resolve(host: str, port: int, *, loopback_only: bool) -> list[_Address]:
    """Return the addresses of a host, alternating between families (RFC 8305, section 4)."""
    # Passed as bytes: Python would encode a string with IDNA, which loads large tables.
    found = list(socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM))
    if loopback_only:
        found = [address for address in found if _is_loopback(str(address[4][0]))]
        if not found:
            raise NotLoopback(host)
    first = [address for address in found if address[0] == found[0][0]]
    second = [address for address in found if address[0] != found[0][0]]
    turns: list[_Address] = []
    while first or second:
        turns += first[:1] + second[:1]
        first, second = first[1:], second[1:]
    return turns


def _is_loopback(address: str) -> bool:
    import ipaddress

    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def connect_first(
    addresses: Iterable[_Address], deadline: Deadline, prepare: Callable[[], object] = lambda: None
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


def _attempt(address: _Address, attempts: selectors.BaseSelector, failures: list[OSError]) -> None:
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


def _open_tunnel(wire: Wire, route: Route, proxy: Proxy) -> None:
    """Send CONNECT to an HTTP proxy (RFC 9110, 9.3.6). Raises ProxyRefused, EOFError or ValueError."""
    target = f"{bracketed(_destination(route))}:{route.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", "User-Agent: lmnt-say"]
    if proxy.user is not None:
        lines.append(f"Proxy-Authorization: {basic(proxy.user, proxy.password or '')}")
    wire.send("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        if len(answer) > _LONGEST_HEAD:
            raise ValueError("its answer to CONNECT is too long")
        block = wire.receive()
        if not block:
            raise EOFError("it closed the connection without answering CONNECT")
        answer += block
        if not b"HTTP/1.".startswith(answer[:7]) and not answer.startswith(b"HTTP/1."):
            raise ValueError("its answer to CONNECT is not HTTP")
    head, _, rest = answer.partition(b"\r\n\r\n")
    status = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    if len(status) < 2 or not status[1].isdigit():
        raise ValueError("its answer to CONNECT is not HTTP")
    if not 200 <= int(status[1]) < 300:
        raise ProxyRefused(int(status[1]), " ".join(status[1:]))
    wire.unread(rest)


def _through_socks(
    route: Route, proxy: Proxy, addresses: Iterable[_Address], deadline: Deadline
) -> socket.socket:
    """Connect through a SOCKS proxy. With socks5 we resolve the name, with socks5h the proxy does."""
    try:
        from python_socks import ProxyConnectionError, ProxyType
        from python_socks.sync import Proxy as SocksProxy
    except ImportError as error:
        hint = "pip install 'lmnt-say[socks]'"
        raise UsageError("a SOCKS proxy needs an extra package", hint=hint) from error

    failure: Exception | None = None
    destination = _destination(route)
    for address in addresses:
        way: SocksProxy = SocksProxy(
            ProxyType.SOCKS5,
            str(address[4][0]),
            proxy.port,
            proxy.user,
            proxy.password,
            rdns=proxy.scheme == "socks5h",
        )
        try:
            return way.connect(destination, route.port, timeout=deadline.left())
        except ProxyConnectionError as error:
            failure = failure or OSError(error.errno, error.strerror)
    assert failure is not None, "a resolved name has at least one address"
    raise failure
