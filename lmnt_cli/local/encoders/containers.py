"""Encoders with a container, written by PyAV: WebM and AAC."""

from __future__ import annotations

from typing import cast

import av
from av.audio.stream import AudioStream

from ..speech.hibari_engine import RATE
from .base import SILENCE, Encoder


class Muxed(Encoder):
    """A codec in a container. The stream cannot be restarted."""

    def __init__(self, container: str, codec: str, rate: int, bit_rate: int, options: dict[str, str]) -> None:
        super().__init__()
        self._out = _Sink()
        self._packets = 0
        self._container = av.open(self._out, "w", format=container, container_options=options)
        self._stream = cast(AudioStream, self._container.add_stream(codec, rate=rate, layout="mono"))
        self._stream.bit_rate = bit_rate

    def drop_pending(self) -> None:
        # Drain the codec into packets that are not written.
        ready = self.next_start
        while self.audible < ready:
            self._packets += len(self._stream.encode(self.make_frame(SILENCE)))

    def _encode(self, frame: av.AudioFrame) -> list[bytes]:
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
            self._packets += 1
        return [self._out.take()]


class WebM(Muxed):
    """Opus in WebM: one header, and a cluster for each packet, so that no packet waits for others."""

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
    def audible(self) -> float:
        # The muxer holds each packet until the next one, and the first packet starts before time 0.
        return max(self._packets - 2, 0) * self._PACKET

    @property
    def next_start(self) -> float:
        return self._taken / RATE


class Aac(Muxed):
    """AAC with a header for each frame (ADTS)."""

    _FRAME = 1024

    def __init__(self, rate: int) -> None:
        super().__init__("adts", "aac", rate, 64000, {})
        self._rate = rate

    @property
    def audible(self) -> float:
        return self._packets * self._FRAME / self._rate

    @property
    def next_start(self) -> float:
        # The encoder starts with a frame of silence.
        return self._taken / RATE + self._FRAME / self._rate


class _Sink:
    """A file for the muxer to write to, which cannot seek."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken
