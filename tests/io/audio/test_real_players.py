"""Real players, started with our options, play the formats of the service correctly (contract, 4).

The whole program plays with them in tests/program/test_play.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.errors import OutputError
from lmnt_cli.io.audio.player import Player
from lmnt_cli.options import Flags
from lmnt_cli.settings import resolve
from tests.tools.limits import LIMIT
from tests.tools.real_players import encoded, ffplay_into, heard_tone, mpv_into


pytestmark = pytest.mark.anyio


async def play(player: str, audio_format: str, rate: int) -> OutputError | None:
    """Play the tone with this player, in bare samples or a container; return why it failed."""
    flags = Flags(
        text=("Tone.",), play=True, player=player, format=AudioFormat(audio_format), sample_rate=rate
    )
    audio = resolve(flags, {"LMNT_API_KEY": "a-key"}, stdin_typed=False, stdout_terminal=False).audio
    assert audio.player is not None
    assert audio.player.takes_header == (audio_format in ("mp3", "webm"))
    running = Player(audio.player)
    try:
        await running.write(encoded(audio_format, rate))
        running.close_input()
        assert await running.ended(LIMIT)
        return await running.failure(early=False)
    finally:
        await running.end()


@pytest.mark.parametrize(
    ("audio_format", "rate"),
    [("pcm_s16le", 16000), ("pcm_f32le", 24000), ("ulaw", 8000), ("webm", 24000)],
)
async def test_mpv(tmp_path: Path, needs: Callable[[str], str], audio_format: str, rate: int) -> None:
    """mpv plays half a second of tone, at its pitch, whatever is in the user's mpv.conf."""
    needs("mpv")
    needs("ffmpeg")

    assert await play(mpv_into(tmp_path / "heard"), audio_format, rate) is None

    seconds, pitch = heard_tone(tmp_path / "heard", 24000)
    assert 0.4 < seconds < 0.6
    assert 480 < pitch < 520


@pytest.mark.parametrize(("audio_format", "rate"), [("mp3", 24000), ("ulaw", 8000)])
async def test_ffplay(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    needs: Callable[[str], str],
    audio_format: str,
    rate: int,
) -> None:
    """ffplay does too."""
    needs("ffplay")
    needs("ffmpeg")
    for name, value in ffplay_into(tmp_path / "heard").items():
        monkeypatch.setenv(name, value)

    assert await play("ffplay", audio_format, rate) is None

    seconds, pitch = heard_tone(tmp_path / "heard", rate)
    assert 0.35 < seconds < 0.6
    assert 480 < pitch < 520


async def test_mpv_without_sound(needs: Callable[[str], str]) -> None:
    """Without a sound device mpv's reason is reported."""
    needs("mpv")
    failure = await play("mpv --no-config --ao=no-such-output", "pcm_s16le", 24000)

    assert failure is not None
    assert "no sound" in failure.message
