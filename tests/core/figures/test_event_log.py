"""Events as JSON objects: `lmnt_cli.core.figures.event_log`."""

from __future__ import annotations

import json
from typing import Any

from lmnt_cli.core.captions.placement import Word
from lmnt_cli.core.figures.event_log import (
    SCHEMA,
    VERSION,
    end_event,
    error_event,
    event_of,
    start_event,
    words_event,
)
from lmnt_cli.core.session.happenings import (
    Attempt,
    Confirmed,
    Connected,
    Dropped,
    FinishSent,
    Flushed,
    Happening,
    Lost,
    Notice,
    Ready,
    Received,
    Sound,
    TextSent,
)
from lmnt_cli.core.session.messages import Audio
from tests.tools.each import each


EVENTS: list[tuple[Happening, dict[str, Any]]] = [
    (Connected("lily", "mp3", 24000), {"event": "connected"}),
    (Ready("req_1", 2), {"event": "ready", "request_id": "req_1", "session": 2}),
    (TextSent(1, "Grüße"), {"event": "text", "bytes": 7, "utterance": 1}),
    (Flushed(1, 7), {"event": "flush", "utterance": 1}),
    (FinishSent(), {"event": "finish"}),
    (Sound(1, 0.12345), {"event": "sound", "utterance": 1, "start": 0.123}),
    (
        Confirmed(1, "Hi.", 0.0, 1.00049, whole=True),
        {"event": "confirmed", "utterance": 1, "text": "Hi.", "start": 0.0, "end": 1.0},
    ),
    (
        Confirmed(1, None, None, None, whole=True),
        {"event": "confirmed", "utterance": 1, "text": None, "start": None, "end": None},
    ),
    (Lost("cut", 0.5, 11), {"event": "lost", "why": "cut", "retry_in": 0.5, "bytes": 11}),
    (Lost("idle", None, 0), {"event": "lost", "why": "idle", "retry_in": None, "bytes": 0}),
    (Dropped(1, 2, 9), {"event": "reset", "bytes": 9}),
    (Notice("repaired"), {"event": "notice", "message": "repaired"}),
]
OTHERS: list[dict[str, Any]] = [
    start_event("1.0", "lily", "mp3", 24000, "api.lmnt.com"),
    words_event([Word("Hi.", 0.00049, 1.0, 1)]),
    error_event(8, "no", None, "req_1"),
    end_event(0, {"text_bytes": 3}),
]


@each(("happening", "event"), EVENTS, ids=str)
def test_events(happening: Happening, event: dict[str, Any]) -> None:
    """Each event has its fields, with times to the millisecond."""
    assert event_of(happening) == event
    assert json.loads(json.dumps(event)) == event


@each("happening", [Attempt(1, 4), Received(Audio(b"x"), b"x")], ids=["attempt", "received"])
def test_no_event(happening: Happening) -> None:
    """Events that only concern debugging are not reported."""
    assert event_of(happening) is None


def test_schema() -> None:
    """The schema names every event and exactly its fields."""
    shown = [event for _, event in EVENTS] + OTHERS

    assert {event["event"] for event in shown} == set(SCHEMA)
    for event in shown:
        assert set(event) - {"event"} == set(SCHEMA[event["event"]])


def test_words() -> None:
    """Words are those of the subtitles."""
    assert OTHERS[1]["words"] == [{"text": "Hi.", "start": 0.0, "end": 1.0, "utterance": 1}]
    assert OTHERS[0]["schema"] == VERSION
