"""The REST API of the service: the voices and the account.

Each is a single request. Redirects are not followed, so the key is sent only to the host that was given. The
shapes are those of LMNT's API reference; members may be added or missing.
"""

from __future__ import annotations

import difflib
import http.client
import json
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from ..core.session.requests import API_VERSION
from ..endpoint import Endpoint
from ..errors import ConnectError, RemoteProtocolError, SayError
from .background import Background
from .connect_errors import NOT_THE_SERVICE, Answer, is_page, refused, words
from .dialing import dial
from .http_answer import AnswerTooLong, read_answer
from .route import Route, route_to
from .wire import Deadline


# Room for ten thousand voices, each a few hundred bytes.
_LARGEST_ANSWER = 4 << 20
# Names of members that contain keys, in any spelling.
_KEYS = re.compile(r"(x[-_]?)?api[-_]?keys?", re.IGNORECASE)

Voice = dict[str, Any]  # as sent by the service


def list_voices(endpoint: Endpoint, timeout: float) -> list[Voice]:
    """Return all voices, as sent by the service, within `timeout` seconds.

    Raises ConnectError, RemoteProtocolError or UsageError.
    """
    answer = _get(endpoint, timeout, "/v1/ai/voice/list", "the voices")
    if not isinstance(answer, list) or not all(isinstance(voice, dict) for voice in answer):
        raise RemoteProtocolError(f"{endpoint.name} sent something that is not a list of voices")
    return answer


def fetch_account(endpoint: Endpoint, timeout: float) -> dict[str, Any]:
    """Return the account, as sent by the service, except for its keys. Raises as `list_voices` does."""
    answer = _get(endpoint, timeout, "/v1/account", "the account")
    if not isinstance(answer, dict):
        raise RemoteProtocolError(f"{endpoint.name} sent something that is not an account")
    return {name: _without_keys(value) for name, value in answer.items() if not _KEYS.fullmatch(name)}


def _without_keys(value: Any) -> Any:  # Any: JSON
    """Return the value without members that contain API keys, including other keys of the account."""
    match value:
        case dict():
            return {name: _without_keys(each) for name, each in value.items() if not _KEYS.fullmatch(name)}
        case list():
            return [_without_keys(each) for each in value]
    return value


def similar(name: str, voices: Iterable[Voice], most: int = 3) -> list[str]:
    """Return the ids of voices whose id or name is similar, the most similar first."""
    ids: dict[str, str] = {}
    for voice in voices:
        identifier = str(voice.get("id") or "")
        for called in (voice.get("name"), identifier):
            if identifier and called:
                ids[str(called).casefold()] = identifier
    close = difflib.get_close_matches(name.casefold(), ids, n=2 * most, cutoff=0.6)
    return list(dict.fromkeys(ids[called] for called in close))[:most]


def _get(endpoint: Endpoint, limit: float, path: str, what: str) -> Any:  # Any: whatever JSON was sent
    """Return the JSON in the answer to a request, received whole within `limit` seconds."""
    route = route_to(
        endpoint.rest_url(path), proxy=endpoint.proxy, insecure=endpoint.insecure, local=endpoint.local
    )
    task = f"could not get {what} from {route.name}"
    try:
        answer = Background(partial(_ask, endpoint, route, limit)).wait(limit)
    except SayError:
        raise
    except TimeoutError as error:
        raise ConnectError(f"{task}: no answer within {limit:g} s") from error
    except AnswerTooLong as error:
        raise RemoteProtocolError(f"{task}: the answer is longer than {_LARGEST_ANSWER >> 20} MiB") from error
    except http.client.BadStatusLine as error:
        raise ConnectError(f"{task}: it does not speak HTTP", hint=NOT_THE_SERVICE) from error
    except (OSError, EOFError, http.client.HTTPException) as error:
        raise ConnectError(f"{task}: {words(error)}") from error
    if answer.status != 200:
        raise refused(task, answer)
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        hint = NOT_THE_SERVICE if is_page(answer) else None
        raise RemoteProtocolError(f"{task}: the answer is not JSON", hint=hint) from error


def _ask(endpoint: Endpoint, route: Route, limit: float) -> Answer:
    wire = dial(route, Deadline(limit))
    try:
        fields = {
            "Host": route.authority,
            "User-Agent": "lmnt-say",
            "Accept": "application/json",
            "Connection": "close",
            "X-API-Key": endpoint.api_key,
            "lmnt-version": API_VERSION,
            **({"Authorization": route.authorization} if route.authorization else {}),
        }
        lines = [f"GET {route.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        wire.send("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        return read_answer(wire, _LARGEST_ANSWER)
    finally:
        wire.close()
