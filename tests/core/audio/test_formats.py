"""Audio formats: their names, their sample rates, and the conversion of bytes to seconds (contract, 2)."""

from __future__ import annotations

from lmnt_cli.core.audio.formats import (
    SAMPLE_RATES,
    AudioFormat,
    extension_of,
    format_of_extension,
    format_of_name,
)
from tests.doubles.fake_rules import FORMATS, RATES
from tests.tools.each import each


def test_names() -> None:
    """The formats are those of the contract."""
    assert {each.value for each in AudioFormat} == {
        "mp3",
        "wav",
        "pcm_s16le",
        "pcm_f32le",
        "ulaw",
        "webm",
    }


@each("audio_format", list(AudioFormat))
def test_on_the_wire(audio_format: AudioFormat) -> None:
    """Only formats known to the service are requested; `wav` is made from pcm_s16le."""
    assert audio_format.on_the_wire in FORMATS
    assert (audio_format.on_the_wire == audio_format.value) is (audio_format is not AudioFormat.WAV)


def test_sample_rates() -> None:
    """The sample rates are those of the service; the default is 8000 for µ-law, otherwise 24000."""
    assert sorted(SAMPLE_RATES) == sorted(RATES)
    assert {each: each.default_sample_rate for each in AudioFormat} == {
        **dict.fromkeys(AudioFormat, 24000),
        AudioFormat.ULAW: 8000,
    }


@each(
    ("audio_format", "rate", "expected"),
    [
        (AudioFormat.PCM_S16LE, 24000, 48000),
        (AudioFormat.WAV, 16000, 32000),
        (AudioFormat.PCM_F32LE, 8000, 32000),
        (AudioFormat.ULAW, 8000, 8000),
        (AudioFormat.MP3, 24000, 12000),
        (AudioFormat.WEBM, 24000, None),
    ],
)
def test_bytes_per_second(audio_format: AudioFormat, rate: int, expected: int | None) -> None:
    """Bytes convert to seconds in every format with a fixed bit rate."""
    assert audio_format.bytes_per_second(rate) == expected


@each(
    ("extension", "expected"),
    [
        (".mp3", AudioFormat.MP3),
        (".wav", AudioFormat.WAV),
        (".webm", AudioFormat.WEBM),
        (".ulaw", AudioFormat.ULAW),
        (".pcm", AudioFormat.PCM_S16LE),
        (".raw", AudioFormat.PCM_S16LE),
        (".f32", AudioFormat.PCM_F32LE),
        (".MP3", AudioFormat.MP3),
        (".ogg", None),
        ("", None),
        ("mp3", None),
    ],
)
def test_extension(extension: str, expected: AudioFormat | None) -> None:
    """The extension determines the format, in any case."""
    assert format_of_extension(extension) is expected


@each(
    ("name", "extension"),
    [
        ("a.mp3", ".mp3"),
        ("dir.x/a", ""),
        ("a.WebM", ".WebM"),
        (".wav", ".wav"),
        ("a.", ""),
        ("", ""),
        ("Chapter 1. The Boy", ""),
        ("a.b\u00a0c", ""),
        ("a.abcde", ".abcde"),
        ("a.abcdef", ""),
        ("a. ", ""),
    ],
)
def test_extension_of_a_name(name: str, extension: str) -> None:
    """An extension contains no space and has at most five letters."""
    assert extension_of(name) == extension


def test_format_of_a_name() -> None:
    """The format of a file name is that of its extension, in any case."""
    assert format_of_name("dir/a.RAW") is AudioFormat.PCM_S16LE
    assert format_of_name("dir.wav/a") is None
