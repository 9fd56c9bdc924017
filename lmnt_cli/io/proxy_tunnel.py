"""Through a proxy to a service: CONNECT for HTTP proxies, SOCKS 5 by the library."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import UsageError
from .addresses import Address, resolve
from .connect_errors import ProxyRefused
from .route import Proxy, Route, basic, bracketed
from .wire import Deadline, Wire


if TYPE_CHECKING:
    from python_socks.sync import Proxy as SocksProxy

# Longest response head accepted from a proxy, in bytes.
_LONGEST_HEAD = 1 << 16


def open_tunnel(wire: Wire, route: Route, proxy: Proxy) -> None:
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


def connect_through_socks(
    route: Route, proxy: Proxy, addresses: Iterable[Address], deadline: Deadline
) -> socket.socket:
    """Connect through a SOCKS proxy. With socks5 we resolve the name, with socks5h the proxy does."""
    try:
        from python_socks import ProxyConnectionError, ProxyTimeoutError, ProxyType
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
        except ProxyTimeoutError as error:
            raise TimeoutError("timed out") from error  # in older versions it is not one itself
    assert failure is not None, "a resolved name has at least one address"
    raise failure


def _destination(route: Route) -> str:
    """Return the host that a proxy is asked to connect to.

    Unencrypted traffic has to stay on this machine: the address is then looked up and checked here, because
    the proxy might resolve `x.localhost` to another one. Raises NotLoopback.
    """
    if not route.loopback_only:
        return route.host
    addresses = resolve(route.host, route.port, loopback_only=True)
    by_family = sorted(addresses, key=lambda address: address[0] != socket.AF_INET)
    return str(by_family[0][4][0])
