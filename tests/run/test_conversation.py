"""The conversation that settings ask for (contract, 2 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.session.messages import Init
from lmnt_cli.options import Flags, OnDrop
from lmnt_cli.run.conversation import new_conversation
from lmnt_cli.settings import resolve


def init(**flags: Any) -> Init:
    """The first message of a run with these flags."""
    settings = resolve(
        Flags(text=("words",), **flags),
        {"LMNT_API_KEY": "a-key"},
        stdin_typed=False,
        stdout_terminal=False,
    )
    conversation = new_conversation(settings, "the key of the run")
    conversation.begin(0.0)
    message = conversation.next_message(0.0, 0)
    assert isinstance(message, Init)
    return message


def test_what_is_asked_for() -> None:
    """Voice, format, rate and language are those of the settings, the key that of the run."""
    message = init(voice="leah", format=AudioFormat.WAV, sample_rate=16000, language="de")

    assert message.api_key == "the key of the run"
    assert (message.voice, message.format, message.sample_rate) == ("leah", "pcm_s16le", 16000)
    assert message.language == "de"


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [({}, True), ({"on_drop": OnDrop.FAIL}, False), ({"format": AudioFormat.WEBM}, False)],
)
def test_word_times(flags: dict[str, Any], wanted: bool) -> None:
    """Word times are asked for where a lost session can resume at a word."""
    assert init(**flags).return_timestamps == wanted
