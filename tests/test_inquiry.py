"""What is asked of the service instead of speech, decided before anything is touched (contract, 2)."""

from __future__ import annotations

from typing import Any

import pytest

from lmnt_cli.errors import ExitCode, MissingKey, SayError, UsageError
from lmnt_cli.inquiry import Inquiry, Subject, resolve_inquiry
from lmnt_cli.settings import Flags


KEY = {"LMNT_API_KEY": "a-key"}


def inquiry(environment: dict[str, str] | None = None, **flags: Any) -> Inquiry:
    return resolve_inquiry(Flags(**flags), KEY if environment is None else environment)


def refusal(environment: dict[str, str] | None = None, **flags: Any) -> SayError:
    with pytest.raises(SayError) as raised:
        inquiry(environment, **flags)
    return raised.value


def test_voices() -> None:
    """Words narrow the list; the service is the one that would speak."""
    found = inquiry(list_voices=True, text=("uk", "female"), json=True, connect_timeout=3.0)

    assert (found.subject, found.words, found.json) == (Subject.VOICES, ("uk", "female"), True)
    assert (found.url, found.timeout) == ("wss://api.lmnt.com/v1/ai/speech/stream", 3.0)
    assert found.service == "api.lmnt.com"
    assert "a-key" not in repr(found)


def test_question_mark() -> None:
    """`-v '?'` is `--list-voices`."""
    assert inquiry(voice="?").subject is Subject.VOICES
    assert Flags(voice="?").asks
    assert not Flags(voice="lily").asks


def test_account() -> None:
    """`--usage` asks for the account."""
    assert inquiry(usage=True).subject is Subject.ACCOUNT


def test_local() -> None:
    """The embedded service needs no key, and never receives the real one."""
    found = inquiry({}, list_voices=True, local=True)

    assert (found.url, found.api_key, found.service) == (None, "local", "the local service")
    assert inquiry(list_voices=True, local=True).api_key == "local"


@pytest.mark.parametrize(
    "flags",
    [
        {"list_voices": True, "usage": True},
        {"list_voices": True, "file": "a.txt"},
        {"usage": True, "output": "a.mp3"},
        {"voice": "?", "play": True},
        {"usage": True, "text": ("words",)},
        {"list_voices": True, "connect_timeout": 0.0},
        {"list_voices": True, "base_url": "http://speech.example"},
    ],
)
def test_what_cannot_be_meant(flags: dict[str, Any]) -> None:
    """What speaks, and what does not go together, is refused."""
    assert isinstance(refusal(**flags), UsageError)


def test_missing_key() -> None:
    """Without a key nobody is asked."""
    error = refusal({}, list_voices=True)

    assert isinstance(error, MissingKey)
    assert error.code is ExitCode.AUTHENTICATION
