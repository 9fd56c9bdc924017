"""A dry run ends the process: `lmnt_cli.run.previewing`; see also tests/program/test_dry_run.py."""

from __future__ import annotations

import pytest

from lmnt_cli.configuration.layers import Configured
from lmnt_cli.errors import UsageError
from lmnt_cli.options import Flags
from lmnt_cli.preview import resolve_preview
from tests.tools.each import each


def test_needs_no_key_and_no_player() -> None:
    """A dry run resolves only the settings of the text and the audio."""
    settings = resolve_preview(
        Flags(text=("a",), play=True, subtitles=("x.srt",)), {}, Configured(), stdin_typed=False
    )

    assert settings.audio.player is None
    assert settings.subtitles
    assert settings.text.words == b"a"


@each(
    ("flags", "words"),
    [
        (Flags(base_url="localhost:1"), "--base-url takes"),
        (Flags(base_url="http://far.example"), "unencrypted"),
        (Flags(proxy="nope://x"), "--proxy takes"),
    ],
)
def test_urls_are_checked(flags: Flags, words: str) -> None:
    """URLs that a run would refuse are refused."""
    with pytest.raises(UsageError, match=words):
        resolve_preview(flags, {}, Configured(), stdin_typed=False)
