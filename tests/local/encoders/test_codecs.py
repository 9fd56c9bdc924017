"""Samples to bytes: `lmnt_cli.local.encoders.codecs`."""

from __future__ import annotations

import numpy as np
import pytest

from lmnt_cli.local.encoders.base import Encoder
from lmnt_cli.local.encoders.codecs import open_encoder
from lmnt_cli.local.speech.hibari_engine import RATE
from tests.tools.decoding import Recording, Samples, decode


FORMATS = ("mp3", "pcm_s16le", "pcm_f32le", "ulaw", "webm")
RATES = (24000, 16000, 8000)
CODECS = {"mp3": "mp3float", "ulaw": "pcm_mulaw", "webm": "opus"}

every_stream = pytest.mark.parametrize(
    ("format_", "rate"), [(each, rate) for each in FORMATS for rate in RATES]
)


def tone(seconds: float, pitch: float = 440.0) -> Samples:
    """Return a tone between short silences, so that its start and end can be detected."""
    times = np.arange(int(seconds * RATE)) / RATE
    samples = (0.5 * np.sin(2 * np.pi * pitch * times)).astype(np.float32)
    samples[: RATE // 10] = samples[-RATE // 10 :] = 0
    return samples


def fed(encoder: Encoder, samples: Samples, size: int = 2500) -> list[bytes]:
    return [piece for at in range(0, len(samples), size) for piece in encoder.encode(samples[at : at + size])]


def onset(recording: Recording) -> float:
    """Return when a tone starts, in seconds."""
    return float(np.argmax(np.abs(recording.samples) > 0.2)) / recording.rate


@every_stream
def test_all_that_was_taken_is_heard_once_settled(format_: str, rate: int) -> None:
    """The pieces returned by the end of a flush decode to the whole tone."""
    encoder = open_encoder(format_, rate)
    start = encoder.next_start
    pieces = [*fed(encoder, tone(0.9)), *encoder.flush_with_silence()]
    recording = decode(b"".join(pieces), format_, rate)

    assert recording.codec == CODECS.get(format_, format_)
    assert recording.rate == (48000 if format_ == "webm" else rate)
    assert recording.seconds == pytest.approx(encoder.audible, abs=0.045)
    assert recording.cut(start + 0.15, start + 0.75).loudness == pytest.approx(0.35, abs=0.04)
    # The encoder's own delay, and silence up to the border of a frame: at 8 kHz that is 72 ms.
    assert encoder.audible <= 0.9 + 0.5


@every_stream
def test_utterances_are_one_stream_and_begin_when_it_says(format_: str, rate: int) -> None:
    """After several flushes the stream decodes as one, each tone at `next_start` plus its silence."""
    encoder = open_encoder(format_, rate)
    audio, starts = b"", []
    for _ in range(3):
        starts.append(encoder.next_start)
        audio += b"".join([*fed(encoder, tone(0.5)), *encoder.flush_with_silence()])
    recording = decode(audio, format_, rate)

    assert recording.seconds == pytest.approx(encoder.audible, abs=0.045)
    for start in starts:
        assert start + onset(recording.cut(start, start + 0.5)) == pytest.approx(start + 0.1, abs=0.015)


@every_stream
def test_after_a_cut_nothing_of_before_is_heard(format_: str, rate: int) -> None:
    """Samples that were encoded but not returned are dropped, and the stream continues with the next ones."""
    encoder = open_encoder(format_, rate)
    fed(encoder, tone(0.5))
    encoder.flush_with_silence()
    before = encoder.audible
    fed(encoder, tone(0.31))
    encoder.drop_pending()
    start = encoder.next_start - encoder.audible
    quiet = b"".join(encoder.encode(np.zeros(RATE // 2, np.float32)) + encoder.flush_with_silence())

    assert encoder.audible > before + 0.4
    assert start == pytest.approx(0.0, abs=0.15)
    if format_ not in ("webm", "mp3"):  # those need their beginning, or have none
        assert np.abs(decode(quiet, "pcm_f32le", rate).samples if format_ == "pcm_f32le" else 0).max() < 0.01


@pytest.mark.parametrize(("rate", "size", "bit_rate"), [(24000, 288, 96), (16000, 432, 96), (8000, 576, 64)])
def test_mp3_is_frames_of_one_size_and_nothing_else(rate: int, size: int, bit_rate: int) -> None:
    """No ID3, Xing or Info header: 96 kbps from the first byte on (64 at 8 kHz), 576 samples a frame."""
    encoder = open_encoder("mp3", rate)
    audio = b"".join([*fed(encoder, tone(0.5)), *encoder.flush_with_silence()])
    frames = [audio[at : at + size] for at in range(0, len(audio), size)]

    assert {frame[0] for frame in frames} == {0xFF}
    assert all(frame[1] & 0xE6 == 0xE2 for frame in frames)
    assert not any(mark in audio for mark in (b"ID3", b"Xing", b"Info"))
    assert len(audio) * 8 / encoder.audible / 1000 == pytest.approx(bit_rate)


def test_ulaw_has_one_wav_header_and_pcm_none() -> None:
    """The header comes with the first samples, and its sizes are those of an unknown length."""
    encoder = open_encoder("ulaw", 8000)
    audio = b"".join([*fed(encoder, tone(0.2)), *encoder.flush_with_silence(), *fed(encoder, tone(0.2))])

    assert audio[:4] + audio[8:16] == b"RIFFWAVEfmt "
    assert audio.count(b"RIFF") == 1
    assert audio[20:24] == bytes([7, 0, 1, 0])
    assert not b"".join(fed(open_encoder("pcm_s16le", 8000), tone(0.2))).startswith(b"RIFF")


def test_no_sample_is_beyond_full_scale() -> None:
    """Loud samples are limited and do not wrap around."""
    loud = np.full(RATE // 10, 1.0, np.float32)
    pcm = np.frombuffer(b"".join(open_encoder("pcm_s16le", 24000).encode(loud)), "<i2")

    assert pcm.min() > 32000
