"""What a session has to speak and to answer, in order.

Rule 1: the effects of reset, flush and finish on unspoken text are all decided here. Rule 2: no clock, no
socket; the session asks for the next step and carries it out.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ..requests import ErrorType, Finish, Flush, Refused, Request, Reset, Text
from ..speech.sentences import SentenceSplitter


# A pending flush counts as this many characters, so that a flood of flushes is bounded like a flood of text.
_WEIGHT = 256


@dataclass(frozen=True)
class Say:
    """Speak this stretch of text."""

    text: str


@dataclass(frozen=True)
class AnswerFlush:
    """Answer a flush: all text before it has been handed out."""

    nonce: int | None


@dataclass(frozen=True)
class AnswerReset:
    """Answer a reset: all text before it has been dropped."""

    nonce: int


@dataclass(frozen=True)
class Close:
    """Close the session: nothing is left to speak."""


Step = Say | AnswerFlush | AnswerReset | Close
Ending = AnswerFlush | AnswerReset | Close


@dataclass
class _Stretch:
    """Text, and the request that ends it; `end` is None while more text may arrive."""

    text: SentenceSplitter = field(default_factory=SentenceSplitter)
    end: Ending | None = None


class Agenda:
    """Turns requests into steps. `held` is the characters waiting, plus a weight for each flush."""

    def __init__(self, *, silent_reset: bool = False, strict_finish: bool = False) -> None:
        """With `silent_reset`, a flush pending at a reset is not answered. For `strict_finish` see `add`."""
        self._silent_reset = silent_reset
        self._strict_finish = strict_finish
        self._stretches: deque[_Stretch] = deque([_Stretch()])
        self.finished = False
        self.held = 0

    def add(self, request: Request) -> None:
        """Add a request. After `Finish` any but a reset is ignored or, if strict, raises `Refused`."""
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
                self._end_stretch(AnswerFlush(nonce))
            case Finish():
                self.finished = True
                self._end_stretch(Close())

    def take_next(self) -> Step | None:
        """Return the next step, or None until more requests are added."""
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

    def _end_stretch(self, end: Ending) -> None:
        self._stretches[-1].end = end
        self._stretches.append(_Stretch())
        self.held += _WEIGHT

    def _reset(self, nonce: int) -> None:
        """Drop all text. Pending flushes are still answered, then the reset, then a finish."""
        ends = [stretch.end for stretch in self._stretches if stretch.end is not None]
        dropped = (Close, AnswerFlush) if self._silent_reset else (Close,)
        answers = [end for end in ends if not isinstance(end, dropped)]
        closes = [end for end in ends if isinstance(end, Close)]
        answers.append(AnswerReset(nonce))
        self._stretches = deque(_Stretch(end=end) for end in answers + closes)
        self._stretches.append(_Stretch())
        self.held = _WEIGHT * len(answers + closes)
