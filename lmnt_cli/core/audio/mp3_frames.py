"""MP3 as time: counts the frames of MPEG audio layer III as their bytes arrive."""

from __future__ import annotations

import functools

from .mp3_runs import FrameEnds


# An encoder delays sound by about 1,100 samples, so sound is found two frames later in the stream.
_LATE_FRAMES = 2
# Encoders store information about the file in a frame of its own: one of these names follows its side
# information.
_TAG_NAMES = (b"Xing", b"Info")
_TAG_INITIALS = (b"X", b"I")
_TAG_END = 4 + 2 + 32 + 4  # header, checksum, side information, name: the longest of each
# Tags that may appear in place of a frame: ID3v2 (10 bytes of header) and ID3v1 (128 bytes in all).
_ID3V2, _ID3V2_HEADER = b"ID3", 10
_ID3V1, _ID3V1_SIZE = b"TAG", 128


class Mp3Frames:
    """A timeline of MPEG audio layer III, frame by frame (ISO/IEC 11172-3 and 13818-3, 2.4.2.3 headers).

    Tags take no time and are not sound. Anything that is neither a frame nor a tag stops the counting until
    `restart`: times within the utterance are then unknown, and the length of the output is estimated from
    `bytes_per_second`.
    """

    tells_time = True

    def __init__(self, bytes_per_second: int) -> None:
        self.seconds = self.began_at = 0.0
        self.sounds = False
        self._bytes_per_second = bytes_per_second
        self._second = 0.0  # end of the last frame, in seconds of the output
        self._length = 0
        self._header = b""
        self._skip = 0  # bytes of the current tag still to come
        self._rest = 0  # bytes of the current frame still to come
        self._ends = FrameEnds()  # of the current utterance
        self._duration = 0.0
        self._lost = False
        self._start = b""  # of the current frame, which may be an encoder's tag

    def begin(self) -> None:
        """Begin the next utterance; a frame in progress is its first."""
        self.began_at = self._second
        self._ends.clear()
        self.seconds = 0.0
        self.sounds = False

    def feed(self, chunk: bytes) -> None:
        """Count the frames that end in the chunk."""
        position = 0
        while position < len(chunk) and not self._lost:
            position += self._take_frames(chunk, position) or self._step(chunk, position)
        self._length += len(chunk) - position
        if self._lost and position < len(chunk):
            self._second += (len(chunk) - position) / self._bytes_per_second
            self.sounds = True  # not MP3 as we know it, so assume sound

    def _take_frames(self, chunk: bytes, position: int) -> int:
        """Count the run of whole frames with the same header that starts here; return its length in bytes.

        If the first one is cut off or holds an encoder's tag, begin it and return the length of its header.
        Audio contains thousands of frames, so they are not examined one by one: each byte of the header is
        compared across all of them at once.
        """
        header = chunk[position : position + 4]
        if self._skip or self._rest or self._header or len(header) < 4:
            return 0
        frame = _frame(header)
        if frame is None:
            return 0
        size, self._duration = frame
        count = _count_alike(chunk, position, size)
        if not count:
            self._begin_frame(header, size)
            self._length += len(header)
            return len(header)
        self._length += count * size
        self._end_frames(count, size)
        return count * size

    def _step(self, chunk: bytes, position: int) -> int:
        """Take the bytes of a tag or of a frame, or one byte of a header; return how many."""
        if self._skip:
            step = min(self._skip, len(chunk) - position)
            self._skip -= step
            self._length += step
        elif self._rest:
            step = min(self._rest, len(chunk) - position)
            if len(self._start) < _TAG_END:
                self._start += chunk[position : position + min(step, _TAG_END)]
            self._rest -= step
            self._length += step
            if not self._rest:
                self._end_frame()
        else:
            self._header += chunk[position : position + 1]
            self._read_header()
            step = 0 if self._lost else 1
            self._length += step
        return step

    def _read_header(self) -> None:
        """Identify what begins here, once that is clear: a frame, a tag, or neither."""
        header = self._header
        if header.startswith(_ID3V2):
            if len(header) == _ID3V2_HEADER:
                self._skip = sum((byte & 127) << 7 * place for place, byte in enumerate(header[:5:-1]))
                self._header = b""
        elif header == _ID3V1:
            self._skip, self._header = _ID3V1_SIZE - len(header), b""
        elif len(header) == 4:
            self._header = b""
            if (frame := _frame(header)) is None:
                self._lose()
                return
            size, self._duration = frame
            self._begin_frame(header, size)
        elif not (_ID3V2.startswith(header) or _ID3V1.startswith(header) or _may_begin_frame(header)):
            self._lose()

    def _begin_frame(self, header: bytes, size: int) -> None:
        self._start, self._rest = header, size - len(header)

    def _lose(self) -> None:
        self._lost = True
        self._header = b""
        self.seconds = 0.0

    def _end_frame(self) -> None:
        if not self._start.startswith(_TAG_NAMES, _side_information_end(self._start)):
            frame = _frame(self._start[:4])
            assert frame is not None, "checked by _begin_frame"
            self._end_frames(1, frame[0])

    def _end_frames(self, count: int, size: int) -> None:
        """Count frames of sound that end with the last byte taken."""
        self.sounds = True
        self._ends.add(self._length - count * size, size, self._duration, count)
        self._second = self.began_at + self._ends.second
        if not self._ends.full:
            self.seconds = max(0.0, self._ends.second - _LATE_FRAMES * self._duration)

    def place(self, seconds: float) -> tuple[int, float] | None:
        """Return the end of the frame that contains, given the encoder's delay, the sound up to this time."""
        if self._lost or self._ends.full:
            return None
        self._ends.forget(seconds)  # times are requested in ascending order
        found = self._ends.first_at(seconds + (_LATE_FRAMES - 0.5) * self._duration)
        return None if found is None else (found[0], self.began_at + found[1])

    def broken(self) -> int:
        """Return how many bytes of the current frame are missing."""
        if not self._header:
            return self._rest
        missing = 4 - len(self._header)
        frame = _frame(self._header + bytes(1)) if missing == 1 else None
        return missing + (frame[0] - 4 if frame else 0)

    def end(self) -> float:
        return self._second + (self._duration if self._rest else 0.0)

    def restart(self, offset: int, second: float) -> None:
        self._header, self._skip, self._rest, self._lost = b"", 0, 0, False
        self._length, self._second = offset, second
        self.begin()


