"""From bytes written to seconds heard, and back, where bytes are time (contract, 5)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.audio.timeline import timeline_of


@pytest.mark.parametrize(
    ("audio_format", "rate", "second"),
    [
        (AudioFormat.PCM_S16LE, 24000, 48000),
        (AudioFormat.WAV, 16000, 32000),
        (AudioFormat.PCM_F32LE, 8000, 32000),
        (AudioFormat.ULAW, 8000, 8000),
    ],
)
def test_samples(audio_format: AudioFormat, rate: int, second: int) -> None:
    """A second is so many bytes, there and back, counted from where the utterance begins."""
    time = timeline_of(audio_format, rate)
    assert time is not None
    time.begin(100)
    time.feed(bytes(second * 2))

    assert time.seconds == 2.0
    assert time.offset(1.0) == 100 + second
    assert time.offset(99.0) == 100 + 2 * second
    assert time.broken() == 0


def test_webm() -> None:
    """Where bytes are no time there is none."""
    assert timeline_of(AudioFormat.WEBM, 24000) is None


@pytest.mark.parametrize(("size", "missing"), [(0, 0), (1, 3), (2, 2), (3, 1), (4, 0), (5, 3)])
def test_broken_sample(size: int, missing: int) -> None:
    """What is missing to a whole sample can be told, and half a sample is no time."""
    time = timeline_of(AudioFormat.PCM_F32LE, 8000)
    assert time is not None
    time.restart(44)
    time.feed(bytes(size))

    assert time.broken() == missing
    assert time.seconds == size // 4 / 8000
