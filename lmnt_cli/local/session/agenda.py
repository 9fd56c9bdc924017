"""What a session is to say and to answer next, in order.

Rule 1: everything a reset, a flush and a finish mean for text not yet spoken is in this file.
Rule 2: no clock, no socket; the session asks `next()` and does what it says.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ..requests import ErrorType, Finish, Flush, Refused, Request, Reset, Text
from ..speech.sentences import SentenceSplitter


# What a flush that waits counts as, so that a flood of them is bounded like a flood of text.
_WEIGHT = 256


@dataclass(frozen=True)
class Say:
    """Speak this stretch of text."""

    text: str


@dataclass(frozen=True)
class AnswerFlush:
    """All text before this flush has been handed out."""

    nonce: int | None


@dataclass(frozen=True)
class AnswerReset:
    """Text before this reset has been dropped."""

    nonce: int


@dataclass(frozen=True)
class Close:
    """There is nothing more to say, ever."""


Step = Say | AnswerFlush | AnswerReset | Close


@dataclass
class _Stretch:
    """Text up to what ends it; nothing ends it yet while `end` is None."""

    text: SentenceSplitter = field(default_factory=SentenceSplitter)
    end: AnswerFlush | AnswerReset | Close | None = None


class Agenda:
    """Takes requests, gives acts. `held` is what waits: characters, and some for each flush."""

    def __init__(self, *, silent_reset: bool = False, strict_finish: bool = False) -> None:
        """`silent_reset`: no answer to a flush that a reset overtook. `strict_finish`: see `take`."""
        self._silent_reset = silent_reset
        self._strict_finish = strict_finish
        self._stretches: deque[_Stretch] = deque([_Stretch()])
        self.finished = False
        self.held = 0

    def add(self, request: Request) -> None:
        """Take a request. After `Finish` all but a reset is ignored; if strict, it raises `Refused`."""
        match request:
            case Reset(nonce):
                self._reset(nonce)
            case _ if self.finished:
                if self._strict_finish:
                    raise Refused(ErrorType.INVALID_REQUEST, "Nothing can follow 'finish'")
            case Text(text):
                self._stretches[-1].text.add(text)
                self.held += len(text)
            case Flush(nonce):
                self._close(AnswerFlush(nonce))
            case Finish():
                self.finished = True
                self._close(Close())

    def take_next(self) -> Step | None:
        """Return what is to be done next, or None until more is asked for."""
        first = self._stretches[0]
        before = first.text.held
        text = first.text.take(final=first.end is not None)
        self.held -= before - first.text.held
        if text is not None:
            return Say(text)
        if first.end is None:
            return None
        self._stretches.popleft()
        self.held -= _WEIGHT
        return first.end

    def _close(self, end: AnswerFlush | AnswerReset | Close) -> None:
        self._stretches[-1].end = end
        self._stretches.append(_Stretch())
        self.held += _WEIGHT

    def _reset(self, nonce: int) -> None:
        """Drop all text; flushes pending now are still answered, then the reset, then a finish."""
        ends = [stretch.end for stretch in self._stretches if stretch.end is not None]
        overtaken = (Close, AnswerFlush) if self._silent_reset else (Close,)
        answers = [end for end in ends if not isinstance(end, overtaken)]
        rest = [end for end in ends if isinstance(end, Close)]
        answers.append(AnswerReset(nonce))
        self._stretches = deque(_Stretch(end=end) for end in answers + rest)
        self._stretches.append(_Stretch())
        self.held = _WEIGHT * len(answers + rest)
