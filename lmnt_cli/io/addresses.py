"""Addresses of a host: name resolution, in the order to try them, and whether they are of this machine."""

from __future__ import annotations

import socket
from typing import Any

from .connect_errors import NotLoopback


# As returned by `socket.getaddrinfo`: family, type, protocol, canonical name, address.
Address = tuple[int, int, int, str, tuple[Any, ...]]


def resolve(host: str, port: int, *, loopback_only: bool) -> list[Address]:
    """Return the addresses of a host, alternating between families (RFC 8305, section 4)."""
    # Passed as bytes: Python would encode a string with IDNA, which loads large tables.
    found = list(socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM))
    if loopback_only:
        found = [address for address in found if _is_loopback(str(address[4][0]))]
        if not found:
            raise NotLoopback(host)
    first = [address for address in found if address[0] == found[0][0]]
    second = [address for address in found if address[0] != found[0][0]]
    turns: list[Address] = []
    while first or second:
        turns += first[:1] + second[:1]
        first, second = first[1:], second[1:]
    return turns


def _is_loopback(address: str) -> bool:
    import ipaddress

    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
