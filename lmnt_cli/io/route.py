"""The route to a service, derived from URLs: host and port, TLS or not, and the proxy in between."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote, unquote, urlsplit

from ..core.value import field, value
from ..errors import UsageError


_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "socks5": 1080, "socks5h": 1080}
# Characters that need no quoting in a request target (RFC 3986); `%` because it may already be quoted.
_UNQUOTED = "%:/?#[]@!$&'()*+,;=-._~"


@value
class Proxy:
    """A proxy. `scheme` is http, https, socks5 or socks5h."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, hidden=True)

    @property
    def name(self) -> str:
        """The name of the proxy in messages."""
        return f"the proxy {bracketed(self.host)}:{self.port}"


@value
class Route:
    """Where to connect. `target` is the path and query to request.

    `authorization` is the value of the header, None for no header. `loopback_only` requires the first hop to
    be on this machine, because the traffic is not encrypted. `local` means the embedded service.
    """

    host: str
    port: int
    secure: bool
    target: str
    authorization: str | None = field(default=None, hidden=True)
    proxy: Proxy | None = None
    loopback_only: bool = False
    local: bool = False

    @property
    def name(self) -> str:
        """The name of the service in messages: host and port."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def authority(self) -> str:
        """The value of the Host header (RFC 9110, 7.2), without the default port."""
        return bracketed(self.host) if self.port == _PORTS["https" if self.secure else "http"] else self.name


def route_to(url: str, *, proxy: str | None = None, insecure: bool = False, local: bool = False) -> Route:
    """Return the route to an http, https, ws or wss URL that has been validated with the settings.

    Unencrypted traffic is limited to this machine unless `insecure` allows it elsewhere. Raises UsageError
    for an invalid proxy URL; the message does not contain the URL, which may include a password.
    """
    parts = urlsplit(url)
    assert parts.hostname, "checked with the settings"
    secure = parts.scheme in ("https", "wss")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    path, query = quote(parts.path or "/", _UNQUOTED), quote(parts.query, _UNQUOTED)
    return Route(
        host=_ascii(parts.hostname),
        port=parts.port or _PORTS[parts.scheme],
        secure=secure,
        target=f"{path}?{query}" if query else path,
        authorization=basic(user, password) if user or password else None,
        proxy=None if proxy is None else _proxy(proxy),
        loopback_only=not secure and not insecure,
        local=local,
    )


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header (RFC 7617)."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def bracketed(host: str) -> str:
    """Return the host as written in a URL, with an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def _proxy(url: str) -> Proxy:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        host = _ascii(parts.hostname or "")
    except ValueError:
        host, port = "", 0
    if not host or not port or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UsageError(
            "the proxy is not a valid URL",
            hint="check --proxy and the variables https_proxy, wss_proxy, all_proxy",
        )
    return Proxy(
        parts.scheme,
        host,
        port,
        None if parts.username is None else unquote(parts.username),
        None if parts.username is None else unquote(parts.password or ""),
    )


def _ascii(host: str) -> str:
    # The IDNA codec loads large tables, so use it only if needed.
    return host if host.isascii() else host.encode("idna").decode()
