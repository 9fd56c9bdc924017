"""The endpoint: the URLs of the service, the key and the proxy. URLs are validated before use."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit, urlunsplit

from .core.value import field, replace, value
from .errors import UsageError


DEFAULT_BASE_URL = "https://api.lmnt.com"

_SPEECH = "/v1/ai/speech/stream"
_TO_HTTP = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


@value
class Endpoint:
    """A service, the key for it and the proxy to use.

    `base` is an http or https base URL, as returned by `check_base_url`. For the embedded service, `base` and
    `api_key` are empty until it runs (see `located_at`). `proxy` is a URL, or None for no proxy. `insecure`
    allows sending the key unencrypted to another machine.
    """

    base: str = field(hidden=True)  # may contain a password
    api_key: str = field(hidden=True)
    proxy: str | None = field(default=None, hidden=True)
    local: bool = False
    insecure: bool = False

    @property
    def name(self) -> str:
        """The name of the service in messages: its host, without password, path or query."""
        return "the local service" if self.local else urlsplit(self.base).hostname or self.base

    @property
    def secret(self) -> str | None:
        """The key if it has to be kept secret; None for that of the embedded service."""
        return None if self.local else self.api_key

    @property
    def session_url(self) -> str:
        """The WebSocket URL of speech sessions."""
        parts = urlsplit(self.rest_url(_SPEECH))
        return urlunsplit(parts._replace(scheme={"http": "ws", "https": "wss"}[parts.scheme]))

    def rest_url(self, path: str) -> str:
        """Return the HTTP URL of a route: `path` is appended to that of `base`, whose query is kept."""
        assert self.base, "the embedded service has no URL before it runs"
        parts = urlsplit(self.base)
        return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))

    def located_at(self, base: str, api_key: str) -> Endpoint:
        """Return the endpoint of the embedded service, once it runs at this URL with this key."""
        return replace(self, base=base, api_key=api_key)


def check_base_url(base: str, *, name: str = "--base-url", insecure: bool = False) -> str:
    """Return a base URL as http or https, without a fragment.

    Raises UsageError for an invalid URL, and for one that would send the key unencrypted to another machine
    unless `insecure` allows it. `name` is the option or variable named in the message.
    """
    if not base:
        raise UsageError(f"{name} is empty")
    try:
        parts = urlsplit(base)
        host, port = parts.hostname, parts.port
    except ValueError:
        # Python's reason may quote part of a password.
        raise UsageError(f"{name} is not a valid URL", hint="use one such as https://host:port") from None
    scheme = _TO_HTTP.get(parts.scheme.lower())
    if scheme is None or not host or port == 0:
        what = f"not {parts.scheme or 'one without a scheme'}" if scheme is None else "but this one has none"
        raise UsageError(f"{name} takes an http, https, ws or wss URL with a host, {what}")
    if scheme == "http" and not is_loopback(host) and not insecure:
        raise UsageError(
            f"{name} would send the key to {host} unencrypted",
            hint="use https, or allow it with --insecure-http",
        )
    return urlunsplit(SplitResult(scheme, parts.netloc, parts.path, parts.query, ""))


def is_loopback(host: str) -> bool:
    """Return whether a host name or address refers to this machine. Names are not resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
