"""The messages that a client sends in LMNT's speech sessions, API 1.2, and their JSON.

Source: LMNT docs, api/speech-sessions/create. They are separate from the service's messages because the
first of them is sent before anything else is loaded.
"""

from __future__ import annotations

import json

from ..value import value


API_VERSION = "1.2"
# json.dumps would make an encoder for each message.
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@value
class Init:
    """The first message. Fields that are None are omitted: the service rejects explicit nulls."""

    api_key: str
    voice: str
    format: str
    sample_rate: int
    language: str | None = None
    return_timestamps: bool = False


@value
class Text:
    """More text, which may be split between any two code points."""

    text: str


@value
class Flush:
    """Requests speech for everything sent so far; answered by `FlushComplete` with the same nonce."""

    nonce: int


@value
class Reset:
    """Requests that everything not yet spoken be dropped; answered by `ResetComplete` with the same nonce."""

    nonce: int


@value
class Finish:
    """Announces that no more text follows; the service speaks the rest and closes."""


ClientMessage = Init | Text | Flush | Reset | Finish


def encode(message: ClientMessage) -> str:
    """Return the JSON text of a message to the service."""
    body: dict[str, object]
    match message:
        case Init():
            body = {"type": "init", "X-API-Key": message.api_key, "lmnt-version": API_VERSION}
            body |= {"voice": message.voice, "format": message.format, "sample_rate": message.sample_rate}
            if message.language is not None:
                body["language"] = message.language
            if message.return_timestamps:
                body["return_timestamps"] = True
        case Text():
            body = {"type": "text", "text": message.text}
        case Flush():
            body = {"type": "flush", "nonce": message.nonce}
        case Reset():
            body = {"type": "reset", "nonce": message.nonce}
        case Finish():
            body = {"type": "finish"}
    return _to_json(body)
