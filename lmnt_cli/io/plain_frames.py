"""Finds audio in the bytes of a WebSocket: frames that are a whole binary message.

Almost all bytes of a session are in such frames, and parsing each of them takes the library longer than
everything else. All other frames, and any that might violate RFC 6455, are left to the library unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator


# FIN and opcode 2, without reserved bits: a whole binary message (RFC 6455, 5.2).
_WHOLE_BINARY = 0x82
_FIN, _OPCODE, _MASKED = 0x80, 0x0F, 0x80
_CONTINUATION, _TEXT, _BINARY = 0, 1, 2
# A larger frame is left to the library, which receives it piece by piece.
_LARGEST = 1 << 16
# The header of most audio: a whole binary message whose size is in the next two bytes.
_USUAL, _USUAL_HEADER = b"\x82\x7e", 4


class PlainFrames:
    """Splits received bytes. `rest` is the beginning of a frame that is not decided yet, at most 64 KiB."""

    def __init__(self) -> None:
        self.rest = b""
        self._left = 0  # how many bytes of a frame for the library are still to come
        self._fragmented = False  # whether a fragmented message is under way, in which audio is a violation

    def split(self, data: bytes) -> Iterator[tuple[bool, memoryview]]:
        """Yield the audio of whole frames as (True, audio), and what is for the library as (False, bytes).

        To be consumed to the end.
        """
        header, size = _measure(self.rest, 0)
        missing = len(data) + 1 if header is None else header + size - len(self.rest)
        # Where to look next; the bytes from `start` on are not yielded yet.
        position = start = missing if missing <= len(data) else 0
        if position:
            yield True, memoryview(self.rest + data[:position])[header:]  # copies one frame at most
        else:
            data = self.rest + data
        view = memoryview(data)
        length = len(data)
        while position < length:
            if self._left:
                step = min(self._left, length - position)
                self._left -= step
                position += step
                continue
            if data.startswith(_USUAL, position) and position + _USUAL_HEADER <= length:
                header, size = _USUAL_HEADER, data[position + 2] << 8 | data[position + 3]
            else:
                header, size = _measure(data, position)
                if header is None:
                    break
            begin, end = position + header, position + header + size
            if data[position] == _WHOLE_BINARY and self._is_plain(data[position + 1], size):
                if end > length:
                    break
                if start < position:
                    yield False, view[start:position]
                yield True, view[begin:end]
                position = start = end
            else:
                self._leave(data[position])
                self._left = header + size
        if start < position:
            yield False, view[start:position]
        self.rest = data[position:]

    def _is_plain(self, second: int, size: int) -> bool:
        return not second & _MASKED and size <= _LARGEST and not self._fragmented

    def _leave(self, first: int) -> None:
        """Leave a frame with this first byte to the library."""
        opcode = first & _OPCODE
        if opcode in (_CONTINUATION, _TEXT, _BINARY):
            self._fragmented = not first & _FIN


def _measure(data: bytes, position: int) -> tuple[int | None, int]:
    """Return the sizes of a frame's header and payload; None if not all of the header has come."""
    if position + 2 > len(data):
        return None, 0
    size = data[position + 1] & 0x7F
    header = 2 if size < 126 else 4 if size == 126 else 10
    if position + header > len(data):
        return None, 0
    if header > 2:
        size = int.from_bytes(data[position + 2 : position + header])
    return header + (4 if data[position + 1] & _MASKED else 0), size
