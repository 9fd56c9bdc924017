"""The HTTP routes: voices, account, speech in one request, health.

Errors have two forms: with `lmnt-version` 1.1 or later they are objects with a type; with an earlier version
or without the header, they are strings, with other statuses.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from ..access import AccessPolicy
from ..requests import ErrorType, Refused, new_request_id
from ..speech.voices import VOICES, Voice, find_voice
from ..workers import Workers
from .messages import HttpRequest, HttpResponse, json_response, read_body
from .one_shot import MEDIA_TYPES, OneShotSpeech, SpeechOrder, read_speech_order


log = logging.getLogger(__name__)

_STATUS = {
    ErrorType.INVALID_REQUEST: 400,
    ErrorType.AUTHENTICATION: 401,
    ErrorType.PAYMENT_REQUIRED: 402,
    ErrorType.PERMISSION: 403,
    ErrorType.NOT_FOUND: 404,
    ErrorType.RATE_LIMIT: 429,
    ErrorType.INTERNAL: 500,
}
# In version 1.0 a bad key was forbidden, and an unknown voice an invalid request.
_STATUS_1_0 = _STATUS | {ErrorType.AUTHENTICATION: 403, ErrorType.NOT_FOUND: 400}

_MODEL_VERSION = "blizzard-local"
_PREVIEW = "Hello, this is {name}. This is how I sound when nobody is connected to anything."

# Never reached; SDKs expect a number.
_CHARACTER_LIMIT = 1_000_000_000

Handler = Callable[["Rest", HttpRequest, str], Awaitable[HttpResponse]]


class Rest:
    """The routes. Their only state is which voices are starred."""

    def __init__(self, workers: Workers, access: AccessPolicy) -> None:
        self._workers = workers
        self._access = access
        self._starred: set[str] = set()

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request. Every response carries a request id."""
        request_id = new_request_id()
        try:
            response = await self._route(request)
        except Refused as refused:
            response = _error(refused, request_id, is_1_0=_is_1_0(request))
        except Exception:
            log.exception("%s: failed", request_id)
            failure = Refused(ErrorType.INTERNAL, "Internal server error")
            response = _error(failure, request_id, is_1_0=_is_1_0(request))
        return replace(response, headers=(*response.headers, ("request-id", request_id)))

    async def _route(self, request: HttpRequest) -> HttpResponse:
        routes = [
            (methods, match) for pattern, methods in _ROUTES if (match := pattern.fullmatch(request.path))
        ]
        if not routes:
            return json_response(404, {"detail": "Not Found"})
        methods, match = routes[0]
        if request.method == "OPTIONS":
            return HttpResponse(200, b"", _preflight(methods, request))
        if request.method not in methods:
            allowed = ("allow", ", ".join(methods))
            return json_response(405, {"detail": "Method Not Allowed"}, allowed)
        return await methods[request.method](self, request, unquote(match.groupdict().get("id", "")))

    async def _health(self, _request: HttpRequest, _id: str) -> HttpResponse:
        return json_response(200, {"status": "ok"})

    async def _account(self, request: HttpRequest, _id: str) -> HttpResponse:
        self._check(request)
        plan = {"type": "local", "character_limit": _CHARACTER_LIMIT, "commercial_use_allowed": False}
        return json_response(200, {"plan": plan, "usage": {"characters": self._workers.characters}})

    async def _list_voices(self, request: HttpRequest, _id: str) -> HttpResponse:
        self._check(request)
        query = dict(parse_qsl(request.query))
        owners = set(query.get("owner", "all").split(","))
        if not owners <= {"system", "me", "all"}:
            raise Refused(ErrorType.INVALID_REQUEST, "owner: Input should be 'system', 'me' or 'all'")
        starred_only = query.get("starred", "false").lower() == "true"
        voices = [voice for voice in VOICES.values() if owners & {"system", "all"}]
        shown = [voice for voice in voices if voice.id in self._starred or not starred_only]
        return json_response(200, [self._shape(voice, request) for voice in shown])

    async def _voice(self, request: HttpRequest, id_: str) -> HttpResponse:
        self._check(request)
        return json_response(200, self._shape(find_voice(id_), request))

    async def _update_voice(self, request: HttpRequest, id_: str) -> HttpResponse:
        self._check(request)
        voice = find_voice(id_)
        changes = read_body(request)
        if set(changes) - {"starred"}:
            raise Refused(ErrorType.PERMISSION, "Only 'starred' can be changed of a voice you do not own.")
        if str(changes.get("starred", "")).lower() == "true":
            self._starred.add(id_)
        elif "starred" in changes:
            self._starred.discard(id_)
        return json_response(200, {"voice": self._shape(voice, request)})

    async def _delete_voice(self, request: HttpRequest, id_: str) -> HttpResponse:
        self._check(request)
        find_voice(id_)
        raise Refused(ErrorType.PERMISSION, "A voice you do not own cannot be deleted.")

    async def _create_voice(self, request: HttpRequest, _id: str) -> HttpResponse:
        self._check(request)
        raise Refused(ErrorType.PERMISSION, "This service runs offline and cannot clone voices.")

    async def _preview(self, _request: HttpRequest, id_: str) -> HttpResponse:
        voice = find_voice(id_)
        order = read_speech_order({"text": _PREVIEW.format(name=voice.name), "voice": voice.id})
        audio = await _begun(OneShotSpeech(self._workers, order).stream_audio())
        return HttpResponse(200, audio, (("content-type", "audio/mpeg"),))

    async def _speech_bytes(self, request: HttpRequest, _id: str) -> HttpResponse:
        self._check(request)
        order = read_speech_order(read_body(request))
        headers = (
            ("content-type", MEDIA_TYPES[order.format]),
            ("x-generation-id", new_request_id()),
            ("x-model-version", _MODEL_VERSION),
        )
        return HttpResponse(200, await _begun(OneShotSpeech(self._workers, order).stream_audio()), headers)

    async def _speech(self, request: HttpRequest, _id: str) -> HttpResponse:
        self._check(request)
        order = read_speech_order(read_body(request))
        content = await _begun(_json_speech(OneShotSpeech(self._workers, order), order, _is_1_0(request)))
        headers = (("content-type", "application/json"), ("x-model-version", _MODEL_VERSION))
        return HttpResponse(200, content, headers)

    def _check(self, request: HttpRequest) -> None:
        self._access.check_key(request.headers.get("x-api-key", ""))

    def _shape(self, voice: Voice, request: HttpRequest) -> dict[str, Any]:
        origin = f"http://{request.headers.get('host', 'localhost')}"
        return {
            "id": voice.id,
            "name": voice.name,
            "owner": "system",
            "state": "ready",
            "type": "instant",
            "gender": voice.gender,
            "description": voice.description,
            "starred": voice.id in self._starred,
            "tags": [],
            "preview_url": f"{origin}/v1/ai/voice/{voice.id}/preview",
        }


