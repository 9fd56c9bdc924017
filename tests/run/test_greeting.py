"""The first message of a session and the route are derived from the settings (contract, 2 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.session.requests import Init
from lmnt_cli.endpoint import Endpoint
from lmnt_cli.options import Flags, OnDrop
from lmnt_cli.run.greeting import first_message, session_route
from lmnt_cli.settings import resolve


def init(**flags: Any) -> Init:
    """Return the first message of a run with these flags."""
    settings = resolve(
        Flags(text=("words",), **flags),
        {"LMNT_API_KEY": "a-key"},
        stdin_typed=False,
        stdout_terminal=False,
    )
    return first_message(settings, "the key of the run")


def test_what_is_asked_for() -> None:
    """Voice, format, rate and language come from the settings, the key from the run."""
    message = init(voice="leah", format=AudioFormat.WAV, sample_rate=16000, language="de")

    assert message.api_key == "the key of the run"
    assert (message.voice, message.format, message.sample_rate) == ("leah", "pcm_s16le", 16000)
    assert message.language == "de"


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [({}, True), ({"on_drop": OnDrop.FAIL}, False), ({"format": AudioFormat.WEBM}, False)],
)
def test_word_times(flags: dict[str, Any], wanted: bool) -> None:
    """Word times are requested if a lost session can resume at a word."""
    assert init(**flags).return_timestamps == wanted


@pytest.mark.parametrize("insecure", [True, False])
def test_route(insecure: bool) -> None:
    """The route is that of sessions, and states whether unencrypted traffic may leave this machine."""
    route = session_route(Endpoint("http://a.localhost:1/x?y=1", "a-key", "http://c.d:2", insecure=insecure))

    assert (route.target, route.loopback_only) == ("/x/v1/ai/speech/stream?y=1", not insecure)
    assert route.proxy is not None
    assert (route.name, route.proxy.name) == ("a.localhost:1", "the proxy c.d:2")
