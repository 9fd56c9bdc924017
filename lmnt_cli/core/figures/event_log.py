"""The events of a run as objects for `--events`. SCHEMA describes every field; fields are only ever added.

None of them contains the key: `Connected` leaves it out, and messages are redacted when they are written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..captions.placement import Word
from ..session.happenings import (
    Confirmed,
    Connected,
    Dropped,
    FinishSent,
    Flushed,
    Happening,
    Lost,
    Notice,
    Ready,
    Sound,
    TextSent,
)


VERSION = 1
# The fields that every line may have, with their units.
COMMON = {
    "t": "seconds since the start of the program",
    "event": "name of the event",
    "dropped": "number of lines left out before this one because the reader paused; absent if none were",
}
# Every event and its own fields, with their units.
SCHEMA: dict[str, dict[str, str]] = {
    "start": {
        "schema": "version of this schema",
        "version": "of lmnt-say",
        "voice": "id",
        "format": "audio format",
        "sample_rate": "samples per second",
        "service": "host name",
    },
    "connected": {},
    "ready": {"request_id": "the service's name for the session", "session": "counted from 1"},
    "text": {"bytes": "UTF-8 bytes sent", "utterance": "counted from 1"},
    "flush": {"utterance": "counted from 1"},
    "finish": {},
    "sound": {"utterance": "counted from 1", "start": "seconds of audio"},
    "words": {"words": "list of text, start and end (seconds of audio), and utterance"},
    "confirmed": {
        "utterance": "counted from 1",
        "text": "as sent, null if it was too long to keep",
        "start": "seconds of audio",
        "end": "seconds of audio",
    },
    "lost": {
        "why": "message",
        "retry_in": "seconds, null to wait for text",
        "bytes": "UTF-8 bytes of text to be sent again",
    },
    "reset": {"bytes": "UTF-8 bytes of text dropped"},
    "notice": {"message": "text"},
    "error": {
        "status": "exit status",
        "message": "text",
        "hint": "text or null",
        "request_id": "the service's name for the session, or null",
    },
    "end": {"status": "exit status, or -N for signal N", "figures": "the figures of --stats by name"},
}

Fields = dict[str, Any]  # JSON


def event_of(happening: Happening) -> Fields | None:
    """Return the JSON fields for an event, without its time; None if `--events` does not report it."""
    match happening:
        case Connected():
            return {"event": "connected"}
        case Ready(request_id, session):
            return {"event": "ready", "request_id": request_id, "session": session}
        case TextSent(utterance, text):
            return {"event": "text", "bytes": len(text.encode()), "utterance": utterance}
        case Flushed(utterance):
            return {"event": "flush", "utterance": utterance}
        case FinishSent():
            return {"event": "finish"}
        case Sound(utterance, start):
            return {"event": "sound", "utterance": utterance, "start": _seconds(start)}
        case Confirmed(utterance, text, start, end):
            times = {"start": _seconds(start), "end": _seconds(end)}
            return {"event": "confirmed", "utterance": utterance, "text": text, **times}
        case Lost(why, retry_in, owed):
            return {"event": "lost", "why": why, "retry_in": _seconds(retry_in), "bytes": owed}
        case Dropped(size=size):
            return {"event": "reset", "bytes": size}
        case Notice(message):
            return notice_event(message)
        case _:
            return None


def start_event(version: str, voice: str, audio_format: str, sample_rate: int, service: str) -> Fields:
    """Return the first event."""
    return {
        "event": "start",
        "schema": VERSION,
        "version": version,
        "voice": voice,
        "format": audio_format,
        "sample_rate": sample_rate,
        "service": service,
    }


def words_event(words: Iterable[Word]) -> Fields:
    """Return the event for words whose times are final."""
    return {"event": "words", "words": [word_fields(word) for word in words]}


def word_fields(word: Word) -> Fields:
    """Return a word's JSON fields, with times to the millisecond."""
    times = {"start": round(word.start, 3), "end": round(word.end, 3)}
    return {"text": word.text, **times, "utterance": word.utterance}


def notice_event(message: str) -> Fields:
    """Return the event for a message that is not an error."""
    return {"event": "notice", "message": message}


def error_event(status: int, message: str, hint: str | None, request_id: str | None) -> Fields:
    """Return the event for the error that ends a run."""
    return {"event": "error", "status": status, "message": message, "hint": hint, "request_id": request_id}


def end_event(status: int, figures: dict[str, float | int | None]) -> Fields:
    """Return the last event."""
    return {"event": "end", "status": status, "figures": figures}


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
