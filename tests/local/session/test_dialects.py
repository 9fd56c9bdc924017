"""What each generation of the protocol sends and understands: `lmnt_cli.local.session.dialects`."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.local.requests import (
    ErrorType,
    Finish,
    Flush,
    Init,
    Refused,
    Request,
    Reset,
    SessionFormat,
    Text,
)
from lmnt_cli.local.session.dialects import (
    Dialect,
    Generation1,
    Generation2,
    TypedDialect,
    choose_dialect,
    decode,
    open_session,
)
from lmnt_cli.local.speech_stream import TimedToken
from tests.tools.strategies import properties


NEW = TypedDialect("1.2", cumulative=True)
REFUSED = Refused(ErrorType.RATE_LIMIT, "Slow down")
TOKENS = (TimedToken("Hello", 0.525, 0.325), TimedToken(" ", 0.85, 0.0))

UNDERSTOOD: list[tuple[Dialect, dict[str, Any], list[Request]]] = [
    (NEW, {"type": "text", "text": "a"}, [Text("a")]),
    (NEW, {"type": "text", "text": "", "more": 1}, [Text("")]),
    (NEW, {"type": "flush", "nonce": 7}, [Flush(7)]),
    (NEW, {"type": "reset", "nonce": -7}, [Reset(-7)]),
    (NEW, {"type": "finish"}, [Finish()]),
    (Generation2(), {"text": "a"}, [Text("a")]),
    (Generation2(), {"command": "flush", "nonce": 7}, [Flush(7)]),
    (Generation2(), {"command": "reset", "nonce": 8}, [Reset(8)]),
    (Generation2(), {"command": "eof"}, [Finish()]),
    (Generation1(), {"text": "a"}, [Text("a")]),
    (Generation1(), {"flush": True}, [Flush()]),
    (Generation1(), {"eof": "true"}, [Finish()]),
    (Generation1(), {"text": "a", "flush": True, "eof": True}, [Text("a"), Flush(), Finish()]),
    (Generation1(), {"flush": False}, []),
]


@pytest.mark.parametrize(("dialect", "message", "requests"), UNDERSTOOD)
def test_what_each_understands(dialect: Dialect, message: dict[str, Any], requests: list[Request]) -> None:
    """Every encoding of a request decodes to the same request."""
    assert dialect.decode_requests(message) == requests


NOT_UNDERSTOOD: list[tuple[Dialect, dict[str, Any]]] = [
    (NEW, {"text": "a"}),
    (NEW, {"type": "eof"}),
    (NEW, {"type": ["text"], "text": "a"}),
    (NEW, {"type": "text", "text": None}),
    (NEW, {"type": "flush"}),
    (NEW, {"type": "flush", "nonce": 1.5}),
    (NEW, {"type": "flush", "nonce": True}),
    (Generation2(), {"command": "finish"}),
    (Generation2(), {"command": "flush"}),
    (Generation2(), {}),
    (Generation1(), {}),
    (Generation1(), {"command": "flush"}),
    (Generation1(), {"text": 1}),
]


@pytest.mark.parametrize(("dialect", "message"), NOT_UNDERSTOOD)
def test_what_each_refuses(dialect: Dialect, message: dict[str, Any]) -> None:
    """Anything else is an invalid request."""
    with pytest.raises(Refused) as refused:
        dialect.decode_requests(message)

    assert refused.value.type is ErrorType.INVALID_REQUEST


def test_what_the_typed_generations_say() -> None:
    """Messages are those of sections 4.3 and 9 of the protocol's description, to the letter."""
    times = [
        {"text": "Hello", "start": 0.525, "duration": 0.325},
        {"text": " ", "start": 0.85, "duration": 0.0},
    ]

    assert said(NEW.ready("req_1")) == {"type": "ready", "request_id": "req_1"}
    assert said(NEW.timestamps(TOKENS, True)) == {"type": "timestamps", "timestamps": times}
    assert said(NEW.flush_complete(1)) == {"type": "flush_complete", "nonce": 1}
    assert said(NEW.reset_complete(2)) == {"type": "reset_complete", "nonce": 2}
    assert said(NEW.error(REFUSED, "req_1")) == {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": "Slow down"},
        "request_id": "req_1",
    }


