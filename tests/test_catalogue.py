"""The languages and voices listed in the documentation (protocol.md, 2 and 12)."""

from __future__ import annotations

from lmnt_cli.catalogue import LANGUAGES, VOICES
from lmnt_cli.local.requests import LANGUAGES as SERVED
from lmnt_cli.local.speech.voices import VOICES as SPEAKING


def test_languages() -> None:
    """Client and embedded service, which share no code, list the same languages."""
    assert {"auto", *LANGUAGES} == SERVED
    assert len(set(LANGUAGES.values())) == len(LANGUAGES) == 31


def test_voices() -> None:
    """They list the same system voices too."""
    assert set(VOICES) == set(SPEAKING)
