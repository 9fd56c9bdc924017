"""The HTTP side of the service: its voices and the account. One request, no redirects, on the stdlib alone.

Shapes are those of LMNT's API reference; more members than it names are let through, fewer are borne.
"""

from __future__ import annotations

import difflib
import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from ..core.session.messages import API_VERSION
from ..endpoint import Endpoint
from ..errors import CHECK_KEY, ConnectError, RemoteProtocolError, UsageError


# Some hundred bytes a voice: room for ten thousand of them.
_LARGEST_ANSWER = 4 << 20
# Members that hold keys, however they are spelled.
_KEYS = re.compile(r"(x[-_]?)?api[-_]?keys?", re.IGNORECASE)

Voice = dict[str, Any]  # as the service sent it


def list_voices(endpoint: Endpoint, timeout: float) -> list[Voice]:
    """Return all voices, as the service sent them. `timeout` is in seconds, for each step.

    Raises ConnectError, RemoteProtocolError or UsageError.
    """
    answer = _get(endpoint, timeout, "/v1/ai/voice/list", "the voices")
    if not isinstance(answer, list) or not all(isinstance(voice, dict) for voice in answer):
        raise RemoteProtocolError(f"{endpoint.name} answered something that is not a list of voices")
    return answer


def fetch_account(endpoint: Endpoint, timeout: float) -> dict[str, Any]:
    """Return the account, as the service sent it, but for its keys. Raises like `list_voices`."""
    answer = _get(endpoint, timeout, "/v1/account", "the account")
    if not isinstance(answer, dict):
        raise RemoteProtocolError(f"{endpoint.name} answered something that is not an account")
    return {name: _without_keys(value) for name, value in answer.items() if not _KEYS.fullmatch(name)}


def _without_keys(value: Any) -> Any:  # Any: JSON
    """The value without members that hold API keys, the account's other ones among them."""
    match value:
        case dict():
            return {name: _without_keys(each) for name, each in value.items() if not _KEYS.fullmatch(name)}
        case list():
            return [_without_keys(each) for each in value]
    return value


def similar(name: str, voices: Iterable[Voice], most: int = 3) -> list[str]:
    """The ids of voices whose id or name is like this one, the most like first."""
    ids: dict[str, str] = {}
    for voice in voices:
        identifier = str(voice.get("id") or "")
        for called in (voice.get("name"), identifier):
            if identifier and called:
                ids[str(called).casefold()] = identifier
    close = difflib.get_close_matches(name.casefold(), ids, n=2 * most, cutoff=0.6)
    return list(dict.fromkeys(ids[called] for called in close))[:most]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The key goes to the host that was named, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _get(
    endpoint: Endpoint, timeout: float, path: str, what: str
) -> Any:  # Any: whatever JSON the service sends
    """The answer to a request."""
    task = f"could not ask {endpoint.name} for {what}"
    url, authorization = _without_credentials(endpoint.rest_url(path))
    headers = {
        "X-API-Key": endpoint.api_key,
        "lmnt-version": API_VERSION,
        "Accept": "application/json",
        "User-Agent": "lmnt-say",
        **authorization,
    }
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked to be http or https
    handlers = (_NoRedirects(), _proxy(endpoint.proxy))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=timeout) as response:
            body = response.read(_LARGEST_ANSWER + 1)
        if len(body) > _LARGEST_ANSWER:
            raise RemoteProtocolError(f"{task}: the answer is longer than {_LARGEST_ANSWER >> 20} MiB")
        if response.length:
            raise ConnectError(f"{task}: the connection was lost in the middle of the answer")
        return json.loads(body)
    except urllib.error.HTTPError as error:
        raise _refused(task, error) from error
    except TimeoutError as error:
        raise ConnectError(f"{task}: no answer within {timeout:g} s") from error
    except urllib.error.URLError as error:
        raise ConnectError(f"{task}: {_reason(error.reason, timeout)}") from error
    except (OSError, http.client.HTTPException) as error:
        raise ConnectError(f"{task}: {_reason(error, timeout)}") from error
    except (ValueError, RecursionError) as error:
        raise RemoteProtocolError(f"{task}: it did not answer in JSON") from error


def _without_credentials(url: str) -> tuple[str, dict[str, str]]:
    """Return the URL without user and password, and the header for them, if it has them.

    urllib would take them for a part of the host, and ask the resolver for it.
    """
    parts = urlsplit(url)
    if not (parts.username or parts.password):
        return url, {}
    credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return bare, {"Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


def _proxy(url: str | None) -> urllib.request.ProxyHandler:
    if url is None:
        return urllib.request.ProxyHandler({})
    if not url.lower().startswith(("http:", "https:")):
        raise UsageError("lists cannot be asked for through a SOCKS proxy", hint="use an http proxy")
    return urllib.request.ProxyHandler({"http": url, "https": url})


def _refused(task: str, error: urllib.error.HTTPError) -> ConnectError:
    words = f"status {error.code} {error.reason}".strip()
    request_id = error.headers.get("request-id")
    try:
        body = json.loads(error.read(_LARGEST_ANSWER))
    except (ValueError, RecursionError, OSError, http.client.HTTPException):
        body = None  # the status says enough
    if isinstance(body, dict):
        said = body.get("error")
        said = said.get("message") if isinstance(said, dict) else said
        words = said if isinstance(said, str) and said else words
        request_id = body.get("request_id") or request_id
    hint = CHECK_KEY if error.code in (401, 403) else None
    failure = ConnectError(f"{task}: {words}", status=error.code, hint=hint)
    failure.request_id = request_id if isinstance(request_id, str) else None
    return failure


def _reason(error: object, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    words = str(getattr(error, "strerror", None) or error or type(error).__name__)
    return words[:1].lower() + words[1:]
