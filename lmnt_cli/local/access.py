"""Access control: the holder of the key or, without a key, programs on this machine.

A web page in a browser on this machine can reach loopback too, directly or under a name of its own that
resolves to it (DNS rebinding). But it cannot forge `Host` and `Origin`, so without a key these are checked.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from dataclasses import dataclass

from .requests import ErrorType, Refused


_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::\d*)?")


@dataclass(frozen=True)
class AccessPolicy:
    """The required key, or None to accept any but an empty one; and the hosts and origins allowed by name."""

    key: str | None = None
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def check_key(self, key: str) -> None:
        """Raise `Refused` unless the key is accepted."""
        if not key:
            raise Refused(ErrorType.AUTHENTICATION, "Missing API key")
        if self.key is not None and not hmac.compare_digest(key.encode(errors="replace"), self.key.encode()):
            raise Refused(ErrorType.AUTHENTICATION, "Invalid API key")

    def problem_with(self, host: str, origin: str | None) -> str | None:
        """Return why a request with these headers must be refused, or None."""
        if self.key is not None:
            return None
        name = _host_name(host)
        if not (_is_local(name) or name in self.hosts):
            return f"Host {host!r} is not allowed; lmnt-local serve --allow-host allows it"
        if origin is not None and not self.is_allowed_origin(host, origin):
            return f"Origin {origin!r} is not allowed; lmnt-local serve --allow-origin allows it"
        return None

    def is_allowed_origin(self, host: str, origin: str) -> bool:
        """Return whether pages of this origin may read responses: the service's own, or a listed one."""
        origin = origin.lower()
        return origin == f"http://{host.lower()}" or origin in self.origins


def _host_name(host: str) -> str:
    """Return the name or address in a `Host` header, without port and brackets; "" if it is malformed."""
    match = _HOST.fullmatch(host)
    return match[1].strip("[]").lower() if match else ""


def _is_local(name: str) -> bool:
    """Return whether the name is safe from DNS rebinding: `localhost` or an IP address."""
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
