"""The settings of a listing (contract, 2)."""

from __future__ import annotations

from typing import Any

import pytest

from lmnt_cli.errors import ExitCode, MissingKey, SayError, UsageError
from lmnt_cli.inquiry import Inquiry, Subject, resolve_inquiry
from lmnt_cli.options import Flags
from tests.tools.each import each


KEY = {"LMNT_API_KEY": "a-key"}


def inquiry(environment: dict[str, str] | None = None, **flags: Any) -> Inquiry:
    return resolve_inquiry(Flags(**flags), KEY if environment is None else environment)


def no_inquiry(environment: dict[str, str] | None = None, **flags: Any) -> SayError:
    """Return the error of an invalid listing."""
    with pytest.raises(SayError) as raised:
        inquiry(environment, **flags)
    return raised.value


def test_listing_voices() -> None:
    """Words filter the list; the service is the one that would speak."""
    found = inquiry(list_voices=True, text=("uk", "female"), json=True, connect_timeout=3.0)

    assert (found.subject, found.words, found.json) == (Subject.VOICES, ("uk", "female"), True)
    assert (found.service.endpoint.base, found.service.connect_timeout) == ("https://api.lmnt.com", 3.0)
    assert found.service.endpoint.name == "api.lmnt.com"
    assert "a-key" not in repr(found)


def test_listing_by_question_mark() -> None:
    """`-v '?'` is `--list-voices`."""
    assert inquiry(voice="?").subject is Subject.VOICES
    assert Flags(voice="?").asks
    assert not Flags(voice="lily").asks


def test_listing_the_account() -> None:
    """`--usage` requests the account."""
    assert inquiry(usage=True).subject is Subject.ACCOUNT


def test_listing_local_voices() -> None:
    """The embedded service needs no key, and never receives the real one."""
    found = inquiry({}, list_voices=True, local=True)

    assert (found.service.endpoint.local, found.service.endpoint.api_key) == (True, "")
    assert inquiry(list_voices=True, local=True).service.endpoint.api_key == ""


@each(
    "flags",
    [
        {"list_voices": True, "usage": True},
        {"list_voices": True, "file": ("a.txt",)},
        {"usage": True, "output": "a.mp3"},
        {"voice": "?", "play": True},
        {"usage": True, "text": ("words",)},
        {"list_voices": True, "base_url": "http://speech.example"},
        {"list_voices": True, "dry_run": True},
        {"usage": True, "json": True, "dry_run": True},
        {"voice": "?", "dry_run": True},
    ],
)
def test_impossible_listings(flags: dict[str, Any]) -> None:
    """Options for speech, and options that exclude each other, are refused."""
    assert isinstance(no_inquiry(**flags), UsageError)


def test_listing_without_a_key() -> None:
    """Without a key nothing is requested."""
    error = no_inquiry({}, list_voices=True)

    assert isinstance(error, MissingKey)
    assert error.code is ExitCode.AUTHENTICATION
