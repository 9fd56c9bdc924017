"""The service: where it is, how it is reached and with which key. URLs are checked before they are used."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urlsplit, urlunsplit

from .errors import UsageError


DEFAULT_BASE_URL = "https://api.lmnt.com"

_SPEECH = "/v1/ai/speech/stream"
_TO_HTTP = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


@dataclass(frozen=True)
class Endpoint:
    """A service, its key, and the way to it.

    `base` is its http or https base URL, as `check_base_url` returns it; for the embedded service it is
    empty, as its key is, until the service runs (`located_at`). `proxy` is a URL, None for no proxy.
    `insecure` allows sending the key unencrypted to another machine.
    """

    base: str = field(repr=False)  # it may hold a password
    api_key: str = field(repr=False)
    proxy: str | None = field(default=None, repr=False)
    local: bool = False
    insecure: bool = False

    @property
    def name(self) -> str:
        """What messages call the service: its host, never a password, a path or a query."""
        return "the local service" if self.local else urlsplit(self.base).hostname or self.base

    @property
    def secret(self) -> str | None:
        """The key, where it must not be shown; None where it opens nothing but our own service."""
        return None if self.local else self.api_key

    @property
    def session_url(self) -> str:
        """The WebSocket URL of speech sessions."""
        parts = urlsplit(self.rest_url(_SPEECH))
        return urlunsplit(parts._replace(scheme={"http": "ws", "https": "wss"}[parts.scheme]))

    def rest_url(self, path: str) -> str:
        """Return the HTTP URL of a route: `path` is appended to the base's own; the base's query is kept."""
        assert self.base, "the embedded service has no URL before it runs"
        parts = urlsplit(self.base)
        return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))

    def located_at(self, base: str, api_key: str) -> Endpoint:
        """Return the embedded service's endpoint, now that it runs at this URL and takes this key."""
        return replace(self, base=base, api_key=api_key)


def check_base_url(base: str, *, name: str = "--base-url", insecure: bool = False) -> str:
    """Return a base URL as http or https, without a fragment.

    Raises UsageError, naming the option or variable `name`, for what is no base URL, and for one that would
    send the key unencrypted to another machine unless `insecure` allows it.
    """
    if not base:
        raise UsageError(f"{name} is empty")
    try:
        parts = urlsplit(base)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{name} is not a URL: {error}") from error
    scheme = _TO_HTTP.get(parts.scheme.lower())
    if scheme is None or not host or port == 0:
        what = f"not {parts.scheme or 'one without a scheme'}" if scheme is None else "and this one has none"
        raise UsageError(f"{name} takes an http, https, ws or wss URL with a host, {what}")
    if scheme == "http" and not is_loopback(host) and not insecure:
        raise UsageError(
            f"{name} would send the key to {host} unencrypted",
            hint="use https, or insist with --insecure-http",
        )
    return urlunsplit(SplitResult(scheme, parts.netloc, parts.path, parts.query, ""))


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own, as far as the name tells."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
