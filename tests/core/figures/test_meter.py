"""Counts, and the figures derived from them and the time (contract, 6)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.figures.meter import Meter


def test_nothing_yet() -> None:
    """Unknown figures are None."""
    meter = Meter(AudioFormat.PCM_S16LE, 24000)

    assert (meter.audio_bytes, meter.audio_seconds, meter.first_sound, meter.speed) == (0, 0.0, None, None)


def test_first_sound() -> None:
    """The first sound is timed from the first text to the first audio; later ones change nothing."""
    meter = Meter(AudioFormat.PCM_S16LE, 24000)
    meter.count_text(10.0)
    meter.count_text(10.1)
    meter.count_audio(0, 10.2)
    meter.count_audio(100, 10.25)
    meter.count_audio(100, 11.0)

    assert meter.first_sound == pytest.approx(0.25)


def test_speed() -> None:
    """The speed is seconds of audio per second, from the first text to the last audio."""
    meter = Meter(AudioFormat.PCM_S16LE, 8000)
    meter.count_text(10.0)
    meter.count_audio(16000, 11.0)
    meter.count_audio(48000, 12.0)

    assert meter.audio_bytes == 64000
    assert meter.audio_seconds == pytest.approx(4.0)
    assert meter.speed == pytest.approx(2.0)


def test_no_time_at_all() -> None:
    """Audio that arrives in no time has no speed."""
    meter = Meter(AudioFormat.PCM_S16LE, 8000)
    meter.count_text(10.0)
    meter.count_audio(16000, 10.0)

    assert meter.speed is None


def test_bytes_that_do_not_tell_seconds() -> None:
    """The bytes of Opus do not indicate time."""
    meter = Meter(AudioFormat.WEBM, 24000)
    meter.count_text(0.0)
    meter.count_audio(1000, 1.0)

    assert (meter.audio_seconds, meter.speed) == (None, None)
    assert meter.first_sound == 1.0
