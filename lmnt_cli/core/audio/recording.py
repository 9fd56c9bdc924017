"""An unfinished recording from an earlier run: its format, and where audio can be appended."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from ...errors import UsageError
from ..value import replace
from .formats import NEW, AudioFormat, Start
from .mp3_scan import sample_rate_of, whole_frames
from .wav import header_length


# How much of a recording's beginning is needed to identify it: no header is longer.
HEAD = 4096 + 8

_SAMPLE = {AudioFormat.PCM_S16LE: 2, AudioFormat.WAV: 2, AudioFormat.PCM_F32LE: 4, AudioFormat.ULAW: 1}
# Format tag and bits per sample in the `fmt ` chunk: appended audio must match them.
_WAVE_KINDS = {AudioFormat.WAV: (1, 16), AudioFormat.ULAW: (7, 8)}
_EBML = b"\x1a\x45\xdf\xa3"


def continue_recording(
    audio_format: AudioFormat, sample_rate: int, head: bytes, size: int, content: Iterable[bytes]
) -> Start:
    """Return where audio can be appended: at the end of the last whole sample or frame.

    `head` is the first HEAD bytes of a recording of `size` bytes; `content` is all of it in blocks, read only
    as far as necessary. Raises UsageError if the recording has another format or sample rate.
    """
    header = _header(audio_format, sample_rate, head)
    if audio_format is AudioFormat.MP3:
        return _after_frames(sample_rate, content, size)
    end = size
    if header:
        # Another program may have written more after the audio. A length that was never patched exceeds the
        # file.
        (said,) = struct.unpack_from("<I", header, len(header) - 4)
        if 0 < said <= size - len(header):
            end = len(header) + said
    return _after_samples(audio_format, sample_rate, header, end)


def continue_at(
    offset: int, audio_format: AudioFormat, sample_rate: int, head: bytes, size: int, content: Iterable[bytes]
) -> Start:
    """Return where to append to a recording whose audio an earlier run confirmed up to `offset`.

    Raises UsageError if the recording is shorter than that, or has another format or sample rate.
    """
    header = _header(audio_format, sample_rate, head)
    if size < offset:
        raise UsageError(f"it has {size} bytes, but the saved text continues at byte {offset}")
    if offset <= len(header):
        return NEW
    if audio_format is AudioFormat.MP3:
        return replace(_after_frames(sample_rate, content, offset), length=offset)
    return replace(_after_samples(audio_format, sample_rate, header, offset), length=offset)


def _after_samples(audio_format: AudioFormat, sample_rate: int, header: bytes, end: int) -> Start:
    samples = (end - len(header)) // _SAMPLE[audio_format]
    return Start(len(header) + samples * _SAMPLE[audio_format], header, samples / sample_rate)


def _after_frames(sample_rate: int, content: Iterable[bytes], end: int) -> Start:
    whole = whole_frames(content, end)
    if whole is not None:
        return Start(whole[0], b"", whole[1])
    # If there is anything else between the frames, frame boundaries are unknown.
    return Start(end, b"", end / (AudioFormat.MP3.bytes_per_second(sample_rate) or 1))


def _header(audio_format: AudioFormat, sample_rate: int, head: bytes) -> bytes:
    """Return the header at the start of the recording, empty if there is none.

    Raises UsageError if the format or the sample rate differs. Raw audio can look like anything, so only
    definite mismatches are rejected.
    """
    if audio_format is AudioFormat.WEBM:
        raise UsageError("webm cannot be appended to")
    header = head[: header_length(head) or 0]
    if header and audio_format not in _WAVE_KINDS:
        raise UsageError(f"it is a WAVE file, not {audio_format.value}")
    if head.startswith(_EBML):
        raise UsageError(f"it is webm, not {audio_format.value}")
    if header:
        _check_kind(audio_format, sample_rate, header)
    elif audio_format is AudioFormat.WAV:
        raise UsageError("it is not a WAVE file")
    if audio_format is AudioFormat.MP3:
        _check_rate(sample_rate_of(head), sample_rate)
    return header


def _check_kind(audio_format: AudioFormat, sample_rate: int, header: bytes) -> None:
    at = header.find(b"fmt ")
    if at < 0 or at + 24 > len(header):
        raise UsageError(f"it is not {audio_format.value}")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", header, at + 8)
    if (tag, bits) != _WAVE_KINDS[audio_format] or channels != 1:
        samples = "pcm_s16le" if audio_format is AudioFormat.WAV else audio_format.value
        raise UsageError(f"it is a WAVE file, but its audio is not mono {samples}")
    _check_rate(rate, sample_rate)


def _check_rate(found: int | None, asked: int) -> None:
    if found not in (None, asked):
        raise UsageError(f"its sample rate is {found}, not {asked}")
