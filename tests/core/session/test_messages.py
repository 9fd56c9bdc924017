"""The wire format of what is received: any answer is understood or refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from lmnt_cli.core.session.messages import (
    Audio,
    ErrorMessage,
    FlushComplete,
    Legacy,
    Ready,
    ResetComplete,
    Timestamps,
    Token,
    Unknown,
    decode,
)
from lmnt_cli.errors import ExitCode, RemoteProtocolError
from tests.tools.each import each
from tests.tools.strategies import properties


TIMES = '{"type":"timestamps","timestamps":[{"text":"Hi","start":0.5,"duration":1},{"text":"","start":1.5,"duration":0,"x":1}]}'  # noqa: E501 - as it comes

DECODED = [
    (b"\x00\xff", Audio(b"\x00\xff")),
    (b"", Audio(b"")),
    ('{"type":"ready","request_id":"req_1"}', Ready("req_1")),
    ('{"type":"ready"}', Ready(None)),
    ('{"type":"ready","request_id":null,"more":[1]}', Ready(None)),
    (TIMES, Timestamps((Token("Hi", 0.5, 1.0), Token("", 1.5, 0.0)))),
    ('{"type":"timestamps"}', Timestamps(())),
    ('{"type":"timestamps","timestamps":null}', Timestamps(())),
    ('{"type":"flush_complete","nonce":3}', FlushComplete(3)),
    ('{"type":"reset_complete","nonce":4,"x":{}}', ResetComplete(4)),
    (
        '{"type":"error","error":{"type":"not_found_error","message":"No."},"request_id":"req_1"}',
        ErrorMessage("not_found_error", "No.", "req_1"),
    ),
    ('{"type":"error","error":null}', ErrorMessage("", "")),
    ('{"type":"error"}', ErrorMessage("", "")),
    ('{"type":"error","error":"Broken."}', ErrorMessage("", "Broken.")),
    ('{"type":"error","error":{"type":5,"message":null}}', ErrorMessage("", "5")),
    ('{"type":"error","error":{"type":null,"message":5},"request_id":{}}', ErrorMessage("", "5")),
    ('{"error":"Invalid API key"}', ErrorMessage("", "Invalid API key")),
    ('{"durations":[]}', Legacy("durations")),
    ('{"buffer_empty":true}', Legacy("buffer_empty")),
    ('{"complete":"flush","nonce":1}', Legacy("complete")),
    ('{"type":"surprise","nonce":"x"}', Unknown("surprise")),
    ('{"type":7}', Unknown("7")),
    ("{}", Unknown("")),
]


@each(("wire", "event"), DECODED, ids=[str(wire)[:50] for wire, _ in DECODED])
def test_decode(wire: str | bytes, event: object) -> None:
    """Messages are decoded; unknown types and fields are ignored; strings of older versions are errors."""
    assert decode(wire) == event


@each(
    "wire",
    [
        "",
        "hello",
        "\x00{not json",
        "[" * 100_000,
        "[]",
        "null",
        "7",
        '"ready"',
        '{"type":',
        '{"type":"flush_complete"}',
        '{"type":"flush_complete","nonce":"1"}',
        '{"type":"flush_complete","nonce":true}',
        '{"type":"flush_complete","nonce":1.0}',
        '{"type":"timestamps","timestamps":5}',
        '{"type":"timestamps","timestamps":["a"]}',
        '{"type":"timestamps","timestamps":[{"text":1,"start":0,"duration":0}]}',
        '{"type":"timestamps","timestamps":[{"text":"a","start":"now","duration":0}]}',
        '{"type":"timestamps","timestamps":[{"text":"a","start":1e400,"duration":%s}]}' % ("9" * 400),
        '{"type":"timestamps","timestamps":[{"text":"a","start":{},"duration":1}]}',
        '{"type":"timestamps","timestamps":[{"text":"a","start":NaN,"duration":NaN}]}',
        '{"type":"timestamps","timestamps":[{"text":"a","start":0,"duration":NaN}]}',
        '{"type":"timestamps","timestamps":[{"text":"a","start":0,"duration":Infinity}]}',
        '{"type":"timestamps","timestamps":[{"text":"a","start":1e999,"duration":0}]}',
        "[" * 100_000 + "]" * 100_000,
        '{"type":"timestamps","timestamps":%s}' % ("[" * 100_000 + "]" * 100_000),
        '{"type":"flush_complete","nonce":%s}' % ("9" * 1_000_000),
        '{"type":"error","error":{"message":"%s"}}' % ("m" * 10_000_000),
        "x" * 10_000_000,
    ],
    ids=lambda wire: f"{wire[:80]} {len(wire)}",
)
def test_nonsense(wire: str) -> None:
    """A malformed message is the service's fault: exit status 8, quoting its beginning."""
    with pytest.raises(RemoteProtocolError) as raised:
        decode(wire)

    assert raised.value.code is ExitCode.REFUSED
    assert len(raised.value.message) < 200


@each("depth", [100, 900, 950, 1000, 100_000])
def test_deep_nesting(depth: int) -> None:
    """Deeply nested JSON is malformed or of an unknown type, and does not crash."""
    try:
        decoded = decode('{"type":' + "[" * depth + "]" * depth + "}")
    except RemoteProtocolError:
        return

    assert isinstance(decoded, Unknown)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
types = st.sampled_from(["ready", "timestamps", "flush_complete", "reset_complete", "error", "audio", None])
bodies = st.fixed_dictionaries(
    {},
    optional={
        "type": types | json_values,
        "nonce": json_values,
        "timestamps": json_values
        | st.lists(
            st.fixed_dictionaries({}, optional=dict.fromkeys(("text", "start", "duration"), json_values)),
            max_size=2,
        ),
        "error": json_values
        | st.fixed_dictionaries({}, optional=dict.fromkeys(("type", "message"), json_values)),
        "request_id": json_values,
        "durations": json_values,
    },
)


@properties
@given(st.text() | bodies.map(json.dumps) | json_values.map(json.dumps) | st.binary())
def test_anything_may_come(wire: str | bytes) -> None:
    """Any input is an event or a RemoteProtocolError, and nothing else."""
    try:
        event = decode(wire)
    except RemoteProtocolError:
        return

    assert not isinstance(wire, bytes) or event == Audio(wire)


@properties
@given(bodies)
def test_errors_have_words(body: dict[str, object]) -> None:
    """Whatever an error message contains, its fields can be displayed."""
    try:
        wire = json.dumps({**body, "type": "error"}, allow_nan=False)
    except ValueError:
        reject()  # not JSON

    event = decode(wire)

    assert isinstance(event, ErrorMessage)
    assert isinstance(event.type, str)
    assert isinstance(event.message, str)
    assert event.request_id is None or event.request_id
