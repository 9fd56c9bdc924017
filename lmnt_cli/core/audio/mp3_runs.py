"""Where the frames of an utterance end, in bytes and in seconds. Equal frames are kept as one run."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass


# Runs remembered. Speech at a constant bit rate is one; frames of changing size are one each, and so many of
# them last more than half an hour: what is confirmed later than that is confirmed without a place.
_MOST_RUNS = 1 << 16


@dataclass
class _Run:
    """Frames of the same size and duration that follow each other, from an offset and a second on."""

    offset: int
    second: float
    size: int
    duration: float
    count: int

    def end(self, number: int) -> tuple[int, float]:
        """Return the offset and the second at which so many frames have ended."""
        return self.offset + number * self.size, self.second + number * self.duration

    def first_at(self, second: float) -> int:
        """Return the number of the first frame, from 1, that ends at this second or later."""
        number = max(1, math.ceil((second - self.second) / self.duration))
        # The quotient is rounded; what counts is where the frames are said to end.
        while number > 1 and self.end(number - 1)[1] >= second:
            number -= 1
        while self.end(number)[1] < second:
            number += 1
        return number


class FrameEnds:
    """The ends of all frames since `clear`. `second` is that of the last, `full` says that some are lost."""

    def __init__(self) -> None:
        self.second = 0.0
        self.full = False
        self._runs: deque[_Run] = deque()

    def clear(self) -> None:
        """Forget all frames, and count seconds from here."""
        self._runs.clear()
        self.second = 0.0
        self.full = False

    def add(self, offset: int, size: int, duration: float, count: int) -> None:
        """Add frames that follow each other, the first of which begins at this offset.

        How many are added at once makes no difference.
        """
        run = self._runs[-1] if self._runs else None
        if run is None or (run.size, run.duration, run.end(run.count)[0]) != (size, duration, offset):
            run = _Run(offset, self.second, size, duration, 0)
            self._runs.append(run)
        run.count += count
        self.second = run.end(run.count)[1]
        if len(self._runs) > _MOST_RUNS:
            self._runs.popleft()
            self.full = True

    def forget(self, second: float) -> None:
        """Forget the runs that end before this second, but for the last."""
        while len(self._runs) > 1 and self._runs[0].end(self._runs[0].count)[1] < second:
            self._runs.popleft()

    def first_at(self, second: float) -> tuple[int, float] | None:
        """Return the end of the first frame that ends at this second or later, as offset and second.

        None if no frame does.
        """
        for run in self._runs:
            if run.end(run.count)[1] >= second:
                return run.end(run.first_at(second))
        return None
