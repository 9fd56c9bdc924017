"""Samples -> bytes of a format, as one continuous stream for a session.

PyAV resamples and encodes. What must be known of each format is how much of what went in can be heard
from what has come out: after `settle` all of it can, because silence is added until that is so (MP3 holds
back up to 0.1 s, Opus 0.04 s, resampling 1 ms, PCM at 24 kHz nothing).
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream

from .engine import RATE


if TYPE_CHECKING:
    from .engine import Samples


_SILENCE = np.zeros(RATE // 100, np.float32)


class Encoder(ABC):
    """One session's stream. Times are seconds of the stream as a decoder plays it."""

    def __init__(self) -> None:
        self._taken = 0

    def encode(self, samples: Samples) -> list[bytes]:
        """Take samples, return what is ready: pieces that a stream may be cut between."""
        return [piece for piece in self._encode(self._frame(samples)) if piece]

    def settle(self) -> list[bytes]:
        """Return what makes all samples taken so far audible."""
        pieces: list[bytes] = []
        ready = self.next
        while self.heard < ready:
            pieces += self.encode(_SILENCE)
        return pieces

    @property
    @abstractmethod
    def heard(self) -> float:
        """How much can be heard from the bytes returned so far."""

    @property
    @abstractmethod
    def next(self) -> float:
        """When the next sample taken will be heard."""

    @abstractmethod
    def cut(self) -> None:
        """Forget samples that were taken and are not in the bytes returned so far."""

    def _frame(self, samples: Samples) -> av.AudioFrame:
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="flt", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._taken
        self._taken += len(samples)
        return frame

    @abstractmethod
    def _encode(self, frame: av.AudioFrame) -> list[bytes]: ...


class Plain(Encoder):
    """PCM and µ-law: a fixed number of bytes per sample, after a header if there is one."""

    def __init__(self, codec: str, width: int, rate: int, header: bytes = b"") -> None:
        super().__init__()
        self._codec_name, self._width, self._rate = codec, width, rate
        self._header = header
        self._given = 0
        self._skipped = 0.0
        self._codec = _codec(codec, rate)

    @property
    def heard(self) -> float:
        return self._given / self._rate

    @property
    def next(self) -> float:
        # Rounded down to a whole sample, or waiting for it would never end.
        return int(self._taken * self._rate / RATE) / self._rate - self._skipped

    def cut(self) -> None:
        self._skipped += self.next - self.heard
        self._codec = _codec(self._codec_name, self._rate)

    def _encode(self, frame: av.AudioFrame) -> list[bytes]:
        pieces = [bytes(packet) for packet in self._codec.encode(frame)]
        self._given += sum(map(len, pieces)) // self._width
        header, self._header = self._header, b""
        return [header, *pieces]


class Mp3(Encoder):
    """Layer III frames of 576 samples, no ID3, no Xing header; 96 kbps, 64 at 8 kHz (LAME's limit)."""

    _FRAME = 576
    # LAME's own delay and the decoder's: no header tells a decoder to take them out.
    _DELAY = 576 + 529

    def __init__(self, rate: int) -> None:
        super().__init__()
        self._rate = rate
        self._frames = 0
        self._skipped = 0.0
        self._codec = self._new_codec()

    def _new_codec(self) -> AudioCodecContext:
        return _codec("libmp3lame", self._rate, "fltp", 64000 if self._rate == 8000 else 96000)

    @property
    def heard(self) -> float:
        return self._frames * self._FRAME / self._rate

    @property
    def next(self) -> float:
        return self._taken / RATE + self._DELAY / self._rate - self._skipped

    def cut(self) -> None:
        self._codec = self._new_codec()
        self._skipped = self._taken / RATE - self.heard

    def _encode(self, frame: av.AudioFrame) -> list[bytes]:
        pieces = [bytes(packet) for packet in self._codec.encode(frame)]
        self._frames += len(pieces)
        return pieces


class Muxed(Encoder):
    """A codec in a container that PyAV writes. The stream cannot be begun again."""

    def __init__(self, container: str, codec: str, rate: int, bit_rate: int, options: dict[str, str]) -> None:
        super().__init__()
        self._out = _Sink()
        self._packets = 0
        self._container = av.open(self._out, "w", format=container, container_options=options)
        self._stream = cast(AudioStream, self._container.add_stream(codec, rate=rate, layout="mono"))
        self._stream.bit_rate = bit_rate

    def cut(self) -> None:
        # What is inside runs out into packets that are not written.
        ready = self.next
        while self.heard < ready:
            self._packets += len(self._stream.encode(self._frame(_SILENCE)))

    def _encode(self, frame: av.AudioFrame) -> list[bytes]:
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
            self._packets += 1
        return [self._out.take()]


class WebM(Muxed):
    """Opus in WebM: one header, and a cluster for every packet, so that none waits for the next second."""

    _PACKET = 0.02

    def __init__(self, rate: int) -> None:
        options = {
            "live": "1",
            "flush_packets": "1",
            "cluster_time_limit": "20",
            "cluster_size_limit": "1",
        }
        super().__init__("webm", "libopus", rate, 32000, options)

    @property
    def heard(self) -> float:
        # The muxer keeps a packet until the next one comes, and the first one begins before time 0.
        return max(self._packets - 2, 0) * self._PACKET

    @property
    def next(self) -> float:
        return self._taken / RATE


class Aac(Muxed):
    """AAC with a header for each frame (ADTS)."""

    _FRAME = 1024

    def __init__(self, rate: int) -> None:
        super().__init__("adts", "aac", rate, 64000, {})
        self._rate = rate

    @property
    def heard(self) -> float:
        return self._packets * self._FRAME / self._rate

    @property
    def next(self) -> float:
        # The encoder begins with a frame of silence.
        return self._taken / RATE + self._FRAME / self._rate


class _Sink:
    """What the muxer writes to: it cannot seek."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken


_ENCODERS: dict[str, Callable[[int], Encoder]] = {
    "mp3": Mp3,
    "pcm_s16le": lambda rate: Plain("pcm_s16le", 2, rate),
    "pcm_f32le": lambda rate: Plain("pcm_f32le", 4, rate),
    "ulaw": lambda rate: Plain("pcm_mulaw", 1, rate, ulaw_header(rate)),
    "webm": WebM,
    "aac": Aac,
}


def open_encoder(format_: str, rate: int) -> Encoder:
    """Return a new stream in this format, by the name that the service has for it."""
    return _ENCODERS[format_](rate)


def ulaw_header(rate: int) -> bytes:
    """A WAV header for a stream of µ-law whose length is not known: the sizes are at their largest."""
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
