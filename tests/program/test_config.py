"""The configuration in use: profiles, layers, errors, and where settings come from (contract, 15)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


@pytest.fixture
def config(say: Say) -> Path:
    """The user's default configuration."""
    path = Path(say.environment["XDG_CONFIG_HOME"]) / "lmnt-say/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        'profile = "podcast"\nvoice = "ava"\nretry = 0\n\n'
        '[profile.podcast]\nformat = "pcm_s16le"\nsample-rate = 8000\n\n[profile.other]\nvoice = "amy"\n'
    )
    return path


def test_a_profile(say: Say, service: FakeService, config: Path) -> None:
    """A profile overrides the rest of the file, and even the environment if the command line names it."""
    assert say("--profile", "other", "Hello.", env={"LMNT_VOICE": "morgan"}).status == 0

    init = service.session().init or {}
    assert (init["voice"], init["format"], init["sample_rate"]) == ("amy", "mp3", 24000)


def test_what_debug_shows(say: Say, service: FakeService, config: Path) -> None:
    """`--debug` shows where each setting that is not a default comes from, and never the key.

    The command line overrides the file and its profile, and the environment. Messages are shown in both
    directions, even of unknown types.
    """
    service.does("says more")
    result = say("--debug", "-q", "-v", "leah", "Hello.", env={"LMNT_VOICE": "morgan"})
    init = service.session().init or {}
    assert (init["voice"], init["format"], init["sample_rate"]) == ("leah", "pcm_s16le", 8000)
    origins = {line for line in result.lines if line.startswith("= ")}

    assert result.status == 0
    assert {
        "= voice: leah, from the command line",
        f"= retry: 0, from {config}:3: retry",
        f"= format: pcm_s16le, from {config}:6: format",
        "= quiet: true, from the command line",
        "= the API key, from LMNT_API_KEY",
    } <= origins
    assert "weather" in result.stderr
    assert {"<", ">"} <= {word for line in result.lines for word in line.split()[:3]}
    assert KEY not in result.stderr


def test_a_way_back(say: Say, service: FakeService, tmp_path: Path, config: Path) -> None:
    """No configuration is a trap: each switch can be undone on the command line."""
    config.write_text("part = false\nclobber = false\nlocal = true\nplay = true\nquiet = true\n")
    (tmp_path / "a.mp3").write_bytes(b"old")
    result = say("--part", "--clobber", "--no-local", "--no-play", "--no-quiet", "-o", "a.mp3", "Hello.")

    assert result.status == 0
    assert service.session().text == "Hello."
    assert (tmp_path / "a.mp3").read_bytes() != b"old"


def test_a_mistake(say: Say, service: FakeService, config: Path, tmp_path: Path) -> None:
    """An error is reported in one line at the start."""
    config.write_text('voice = "ava"\nretri = 3\n')
    result = say("-o", "a.mp3", "Hello.")

    assert (result.status, result.lines) == (
        2,
        [f"lmnt-say: {config}:2: unknown key retri; did you mean retry?"],
    )
    assert service.handshakes == []
    assert not list(tmp_path.glob("a.mp3*"))


def test_lists_are_configured_too(say: Say, config: Path) -> None:
    """A listing queries the configured service."""
    config.write_text('base-url = "http://speech.example"\n')
    result = say("--list-voices", env={"LMNT_BASE_URL": None})

    assert result.status == 2
    assert f"{config}:1: base-url would send the key" in result.stderr
