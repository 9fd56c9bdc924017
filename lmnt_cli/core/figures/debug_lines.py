"""The lines of `--debug`: `>` is sent, `<` is received, `!` is a close, `=` is our own decision."""

from __future__ import annotations

import json

from ..session.happenings import (
    Attempt,
    Connected,
    Dropped,
    FinishSent,
    Flushed,
    Happening,
    Lost,
    Notice,
    Received,
    ResetSent,
    TextSent,
)
from ..session.messages import (
    Audio,
    Closed,
    ErrorMessage,
    Event,
    FlushComplete,
    Incoming,
    Ready,
    ResetComplete,
    Timestamps,
    Unknown,
)


def debug_line(happening: Happening) -> str | None:
    """Return the line for an event; None if other lines already show it."""
    match happening:
        case Connected(voice, audio_format, rate):
            return f"> init voice={voice} format={audio_format} sample_rate={rate}"
        case TextSent(utterance, text):
            return f"> text of utterance {utterance}: {len(text)} characters"
        case Flushed(utterance, nonce):
            return f"> flush {nonce}, ends utterance {utterance}"
        case ResetSent(nonce):
            return f"> reset {nonce}"
        case FinishSent():
            return "> finish"
        case Received(event, message):
            return _received(event) + _unknown_fields(event, message)
        case _:
            return _decided(happening)


def _received(event: Event) -> str:
    match event:
        case Audio(data):
            return f"< audio {len(data)} bytes"
        case Timestamps(tokens):
            times = " ".join(f"{token.text!r}@{token.start:g}+{token.duration:g}" for token in tokens)
            return f"< timestamps {times}"
        case Unknown(kind):
            return f"< unknown message {kind!r}, ignored"
        case Closed():
            return f"! close {event.code} {event.reason}".rstrip()
        case _:
            return f"< {event}"


_FIELDS: dict[type[Event], set[str]] = {
    Ready: {"request_id"},
    Timestamps: {"timestamps"},
    FlushComplete: {"nonce"},
    ResetComplete: {"nonce"},
    ErrorMessage: {"error", "request_id"},
}


def _unknown_fields(event: Event, message: Incoming) -> str:
    """Return a list of the message's unknown fields, which are ignored."""
    if type(event) not in _FIELDS or not isinstance(message, str):
        return ""
    unknown = sorted(json.loads(message).keys() - _FIELDS[type(event)] - {"type"})
    return f", ignored: {', '.join(unknown)}" if unknown else ""


def _decided(happening: Happening) -> str | None:
    match happening:
        case Attempt(number, attempts) if number > 1:
            return f"= attempt {number} of {attempts}"
        case Lost(why, None, _):
            return f"= reconnecting when text arrives: {why}"
        case Lost(why, seconds, owed):
            return f"= reconnecting in {seconds:.1f} s, {owed} bytes owed: {why}"
        case Dropped(first, last, size):
            return f"= dropped utterances {first} to {last}, {size} bytes"
        case Notice(message):
            return f"= {message}"
        case _:
            return None
