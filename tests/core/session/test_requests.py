"""The wire format of what is sent: messages are encoded as the service expects."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.session.requests import Finish, Flush, Init, Reset, Text, encode
from tests.doubles.fake_rules import KEY, check_init
from tests.tools.each import each
from tests.tools.strategies import properties


def test_init() -> None:
    """`init` contains only the fields that are set: the service rejects explicit nulls."""
    message = json.loads(encode(Init(KEY, "lily", "pcm_s16le", 16000)))

    assert message == {
        "type": "init",
        "X-API-Key": KEY,
        "lmnt-version": "1.2",
        "voice": "lily",
        "format": "pcm_s16le",
        "sample_rate": 16000,
    }
    check_init(message, KEY)


def test_init_with_everything() -> None:
    """Language and word times are requested by their own fields."""
    message = json.loads(encode(Init(KEY, "lily", "mp3", 24000, "en", True)))

    assert message["language"] == "en"
    assert message["return_timestamps"] is True
    check_init(message, KEY)


@each(
    ("message", "expected"),
    [
        (Text('a "b"\n\\é😀'), {"type": "text", "text": 'a "b"\n\\é😀'}),
        (Flush(7), {"type": "flush", "nonce": 7}),
        (Reset(8), {"type": "reset", "nonce": 8}),
        (Finish(), {"type": "finish"}),
    ],
)
def test_encode(message: Text | Flush | Reset | Finish, expected: dict[str, object]) -> None:
    """Every message after `init` has a type and its own field."""
    assert json.loads(encode(message)) == expected


@properties
@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_text_survives(text: str) -> None:
    """Any text is transmitted unchanged."""
    wire = encode(Text(text)).encode()

    assert json.loads(wire)["text"] == text
