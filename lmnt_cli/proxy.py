"""The proxy to go through: the one that was asked for, or the one that the usual variables name."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from .endpoint import is_loopback
from .errors import UsageError


_SCHEMES = ("http", "https", "socks5", "socks5h")


def choose_proxy(
    given: str | None,
    environment: Mapping[str, str],
    base: str | None,
    *,
    insecure: bool = False,
    name: str = "--proxy",
) -> str | None:
    """Return the URL of the proxy to go through, None for none.

    `base` is the URL of the service, None for the embedded one, which is never reached through a proxy. What
    may be sent unencrypted on this machine is not sent unencrypted to a proxy elsewhere, unless `insecure`
    allows it. Raises UsageError, which calls the one given `name`.
    """
    secure = base is not None and urlsplit(base).scheme in ("https", "wss")
    in_clear = base is not None and not secure and not insecure
    if given is not None:
        url = _checked(given, name)
        if in_clear and not _is_local(url):
            raise UsageError(f"{name} would see the key unencrypted", hint="insist with --insecure-http")
        return url
    if base is None:
        return None
    variable, address = _variable_for(environment, secure=secure)
    if address is None or goes_direct(base, _variable(environment, "no_proxy") or ""):
        return None
    if variable == "socks_proxy":
        address = re.sub(r"^(http://)?(?!\w+://)", "socks5h://", address)
    url = _checked(address, variable)
    return None if in_clear and not _is_local(url) else url


def goes_direct(url: str, no_proxy: str) -> bool:
    """Whether `no_proxy` exempts the host of a URL, as curl reads it.

    Its entries are names (with the names below them), addresses, networks as 10.0.0.0/8, each perhaps with a
    port, or `*` for all.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    host = (parts.hostname or "").rstrip(".")
    return any(_exempts(entry, host, port) for entry in re.split(r"[,\s]+", no_proxy.lower()) if entry)


def _exempts(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    # A port follows a name, an IPv4 address or a bracket; the colons of a bare IPv6 address are its own.
    found = re.fullmatch(r"(\[.*\]|[^:]*):(\d+)", entry)
    if found:
        entry = found[1]
        if int(found[2]) != port:
            return False
    entry = entry.strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass  # it is a name
    else:
        return _holds(entry, address)
    name = entry.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _holds(network: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _variable_for(environment: Mapping[str, str], *, secure: bool) -> tuple[str, str | None]:
    """Return the first variable that is set, and its value: those of the scheme before the general one."""
    schemes = ("wss", "socks", "https", "all") if secure else ("ws", "socks", "https", "http", "all")
    for scheme in schemes:
        if address := _variable(environment, f"{scheme}_proxy"):
            return f"{scheme}_proxy", address
    return "", None


def _checked(address: str, name: str) -> str:
    """Return a proxy's URL. Without a scheme it is http, as curl takes it; GNOME's socks:// is SOCKS 5."""
    url = address.strip()
    if "://" not in url:
        url = f"http://{url}"
    url = re.sub(r"^socks://", "socks5h://", url, flags=re.IGNORECASE)
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in _SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(map(str.isspace, url)):
        # Never with the URL, which may hold a password.
        raise UsageError(f"{name} takes one of {', '.join(_SCHEMES)}, as in http://host:port")
    return url


def _is_local(proxy: str) -> bool:
    return is_loopback(urlsplit(proxy).hostname or "")


def _variable(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(name, "").strip() or environment.get(name.upper(), "").strip() or None
