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


def choose_proxy(
    given: str | None, environment: Mapping[str, str], url: str | None, *, insecure: bool = False
) -> str | None:
    """The proxy to go through, None for none: what was asked for, or what the usual variables say.

    `url` is that of the sessions, None for the embedded service, which never goes through a proxy. What is
    allowed in clear on this machine is not sent in clear to a proxy elsewhere, unless `insecure` allows it.
    Raises UsageError.
    """
    in_clear = url is not None and url.startswith("ws:") and not insecure
    if given is not None:
        _check_proxy(given, "--proxy")
        if in_clear and not _is_local(given):
            raise UsageError("--proxy would see the key unencrypted", hint="insist with --insecure-http")
        return given
    if url is None:
        return None
    name, address = _proxy_variable(environment, secure=url.startswith("wss:"))
    no_proxy = _variable(environment, "no_proxy")
    if address is None or (no_proxy and _goes_direct(url, no_proxy)):
        return None
    if name == "socks_proxy":
        address = address.replace("http://", "socks5h://", 1)
    _check_proxy(address, name)
    return None if in_clear and not _is_local(address) else address


def _proxy_variable(environment: Mapping[str, str], *, secure: bool) -> tuple[str, str | None]:
    """The first variable that is set, in the order of the WebSocket library, which knows no all_proxy."""
    schemes = ("wss", "socks", "https", "all") if secure else ("ws", "socks", "https", "http", "all")
    for scheme in schemes:
        if address := _variable(environment, f"{scheme}_proxy"):
            return f"{scheme}_proxy", address
    return "", None


def _goes_direct(url: str, no_proxy: str) -> bool:
    # Imported with no_proxy only: it brings http.client and email.
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # missing in typeshed

    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    return bool(proxy_bypass_environment(f"{parts.hostname}:{port}", {"no": no_proxy}))


def _is_local(proxy: str) -> bool:
    return _is_loopback(urlsplit(proxy).hostname or "")


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
