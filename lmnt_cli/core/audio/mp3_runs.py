"""The ends of an utterance's frames, in bytes and in seconds. Equal frames are stored as one run."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass


# The most runs that are stored. Speech at a constant bit rate is a single run. With a variable bit rate
# nearly every frame is a run, and this many last more than half an hour; text confirmed after that has no
# position in the audio.
_MOST_RUNS = 1 << 16


@dataclass(eq=False, repr=False)
class _Run:
    """Consecutive frames of the same size and duration, starting at an offset and a time."""

    offset: int
    second: float
    size: int
    duration: float
    count: int

    def end(self, number: int) -> tuple[int, float]:
        """Return the offset and the time, in seconds, at which frame `number` ends, counted from 1."""
        return self.offset + number * self.size, self.second + number * self.duration

    def first_at(self, second: float) -> int:
        """Return the number of the first frame, counted from 1, that ends at this time or later."""
        number = max(1, math.ceil((second - self.second) / self.duration))
        # The quotient is rounded; `end` decides.
        while number > 1 and self.end(number - 1)[1] >= second:
            number -= 1
        while self.end(number)[1] < second:
            number += 1
        return number


class FrameEnds:
    """The ends of all frames since `clear`.

    `second` is the end of the last frame; `full` is whether some frames have been forgotten for lack of
    space.
    """

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
        """Add consecutive frames, the first of which begins at this offset.

        The result does not depend on how many are added at once.
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
        """Forget the runs that end before this time, except the last."""
        while len(self._runs) > 1 and self._runs[0].end(self._runs[0].count)[1] < second:
            self._runs.popleft()

    def first_at(self, second: float) -> tuple[int, float] | None:
        """Return the end (offset and time) of the first frame that ends at or after this time, if any."""
        for run in self._runs:
            if run.end(run.count)[1] >= second:
                return run.end(run.first_at(second))
        return None
