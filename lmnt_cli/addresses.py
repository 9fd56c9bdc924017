"""Where the service is and by which way it is reached: URLs and proxies, checked before they are used."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit, urlunsplit

from .errors import UsageError


_ROUTE = "/v1/ai/speech/stream"
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def session_url(base: str, *, name: str = "--base-url", insecure: bool = False) -> str:
    """The WebSocket URL of the speech sessions at a base URL; its path and query are kept.

    Raises UsageError, naming the option or variable `name`, for what is no such URL, and for one that would
    send the key unencrypted to another machine unless `insecure` allows it.
    """
    try:
        parts = urlsplit(base)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{name} is not a URL: {error}") from error
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme.lower())
    if scheme is None or not host or port == 0:
        what = f"not {parts.scheme or 'one without a scheme'}" if scheme is None else "and this one has none"
        raise UsageError(f"{name} takes an http, https, ws or wss URL with a host, {what}")
    if scheme == "ws" and not _is_loopback(host) and not insecure:
        raise UsageError(
            f"{name} would send the key to {host} unencrypted",
            hint="use https, or insist with --insecure-http",
        )
    path = parts.path.rstrip("/")
    return urlunsplit(SplitResult(scheme, parts.netloc, path + _ROUTE, parts.query, ""))


def choose_proxy(given: str | None, environment: Mapping[str, str], url: str | None) -> str | None:
    """The proxy that was asked for; of the variables only all_proxy is ours to read, see below.

    `url` is that of the sessions, None for the embedded service, which never goes through a proxy. Raises
    UsageError.
    """
    if given is not None:
        _check_proxy(given, "--proxy")
        return given
    if url is None:
        return None
    # The library reads the variables of the schemes and no_proxy; of all_proxy it knows nothing.
    names = ("wss", "socks", "https") if url.startswith("wss:") else ("ws", "socks", "https", "http")
    everything = _variable(environment, "all_proxy")
    if everything is None or any(_variable(environment, f"{name}_proxy") for name in names):
        return None
    # Imported with all_proxy only: it brings http.client and email.
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # missing in typeshed

    if proxy_bypass_environment(urlsplit(url).netloc, {"no": _variable(environment, "no_proxy") or ""}):
        return None
    _check_proxy(everything, "ALL_PROXY")
    return everything


def _check_proxy(url: str, name: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in _PROXY_SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{name} takes one of {', '.join(_PROXY_SCHEMES)}, as in http://host:port")


def _variable(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(name) or environment.get(name.upper()) or None


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
