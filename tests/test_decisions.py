"""Decisions about format, player and service, and notices about them (contract, 2 and 15)."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmnt_cli.configuration.key import ApiKey
from lmnt_cli.configuration.layers import Chosen, Layer, choose, environment_layer
from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.decisions import (
    check_subtitles,
    choose_endpoint,
    choose_format,
    choose_playing,
    notices,
    origins,
)
from lmnt_cli.errors import UsageError
from lmnt_cli.options import Flags
from tests.tools.each import each


def test_format_of_what_has_no_name() -> None:
    """Standard output is mp3."""
    assert choose_format(None) is choose_format("-") is AudioFormat.MP3
    with pytest.raises(UsageError, match=r"extension \.ogg"):
        choose_format("a.ogg")


@each(
    ("names", "audio_format", "message"),
    [
        (["a.srt", "x.txt"], AudioFormat.MP3, "unknown subtitle format: 'x.txt'"),
        (["x"], AudioFormat.MP3, "unknown subtitle format: 'x'"),
        (["x."], AudioFormat.MP3, "unknown subtitle format: 'x.'"),
        (
            ["x.srt"],
            AudioFormat.WEBM,
            "--subtitles cannot be used with webm, which cannot be timed by its bytes",
        ),
    ],
)
def test_no_subtitles(names: list[str], audio_format: AudioFormat, message: str) -> None:
    """Subtitles have a known extension, and an audio format whose bytes are time."""
    with pytest.raises(UsageError) as raised:
        check_subtitles(names, audio_format)
    assert raised.value.message == message


def test_player_that_is_missing() -> None:
    """A player is searched for on the PATH of the given environment."""
    with pytest.raises(UsageError, match="no player found"):
        choose_playing(Flags(play=True), {"PATH": "/nowhere"}, writes=False)


@each(
    ("flags", "words"),
    [
        (Flags(base_url="ftp://x"), "config.toml:3: base-url takes an http"),
        (Flags(base_url="http://speech.example"), "config.toml:3: base-url would send the key"),
        (Flags(base_url="https://x", proxy="ftp://p"), "config.toml:4: proxy takes a URL with"),
        (Flags(local=True, proxy="ftp://p"), "config.toml:4: proxy takes a URL with"),
    ],
)
def test_the_place_is_named(flags: Flags, words: str) -> None:
    """An error in an address names its source."""
    places = {"base_url": "config.toml:3: base-url".__str__, "proxy": "config.toml:4: proxy".__str__}
    with pytest.raises(UsageError) as raised:
        choose_endpoint(Chosen(flags, places), {"LMNT_API_KEY": "k"}, reads_stdin=False)
    assert raised.value.message.startswith(words)


def test_origins() -> None:
    """Each setting that is not a default is listed with its source; the key only by its source."""
    layers = [
        Layer(Flags(format=AudioFormat.WAV, part=False, file=("a", "b"), timeout=2.5)),
        environment_layer({"LMNT_VOICE": "ava"}),
        Layer(Flags(retry=5), {"retry": "config.toml:7: retry".__str__}),
    ]

    assert list(origins(choose(layers), ApiKey("s3cr3t", "LMNT_API_KEY"))) == [
        "file: a b, from the command line",
        "voice: ava, from LMNT_VOICE",
        "format: wav, from the command line",
        "part: false, from the command line",
        "retry: 5, from config.toml:7: retry",
        "timeout: 2.5, from the command line",
        "the API key, from LMNT_API_KEY",
    ]
    assert list(origins(Chosen(Flags()), None)) == []


def test_origins_show_no_password() -> None:
    """User and password in a URL are omitted."""
    chosen = Chosen(Flags(base_url="https://me:pw@a.b/p", proxy="http://me:p%40w@p:1"))

    assert list(origins(chosen, None)) == [
        "base-url: https://a.b/p, from the command line",
        "proxy: http://p:1, from the command line",
    ]


def test_notices_about_a_device(tmp_path: Path) -> None:
    """A device may have any name: its extension is not a format."""
    assert list(notices("/dev/null", AudioFormat.WAV, None)) == []
    assert len(list(notices(str(tmp_path / "a.mp3"), AudioFormat.WAV, "xx"))) == 2
