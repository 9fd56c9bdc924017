"""Existing MP3: its sample rate, and how much of it consists of whole frames."""

from __future__ import annotations

from collections.abc import Iterable

from .mp3_frames import _frame


_HEADER = 4  # bytes in a frame's header
_ID3V2_HEADER = 10
_ID3V1 = 128  # bytes in a whole tag


def sample_rate_of(head: bytes) -> int | None:
    """Return the sample rate of the first frame; None unless one is found at the start or after a tag."""
    tag = _unit(head, 0) if head.startswith(b"ID3") else None
    start = 0 if tag is None else tag[0]
    header = head[start : start + _HEADER]
    frame = _frame(header) if len(header) == _HEADER else None
    if frame is None:
        return None
    samples = 1152 if header[1] >> 3 & 3 == 3 else 576  # MPEG-1, otherwise 2 or 2.5
    return round(samples / frame[1])


def whole_frames(content: Iterable[bytes], size: int) -> tuple[int, float] | None:
    """Return the end of the last frame or tag that is complete within `size` bytes, and the seconds up to it.

    None if there is anything else in between.
    """
    end = 0
    seconds = 0.0
    window = b""  # the bytes after `end`
    for block in content:
        window += block
        at = 0
        while len(window) - at >= _HEADER and end + at < size:
            unit = _unit(window, at)
            if unit is None:
                return None
            if end + at + unit[0] > size:
                return end + at, seconds
            if at + unit[0] > len(window):
                break
            at += unit[0]
            seconds += unit[1]
        end += at
        window = window[at:]
    return end, seconds


def _unit(data: bytes, at: int) -> tuple[int, float] | None:
    """Return the bytes and seconds of the frame or tag that begins here; None if there is neither."""
    if data.startswith(b"ID3", at):
        length = data[at + 6 : at + _ID3V2_HEADER]
        if len(length) < 4:
            return _ID3V2_HEADER, 0.0
        # Four times seven bits (ID3v2.4, 6.2).
        return _ID3V2_HEADER + (length[0] << 21 | length[1] << 14 | length[2] << 7 | length[3]), 0.0
    if data.startswith(b"TAG", at):
        return _ID3V1, 0.0
    return _frame(data[at : at + _HEADER])
