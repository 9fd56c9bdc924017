"""The wire from the service's side: the messages of a client, and the events of a service."""

from __future__ import annotations

import json

from lmnt_cli.core.session.messages import (
    Audio,
    ErrorMessage,
    Event,
    FlushComplete,
    Incoming,
    Legacy,
    Ready,
    ResetComplete,
    Timestamps,
    Unknown,
)
from lmnt_cli.core.session.requests import ClientMessage, Finish, Flush, Init, Reset, Text


def message_of(text: str) -> ClientMessage:
    """Return the message that this text represents."""
    body = json.loads(text)
    match body["type"]:
        case "init":
            return Init(
                body["X-API-Key"],
                body["voice"],
                body["format"],
                body["sample_rate"],
                body.get("language"),
                body.get("return_timestamps", False),
            )
        case "text":
            return Text(body["text"])
        case "flush":
            return Flush(body["nonce"])
        case "reset":
            return Reset(body["nonce"])
        case "finish":
            return Finish()
        case kind:
            raise AssertionError(f"{kind} is no message of a client")


def wire(event: Event) -> Incoming:
    """Return what a connection receives for this event."""
    body: dict[str, object]
    match event:
        case Audio(data):
            return data
        case Ready(request_id):
            body = {"type": "ready", "request_id": request_id}
        case Timestamps(tokens):
            times = [{"text": t.text, "start": t.start, "duration": t.duration} for t in tokens]
            body = {"type": "timestamps", "timestamps": times}
        case FlushComplete(nonce):
            body = {"type": "flush_complete", "nonce": nonce}
        case ResetComplete(nonce):
            body = {"type": "reset_complete", "nonce": nonce}
        case ErrorMessage(kind, message, request_id):
            body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}
        case Legacy(kind):
            body = {kind: True}
        case Unknown(kind):
            body = {"type": kind}
        case _:
            return event
    return json.dumps(body)
