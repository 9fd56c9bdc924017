"""The messages that a run would send: `lmnt_cli.core.preview`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.preview import Preview
from lmnt_cli.core.session.requests import Init
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import NothingToSay
from tests.tools.strategies import properties


INIT = Init("…", "lily", "mp3", 24000)


def parsed(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_a_run() -> None:
    """`init` is first, a flush follows the blank line and the end, and `finish` is last."""
    preview = Preview(INIT, FlushRule.BLANK_LINE, None)
    messages = parsed(preview.begin() + preview.read(b"One.\n\nTwo", 0.0) + preview.finish())

    assert [message["type"] for message in messages] == ["init", "text", "flush", "text", "flush", "finish"]
    assert [message["nonce"] for message in messages if message["type"] == "flush"] == [1, 2]
    assert (preview.characters, preview.messages, preview.utterances) == (9, 6, 2)


def test_text_goes_out_as_it_is_read() -> None:
    """Each block read is a message at once."""
    preview = Preview(INIT, FlushRule.BLANK_LINE, None)

    assert [
        message["text"] for block in (b"One", b" two") for message in parsed(preview.read(block, 0.0))
    ] == [
        "One",
        " two",
    ]


def test_a_pause() -> None:
    """`--flush-idle` flushes where the input pauses."""
    preview = Preview(INIT, FlushRule.NEVER, 1.0)
    preview.read(b"One", 10.0)

    assert preview.flush_if_idle(10.9) == []
    assert parsed(preview.flush_if_idle(11.0)) == [{"type": "flush", "nonce": 1}]


def test_no_word() -> None:
    """Text without a word is refused."""
    preview = Preview(INIT, FlushRule.BLANK_LINE, None)
    preview.read(b" ... ", 0.0)

    with pytest.raises(NothingToSay):
        preview.finish()


def test_a_limit() -> None:
    """The input is full after the limit of characters, and the rest is not sent."""
    preview = Preview(INIT, FlushRule.BLANK_LINE, None, 5)
    sent = preview.read("Grüße, Welt".encode(), 0.0)

    assert preview.is_full
    assert parsed(sent) == [{"type": "text", "text": "Grüße"}]
    assert [message["type"] for message in parsed(preview.finish())] == ["flush", "finish"]


@properties
@given(st.lists(st.text(max_size=30), max_size=10))
def test_texts_are_the_input(blocks: list[str]) -> None:
    """The texts joined are the input."""
    preview = Preview(INIT, FlushRule.SENTENCE, None)
    text = "Word " + "".join(block for block in blocks if block.isprintable())
    sent = preview.read(text.encode(), 0.0) + preview.finish()

    assert "".join(message.get("text", "") for message in parsed(sent)) == text
