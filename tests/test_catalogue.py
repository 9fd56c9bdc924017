"""The languages and voices that the documentation names (protocol.md, 2 and 12)."""

from __future__ import annotations

from lmnt_cli.catalogue import LANGUAGES, VOICES
from lmnt_cli.local.requests import LANGUAGES as SERVED
from lmnt_cli.local.speech.voices import VOICES as SPEAKING


def test_languages() -> None:
    """Client and embedded service, which know nothing of each other, read the same documentation."""
    assert {"auto", *LANGUAGES} == SERVED
    assert len(set(LANGUAGES.values())) == len(LANGUAGES) == 31


def test_voices() -> None:
    """So they do for the system voices."""
    assert set(VOICES) == set(SPEAKING)