def _count_alike(chunk: bytes, position: int, size: int) -> int:
    """Return how many whole frames of this size share the header found here, up to an encoder's tag."""
    count = (len(chunk) - position) // size
    if not count:
        return 0
    for start in range(position, position + 4):
        column = chunk[start : position + count * size : size]
        count -= len(column.lstrip(column[:1]))
    name = position + _side_information_end(chunk[position : position + 4])
    if name + 4 > position + size:
        return count
    column = chunk[name : position + count * size : size]
    for initial in _TAG_INITIALS:
        found = column.find(initial)
        while found >= 0:
            if chunk.startswith(_TAG_NAMES, name + found * size):
                count = min(count, found)
            found = column.find(initial, found + 1)
    return count


def _may_begin_frame(header: bytes) -> bool:
    return header[:1] == b"\xff" and (len(header) < 2 or header[1] >> 5 == 7)


def _side_information_end(frame: bytes) -> int:
    mpeg1, checked, mono = frame[1] & 8, not frame[1] & 1, frame[3] >> 6 == 3
    size = (17 if mono else 32) if mpeg1 else (9 if mono else 17)
    return 4 + 2 * checked + size


_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBPS_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


@functools.lru_cache(maxsize=64)
def _frame(header: bytes) -> tuple[int, float] | None:
    """Return a layer III frame's size in bytes and its duration in seconds; None for another header."""
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if header[0] != 0xFF or header[1] >> 5 != 7 or version == 1 or layer != 1:
        return None
    if bitrate in (0, 15) or rate == 3:
        return None
    sample_rate = _SAMPLE_RATES[version][rate]
    kbps = (_KBPS_MPEG1 if version == 3 else _KBPS_MPEG2)[bitrate]
    samples = 1152 if version == 3 else 576
    return samples // 8 * kbps * 1000 // sample_rate + padding, samples / sample_rate
