"""Conversion between bytes written and seconds heard, where bytes indicate time (contract, 5)."""

from __future__ import annotations

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.audio.timeline import timeline_of
from tests.tools.each import each


@each(
    ("audio_format", "rate", "second"),
    [
        (AudioFormat.PCM_S16LE, 24000, 48000),
        (AudioFormat.WAV, 16000, 32000),
        (AudioFormat.PCM_F32LE, 8000, 32000),
        (AudioFormat.ULAW, 8000, 8000),
    ],
)
def test_samples(audio_format: AudioFormat, rate: int, second: int) -> None:
    """Bytes convert to seconds and back, counted from the start of the utterance and of the output."""
    time = timeline_of(audio_format, rate)
    time.restart(100, 0.0)
    time.feed(bytes(second * 3))
    time.begin()
    time.feed(bytes(second * 2))

    assert (time.seconds, time.began_at, time.end()) == (2.0, 3.0, 5.0)
    assert time.place(1.0) == (100 + 4 * second, 4.0)
    assert time.place(99.0) == (100 + 5 * second, 5.0)
    assert time.broken() == 0
    time.restart(100 + 4 * second, 4.0)
    assert (time.seconds, time.began_at, time.sounds) == (0.0, 4.0, False)


@each("audio_format", list(AudioFormat))
def test_tells_time(audio_format: AudioFormat) -> None:
    """Bytes indicate time in every format except WebM."""
    time = timeline_of(audio_format, 24000)

    assert time.tells_time is (audio_format is not AudioFormat.WEBM)


@each(("size", "missing"), [(0, 0), (1, 3), (2, 2), (3, 1), (4, 0), (5, 3)])
def test_broken_sample(size: int, missing: int) -> None:
    """The bytes missing from a sample are known; part of a sample takes no time and is not sound."""
    time = timeline_of(AudioFormat.PCM_F32LE, 8000)
    time.restart(44, 0.0)
    time.feed(bytes(size))

    assert time.broken() == missing
    assert time.seconds == size // 4 / 8000
    assert time.sounds is (size >= 4)
    assert time.end() == -(-size // 4) / 8000