_ROUTES: list[tuple[re.Pattern[str], dict[str, Handler]]] = [
    (re.compile("/health_check"), {"GET": Rest._health}),
    (re.compile("/v1/account"), {"GET": Rest._account}),
    (re.compile("/v1/ai/voice/list"), {"GET": Rest._list_voices}),
    (re.compile("/v1/ai/voice"), {"POST": Rest._create_voice}),
    (
        re.compile("/v1/ai/voice/(?P<id>[^/]+)"),
        {"GET": Rest._voice, "PUT": Rest._update_voice, "DELETE": Rest._delete_voice},
    ),
    (re.compile("/v1/ai/voice/(?P<id>[^/]+)/preview"), {"GET": Rest._preview}),
    (re.compile("/v1/ai/speech/bytes"), {"POST": Rest._speech_bytes}),
    (re.compile("/v1/ai/speech"), {"POST": Rest._speech}),
]


async def _begun(audio: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Wait for the first audio, so that a failure before it can still be answered with an error."""
    first = await anext(audio, b"")

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for piece in audio:
            yield piece

    return whole()


async def _json_speech(speech: OneShotSpeech, order: SpeechOrder, is_1_0: bool) -> AsyncIterator[bytes]:
    """Yield the JSON of a whole speech piece by piece: as a whole it could take a hundred megabytes."""
    # Sent with the first audio, so that a failure before it can still be answered with an error.
    start, rest = b'{"audio":"', b""
    async for piece in speech.stream_audio():
        rest += piece
        # Three bytes make four letters; only the last piece may end elsewhere.
        whole = len(rest) - len(rest) % 3
        yield start + base64.b64encode(rest[:whole])
        start, rest = b"", rest[whole:]
    others: dict[str, Any] = {}
    if order.times:
        others["durations" if is_1_0 else "timestamps"] = speech.timestamps()
    if is_1_0:
        others["seed"] = order.seed
    members = json.dumps(others, separators=(",", ":")).removeprefix("{")
    yield start + base64.b64encode(rest) + (b'",' if others else b'"') + members.encode()


def _error(refused: Refused, request_id: str, *, is_1_0: bool) -> HttpResponse:
    if is_1_0:
        return json_response(_STATUS_1_0[refused.type], {"error": refused.message})
    error = {"type": refused.type, "message": refused.message}
    return json_response(_STATUS[refused.type], {"type": "error", "error": error, "request_id": request_id})


def _is_1_0(request: HttpRequest) -> bool:
    return re.match(r"1\.0\b|\d{4}-|$", request.headers.get("lmnt-version", "")) is not None


def _preflight(methods: dict[str, Handler], request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """Return what a page may send; the service adds which origins may send it."""
    asked = request.headers.get("access-control-request-headers", "")
    return (("access-control-allow-methods", ", ".join(methods)), ("access-control-allow-headers", asked))