@pytest.mark.parametrize("dialect", [Generation1(), Generation2()])
def test_what_the_legacy_generations_say(dialect: Dialect) -> None:
    """As in section 5: no greeting, extras with durations, errors as strings."""
    extras = said(dialect.timestamps(TOKENS, False))

    assert dialect.ready("req_1") is None
    assert extras.keys() == {"durations"}
    assert extras["durations"][0] == {"text": "Hello", "start": 0.525, "duration": 0.325}
    assert said(dialect.timestamps((), True)) == {"durations": [], "buffer_empty": True}
    assert said(dialect.error(REFUSED, "req_1")) == {"error": "Slow down"}


def test_only_the_second_generation_acknowledges() -> None:
    """Only generation 2 has acknowledgements, as in section 5.2."""
    assert said(Generation2().flush_complete(3)) == {"complete": "flush", "nonce": 3}
    assert said(Generation2().reset_complete(4)) == {"complete": "reset", "nonce": 4}
    assert (Generation1().flush_complete(None), Generation1().reset_complete(1)) == (None, None)


@pytest.mark.parametrize(
    ("first", "name", "cumulative"),
    [
        ({"lmnt-version": "1.2"}, "1.2", True),
        ({"lmnt-version": "1.1"}, "1.1", False),
        ({"lmnt-version": "banana", "protocol_version": 2}, "banana", True),
        ({"lmnt-version": "1.0"}, "1", False),
        ({"lmnt-version": "1.0.1"}, "1", False),
        ({"lmnt-version": "1.0", "protocol_version": "2"}, "2", False),
        ({"lmnt-version": 1.2}, "1", False),
        ({"protocol_version": 2}, "2", False),
        ({}, "1", False),
    ],
)
def test_the_first_message_chooses(first: dict[str, Any], name: str, cumulative: bool) -> None:
    """An unknown version is treated as the newest; 1.0 is the generation before versions."""
    dialect = choose_dialect(first)

    assert (dialect.name, dialect.cumulative) == (name, cumulative)


def test_a_complete_first_message() -> None:
    """All settings are understood in both encodings."""
    new = {"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily", "format": "ulaw", "language": "de"}
    old = {
        "X-API-Key": "k",
        "voice": "lily",
        "format": "raw",
        "sample_rate": "16000",
        "return_extras": "True",
    }

    assert open_session(json.dumps(new))[1] == Init("k", "lily", SessionFormat.ULAW, 8000, "de")
    assert open_session(json.dumps(old | {"speed": "1.5"}))[1] == Init(
        "k", "lily", SessionFormat.PCM_S16LE, 16000, "auto", True, 1.5
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["type", "X-API-Key", "lmnt-version", "protocol_version", "voice", "format", "language", "sample_rate"]
)
OTHERS = st.sampled_from(
    ["speed", "return_timestamps", "send_extras", "text", "nonce", "command", "flush", "eof"]
)
MESSAGES = st.dictionaries(
    NAMES | OTHERS, JSON | st.sampled_from(["1.2", "1.1", "text", "flush", "mp3", 2, "lily"])
)


@properties
@given(MESSAGES, st.lists(MESSAGES, max_size=5))
def test_nothing_but_a_refusal_comes_of_any_json(first: dict[str, Any], later: list[dict[str, Any]]) -> None:
    """Any JSON decodes to requests or raises `Refused`, with a message that can be sent."""
    dialect, init = open_session(json.dumps(first))

    assert isinstance(init, Init | Refused)
    if isinstance(init, Refused):
        assert json.loads(dialect.error(init, "req_1"))
    for message in later:
        with suppress(Refused):
            assert isinstance(dialect.decode_requests(message), list)


@properties
@given(st.text() | st.binary())
def test_nothing_but_a_refusal_comes_of_anything_else(message: str | bytes) -> None:
    """Text that is not JSON and binary messages are refused."""
    with suppress(Refused):
        assert isinstance(decode(message), dict)


def said(message: str | None) -> Any:
    """Return a message, decoded."""
    assert message is not None
    return json.loads(message)
