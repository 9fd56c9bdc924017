"""An earlier run's recording can be appended to if format and rate match (contract, 4)."""

from __future__ import annotations

import struct

import pytest

from lmnt_cli.core.audio.formats import NEW, AudioFormat, Start
from lmnt_cli.core.audio.recording import HEAD, continue_at, continue_recording
from lmnt_cli.errors import ExitCode, UsageError
from tests.tools.each import each


def wave(tag: int, bits: int, rate: int, *, said: int = 0x7FFFF000, more: bytes = b"") -> bytes:
    """Return a WAVE header for this many bytes of audio, preceded by the chunks in `more`."""
    layout = struct.pack("<HHIIHH", tag, 1, rate, rate * bits // 8, bits // 8, bits)
    body = b"fmt " + struct.pack("<I", len(layout)) + layout + more
    return b"RIFF\0\0\0\0WAVE" + body + b"data" + struct.pack("<I", said)


WAV = wave(1, 16, 24000)
ULAW = wave(7, 8, 8000, more=b"fact\4\0\0\0\0\0\0\0")
FRAME = b"\xff\xf3\xa4\xc4".ljust(288, b"\0")  # 24 kHz


def start_of(audio_format: AudioFormat, content: bytes, rate: int = 24000) -> Start:
    return continue_recording(audio_format, rate, content[:HEAD], len(content), [content])


@each(
    ("audio_format", "rate", "header", "audio", "whole", "seconds"),
    [
        (AudioFormat.PCM_S16LE, 24000, b"", bytes(48001), 48000, 1.0),
        (AudioFormat.PCM_F32LE, 24000, b"", bytes(48003), 48000, 0.5),
        (AudioFormat.WAV, 24000, WAV, bytes(48001), 48000, 1.0),
        (AudioFormat.WAV, 24000, WAV, b"", 0, 0.0),
        (AudioFormat.ULAW, 8000, ULAW, bytes(4000), 4000, 0.5),
        (AudioFormat.ULAW, 8000, b"", bytes(4000), 4000, 0.5),
        (AudioFormat.MP3, 24000, b"", FRAME * 2 + FRAME[:100], 576, 0.048),
        (AudioFormat.MP3, 24000, b"", b"no frames at all", 16, 16 / 12000),
    ],
)
def test_whole(
    audio_format: AudioFormat, rate: int, header: bytes, audio: bytes, whole: int, seconds: float
) -> None:
    """Audio is appended after the last whole sample or frame, under the existing header."""
    assert start_of(audio_format, header + audio, rate) == Start(len(header) + whole, header, seconds)


@each(("said", "kept"), [(4, 4), (10, 10), (11, 10), (0, 10), (0x7FFFF000, 10)])
def test_more_after_the_audio(said: int, kept: int) -> None:
    """Data that another program appended is cut off if the header gives the length of the audio."""
    header = wave(1, 16, 24000, said=said)

    assert start_of(AudioFormat.WAV, header + bytes(10)).length == 44 + kept


@each(
    ("audio_format", "content"),
    [
        (AudioFormat.MP3, WAV + bytes(10)),
        (AudioFormat.MP3, b"\x1a\x45\xdf\xa3webm"),
        (AudioFormat.MP3, b"\xff\xf3\x48\xc4".ljust(144, b"\0")),  # 16 kHz
        (AudioFormat.PCM_S16LE, WAV + bytes(10)),
        (AudioFormat.PCM_F32LE, ULAW + bytes(10)),
        (AudioFormat.WAV, ULAW + bytes(10)),
        (AudioFormat.WAV, wave(1, 16, 16000) + bytes(10)),
        (AudioFormat.WAV, wave(1, 8, 24000) + bytes(10)),
        (AudioFormat.WAV, bytes(100)),
        (AudioFormat.WAV, FRAME),
        (AudioFormat.WAV, WAV.replace(b"fmt ", b"junk")),
        (AudioFormat.ULAW, wave(7, 8, 16000) + bytes(10)),
        (AudioFormat.ULAW, WAV + bytes(10)),
        (AudioFormat.WEBM, b"\x1a\x45\xdf\xa3webm"),
    ],
)
def test_another_format_or_rate(audio_format: AudioFormat, content: bytes) -> None:
    """A recording of another format or rate is refused, with saved text or without."""
    rate = 8000 if audio_format is AudioFormat.ULAW else 24000
    with pytest.raises(UsageError) as raised:
        start_of(audio_format, content, rate)
    assert raised.value.code is ExitCode.USAGE
    with pytest.raises(UsageError):
        continue_at(len(content), audio_format, rate, content[:HEAD], len(content), [content])


@each(
    ("audio_format", "content", "samples"),
    [
        (AudioFormat.WAV, WAV.replace(b"\1\0\1\0", b"\1\0\2\0"), "pcm_s16le"),  # stereo
        (AudioFormat.WAV, ULAW, "pcm_s16le"),
        (AudioFormat.ULAW, WAV, "ulaw"),
    ],
)
def test_other_samples_are_named(audio_format: AudioFormat, content: bytes, samples: str) -> None:
    """A WAVE file with other samples or more channels is refused with what would be right."""
    with pytest.raises(UsageError, match=f"its audio is not mono {samples}$"):
        start_of(audio_format, content + bytes(16), 8000)


def test_saved_text() -> None:
    """Saved text continues at its offset, whole sample or not; from the start if nothing was confirmed."""
    wav, mp3 = WAV + bytes(48000), FRAME * 4

    assert continue_at(24044, AudioFormat.WAV, 24000, wav, len(wav), [wav]) == Start(24044, WAV, 0.5)
    assert continue_at(24045, AudioFormat.WAV, 24000, wav, len(wav), [wav]) == Start(24045, WAV, 0.5)
    assert continue_at(600, AudioFormat.MP3, 24000, mp3, len(mp3), [mp3]) == Start(600, b"", 0.048)
    for offset in (0, 44):
        assert continue_at(offset, AudioFormat.WAV, 24000, wav, len(wav), [wav]) == NEW


def test_shorter_than_it_was() -> None:
    """A recording shorter than what was confirmed cannot be continued."""
    with pytest.raises(UsageError, match=r"1000 .* 1001"):
        continue_at(1001, AudioFormat.MP3, 24000, FRAME, 1000, [FRAME])
