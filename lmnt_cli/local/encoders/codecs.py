"""The encoders, by format. PyAV resamples and encodes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext

from ..speech.hibari_engine import RATE
from .base import Encoder
from .containers import Aac, WebM


class Plain(Encoder):
    """PCM and µ-law: a fixed number of bytes per sample, after an optional header."""

    def __init__(self, codec: str, width: int, rate: int, header: bytes = b"") -> None:
        super().__init__()
        self._codec_name, self._width, self._rate = codec, width, rate
        self._header = header
        self._given = 0
        self._skipped = 0.0
        self._codec = _codec(codec, rate)

    @property
    def audible(self) -> float:
        return self._given / self._rate

    @property
    def next_start(self) -> float:
        # Rounded down to a whole sample, or `flush_with_silence` would never end.
        return int(self._taken * self._rate / RATE) / self._rate - self._skipped

    def drop_pending(self) -> None:
        self._skipped += self.next_start - self.audible
        self._codec = _codec(self._codec_name, self._rate)

    def _encode(self, frame: av.AudioFrame) -> list[bytes]:
        pieces = [bytes(packet) for packet in self._codec.encode(frame)]
        self._given += sum(map(len, pieces)) // self._width
        header, self._header = self._header, b""
        return [header, *pieces]


class Mp3(Encoder):
    """Layer III frames of 576 samples, no ID3, no Xing header; 96 kbps, 64 at 8 kHz (LAME's limit)."""

    _FRAME = 576
    # The delays of LAME and of the decoder, which no header tells the decoder to remove.
    _DELAY = 576 + 529

    def __init__(self, rate: int) -> None:
        super().__init__()
        self._rate = rate
        self._frames = 0
        self._skipped = 0.0
        self._codec = self._new_codec()

    def _new_codec(self) -> AudioCodecContext:
        codec = _codec("libmp3lame", self._rate, "fltp", 64000 if self._rate == 8000 else 96000)
        codec.options = {"compression_level": "7"}  # half the CPU of the default; good enough for this voice
        return codec

    @property
    def audible(self) -> float:
        return self._frames * self._FRAME / self._rate

    @property
    def next_start(self) -> float:
        return self._taken / RATE + self._DELAY / self._rate - self._skipped

    def drop_pending(self) -> None:
        self._codec = self._new_codec()
        self._skipped = self._taken / RATE - self.audible

    def _encode(self, frame: av.AudioFrame) -> list[bytes]:
        pieces = [bytes(packet) for packet in self._codec.encode(frame)]
        self._frames += len(pieces)
        return pieces


_ENCODERS: dict[str, Callable[[int], Encoder]] = {
    "mp3": Mp3,
    "pcm_s16le": lambda rate: Plain("pcm_s16le", 2, rate),
    "pcm_f32le": lambda rate: Plain("pcm_f32le", 4, rate),
    "ulaw": lambda rate: Plain("pcm_mulaw", 1, rate, ulaw_header(rate)),
    "webm": WebM,
    "aac": Aac,
}


def open_encoder(format_: str, rate: int) -> Encoder:
    """Return a new encoder for the service's name of a format."""
    return _ENCODERS[format_](rate)


def ulaw_header(rate: int) -> bytes:
    """Return a WAV header for µ-law of unknown length, with the largest sizes."""
    unknown = 0xFFFFFFFF
    fmt = struct.pack("<4sIHHIIHHH", b"fmt ", 18, 7, 1, rate, rate, 1, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, unknown)
    return b"RIFF" + struct.pack("<I", unknown) + b"WAVE" + fmt + fact + struct.pack("<4sI", b"data", unknown)


def _codec(name: str, rate: int, sample_format: str | None = None, bit_rate: int = 0) -> AudioCodecContext:
    codec = cast(AudioCodecContext, av.CodecContext.create(name, "w"))
    codec.sample_rate = rate
    codec.layout = "mono"
    codec.format = sample_format or {"pcm_f32le": "flt"}.get(name, "s16")
    if bit_rate:
        codec.bit_rate = bit_rate
    return codec
