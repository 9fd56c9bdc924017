"""RIFF/WAVE headers: the one made for `wav`, those the service repeats in `ulaw`, and their sizes.

A container takes the service's audio and returns the bytes to write. The length is unknown when a header is
written to a pipe; players accept 0x7FFFF000 without complaint.
"""

from __future__ import annotations

import struct
from typing import Protocol

from .formats import AudioFormat


UNKNOWN_LENGTH = 0x7FFFF000
_LONGEST_HEADER = 4096


class Container(Protocol):
    """Converts the service's audio to the bytes written.

    `header` is the length of the header in the bytes written, 0 until there is one.
    """

    header: int

    def feed(self, audio: bytes) -> bytes:
        """Take audio; return the bytes to write now."""
        ...

    def boundary(self) -> bytes:
        """Record that a flush is complete and a header may follow. Return the bytes that were held back."""
        ...

    def restart(self) -> None:
        """Record that audio of another session follows, possibly with a header of its own."""
        ...

    def patches(self, written: int) -> list[tuple[int, bytes]]:
        """Return what to overwrite, as (offset from our first byte, data), if `written` bytes are all."""
        ...


def container_of(audio_format: AudioFormat, sample_rate: int, header: bytes | None = None) -> Container:
    """Return a new container for the format, or one that continues an output with this header."""
    match audio_format:
        case AudioFormat.WAV:
            return WavMaker(sample_rate, header)
        case AudioFormat.ULAW:
            return SingleHeader(header)
        case _:
            return Unchanged()


class Unchanged:
    """Passes audio through unchanged."""

    header = 0

    def feed(self, audio: bytes) -> bytes:
        return audio

    def boundary(self) -> bytes:
        return b""

    def restart(self) -> None:
        pass

    def patches(self, written: int) -> list[tuple[int, bytes]]:  # noqa: ARG002 - the protocol's signature
        return []


class WavMaker:
    """Prepends a WAVE header to 16-bit PCM when the first audio arrives."""

    def __init__(self, sample_rate: int, header: bytes | None = None) -> None:
        self.header = len(header or b"")
        self._header = _pcm_header(sample_rate)

    def feed(self, audio: bytes) -> bytes:
        if self.header or not audio:
            return audio
        self.header = len(self._header)
        return self._header + audio

    def boundary(self) -> bytes:
        return b""

    def restart(self) -> None:
        pass

    def patches(self, written: int) -> list[tuple[int, bytes]]:
        return _sizes(self.header, written) if self.header else []


class SingleHeader:
    """Passes the first header through and drops every later one, even if split across messages.

    A header is only looked for right after a boundary: audio may contain the same four letters.
    """

    def __init__(self, header: bytes | None = None) -> None:
        self._looking = True
        self._held = b""
        self.header = len(header or b"")
        self._fact = _fact_offset(header or b"")
        self._is_first = header is None

    def feed(self, audio: bytes) -> bytes:
        """Return the audio without a repeated header; the first bytes wait until they are identified."""
        if not self._looking or not audio:
            return audio
        self._held += audio
        length = header_length(self._held)
        if length is None:
            return b""
        return self._release(length)

    def boundary(self) -> bytes:
        """Look for a header again; return the bytes that were held as a possible header, which are audio."""
        held = self._release(0)
        self._looking = True
        return held

    def restart(self) -> None:
        """Look for a header again; discard the bytes held of the lost session."""
        self._held = b""
        self._looking = True

    def patches(self, written: int) -> list[tuple[int, bytes]]:
        return _sizes(self.header, written, self._fact) if self.header else []

    def _release(self, length: int) -> bytes:
        """Return the bytes held, without their header of this length unless it is the first."""
        held, self._held = self._held, b""
        self._looking = False
        if not self._is_first or not held:
            return held[length:]
        self._is_first = False
        self.header = length
        if not length:
            return held
        # The service cannot know the sizes, and its placeholder (149 hours) is not what players expect.
        self._fact = _fact_offset(held[:length])
        return endless(held[:length]) + held[length:]


def header_length(data: bytes) -> int | None:
    """Return the length of the RIFF/WAVE header at the start of `data`: 0 for none, None if not clear yet."""
    if not (data[:4] == b"RIFF"[: len(data)] and data[8:12] == b"WAVE"[: max(0, len(data) - 8)]):
        return 0
    position = 12
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        if name == b"data":
            return position + 8
        position += 8 + size + size % 2
    return None if position <= _LONGEST_HEADER else 0


def _pcm_header(sample_rate: int) -> bytes:
    # Microsoft and IBM, Multimedia Programming Interface 1.0: format 1, one channel, 16 bits.
    layout = struct.pack("<HHIIHH", 1, 1, sample_rate, 2 * sample_rate, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", UNKNOWN_LENGTH + 36, b"WAVE")
        + struct.pack("<4sI", b"fmt ", len(layout))
        + layout
        + struct.pack("<4sI", b"data", UNKNOWN_LENGTH)
    )


def endless(header: bytes) -> bytes:
    """Return the header with its sizes set for audio of unknown length; b"" for no header."""
    if not header:
        return b""
    return _patched(header, _sizes(len(header), len(header) + UNKNOWN_LENGTH, _fact_offset(header)))


def _fact_offset(header: bytes) -> int | None:
    """Return the offset of the number of samples in a header; None if it has none."""
    position = 12
    while position + 12 <= len(header):
        name, size = struct.unpack_from("<4sI", header, position)
        if name == b"fact" and size >= 4:
            return position + 8
        position += 8 + size + size % 2
    return None


def _patched(data: bytes, patches: list[tuple[int, bytes]]) -> bytes:
    patched = bytearray(data)
    for offset, new in patches:
        patched[offset : offset + len(new)] = new
    return bytes(patched)


def _sizes(header: int, written: int, fact: int | None = None) -> list[tuple[int, bytes]]:
    """Return the patches that set a header's sizes for `written` bytes. A sample of µ-law is one byte."""
    if not header <= written <= 0xFFFFFFFF + 8:
        # The header is incomplete, or the size exceeds the format's limit: players then read to the end.
        return []
    audio = struct.pack("<I", written - header)
    sizes = [(4, struct.pack("<I", written - 8)), (header - 4, audio)]
    return sizes if fact is None else [*sizes, (fact, audio)]
