"""MP3 as time: counts the frames of MPEG audio layer III as their bytes arrive."""

from __future__ import annotations

from collections import deque


# An encoder delays sound by about 1,100 samples: what is heard at a time lies two frames later in the stream.
_LATE_FRAMES = 2
# Frames remembered, more than half an hour: what is confirmed later than that is confirmed without a place.
_MOST_FRAMES = 1 << 16
# The name of a tag frame stands behind the side information, 32 bytes at the most.
_TAG_WITHIN = 40


class Mp3Frames:
    """MPEG audio layer III, frame by frame (ISO/IEC 11172-3 and 13818-3, 2.4.2.3 headers)."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._length = 0
        self._header = b""
        self._rest = 0  # bytes of the current frame still to come
        self._ends: deque[tuple[float, int]] = deque(maxlen=_MOST_FRAMES)  # seconds since begin, offset
        self._time = self._duration = 0.0
        self._lost = False
        self._first: bytes | None = b""  # the start of a session's first frame, which may be a tag

    def begin(self, offset: int) -> None:
        """The utterance begins here; a frame that is under way goes on."""
        self._length = offset
        self._ends.clear()
        self._time = self.seconds = 0.0

    def feed(self, chunk: bytes) -> None:
        """Count the frames that end in the chunk."""
        position = 0
        while position < len(chunk) and not self._lost:
            if self._rest:
                step = min(self._rest, len(chunk) - position)
                if self._first is not None and len(self._first) < _TAG_WITHIN:
                    self._first += chunk[position : position + step]
                self._rest -= step
                position += step
                self._length += step
                if not self._rest:
                    self._end_frame()
            else:
                position += 1
                self._length += 1
                self._header += chunk[position - 1 : position]
                if len(self._header) == 4:
                    self._begin_frame()
        self._length += len(chunk) - position

    def _begin_frame(self) -> None:
        frame = _frame(self._header)
        self._header = b""
        if frame is None:
            # Tags, or no MPEG audio at all: what time it is, nobody knows from here on.
            self._lost = True
            self.seconds = 0.0
            return
        size, self._duration = frame
        self._rest = size - 4

    def _end_frame(self) -> None:
        tag, self._first = self._first, None
        if tag is not None and any(name in tag[:_TAG_WITHIN] for name in (b"Xing", b"Info")):
            return  # what encoders write about the file in a frame of its own: no sound
        self._time += self._duration
        self._ends.append((self._time, self._length))
        if len(self._ends) < _MOST_FRAMES:
            self.seconds = max(0.0, self._time - _LATE_FRAMES * self._duration)

    def offset(self, seconds: float) -> int | None:
        """The end of the frame in which, with the encoder's delay, the sound of that time ends."""
        if self._lost or len(self._ends) == _MOST_FRAMES:
            return None
        while len(self._ends) > 1 and self._ends[0][0] < seconds:
            self._ends.popleft()  # times are asked for in ascending order
        late = seconds + (_LATE_FRAMES - 0.5) * self._duration
        return next((offset for time, offset in self._ends if time >= late), None)

    def broken(self) -> int:
        """What is missing to the frame under way."""
        if not self._header:
            return self._rest
        missing = 4 - len(self._header)
        frame = _frame(self._header + bytes(1)) if missing == 1 else None
        return missing + (frame[0] - 4 if frame else 0)

    def restart(self, offset: int) -> None:
        """A new session's frames begin here."""
        self._header, self._rest, self._lost, self._first = b"", 0, False, b""
        self.begin(offset)


_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBPS_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _frame(header: bytes) -> tuple[int, float] | None:
    """Size in bytes and duration in seconds of the layer III frame with this header; None if it is none."""
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
