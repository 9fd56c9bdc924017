"""Choose the proxy: the one given as an option, or one from the usual environment variables."""

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
    """Return the URL of the proxy to use, None for a direct connection.

    `base` is the URL of the service, None for the embedded one, which is never reached through a proxy.
    Unencrypted requests to this machine do not go to a proxy on another one unless `insecure` allows it.
    Raises UsageError; `name` is the option or setting named in the message.
    """
    secure = base is not None and urlsplit(base).scheme in ("https", "wss")
    in_clear = base is not None and not secure and not insecure
    if given is not None:
        url = _checked(given, name)
        if in_clear and not _is_local(url):
            raise UsageError(f"{name} would see the key unencrypted", hint="allow it with --insecure-http")
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
    """Return whether `no_proxy` exempts the host of a URL. The syntax is that of curl.

    An entry is a domain name, which includes its subdomains, an address or a network such as 10.0.0.0/8,
    optionally followed by a port; or `*` for all hosts.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    host = (parts.hostname or "").rstrip(".")
    return any(_exempts(entry, host, port) for entry in re.split(r"[,\s]+", no_proxy.lower()) if entry)


def _exempts(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    # A port can follow a name, an IPv4 address or a bracket, but not a bare IPv6 address.
    found = re.fullmatch(r"(\[.*\]|[^:]*):(\d+)", entry)
    if found:
        entry = found[1]
        if int(found[2]) != port:
            return False
    entry = entry.strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass  # a name
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
    """Return the first variable that is set, and its value. Those for the scheme precede the general one."""
    schemes = ("wss", "socks", "https", "all") if secure else ("ws", "socks", "https", "http", "all")
    for scheme in schemes:
        if address := _variable(environment, f"{scheme}_proxy"):
            return f"{scheme}_proxy", address
    return "", None


def _checked(address: str, name: str) -> str:
    """Return the URL of a proxy. As in curl, the default scheme is http; GNOME's socks:// means SOCKS 5."""
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
        # Do not show the URL, which may contain a password.
        raise UsageError(f"{name} takes a URL with {', '.join(_SCHEMES)}, such as http://host:port")
    return url


def _is_local(proxy: str) -> bool:
    return is_loopback(urlsplit(proxy).hostname or "")


def _variable(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(name, "").strip() or environment.get(name.upper(), "").strip() or None
