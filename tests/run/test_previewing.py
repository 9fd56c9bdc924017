"""A dry run ends the process: `lmnt_cli.run.previewing`; see also tests/program/test_dry_run.py."""

from __future__ import annotations

from lmnt_cli.configuration.layers import Configured
from lmnt_cli.options import Flags
from lmnt_cli.preview import resolve_preview


def test_needs_no_key_and_no_player() -> None:
    """A dry run resolves only the settings of the text and the audio."""
    settings = resolve_preview(
        Flags(text=("a",), play=True, subtitles=("x.srt",)), {}, Configured(), stdin_typed=False
    )

    assert settings.audio.player is None
    assert settings.subtitles
    assert settings.text.words == b"a"
