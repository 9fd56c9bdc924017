"""The text between two flushes: sent, then given times, then heard.

Word times are matched to the text in order. At the first doubt (a token that is not what was sent, a time
that falls) no more of the utterance is confirmed by them: the utterance is the unit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice, zip_longest

from ..text.segmenter import MAX_CHARS, has_word
from .messages import Token


@dataclass(frozen=True)
class Timed:
    """A piece of text and the second, from the utterance's start, at which it has been spoken."""

    text: str
    end: float


# Times are decimal fractions: what is the same to the millisecond is the same.
_TOLERANCE = 0.001
# Scripts written without spaces between words: Thai and Lao, Burmese, Khmer, Chinese and Japanese. Not a
# pattern: compiling it would cost every start two milliseconds.
_SPACELESS = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u2e80", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\uff00", "\uffef"),
    ("\U00020000", "\U0003ffff"),
)
# Times that end so much earlier than the audio, in seconds, have not all come.
_TRAILING = 0.25


@dataclass
class Utterance:
    """Text that was sent. `nonce` is None while no flush has followed it.

    `size` is the bytes not confirmed, `has_words` whether any word was ever in it, `ended` that no text will
    be added. `texts` is None once the text was let go, which ends all matching.
    """

    texts: deque[str] | None = field(default_factory=deque)
    size: int = 0
    has_words: bool = False
    nonce: int | None = None
    ended: bool = False
    audio_bytes: int = 0
    _timed: deque[Timed] = field(default_factory=deque)
    _last_end: float = 0.0
    _in_step: bool = True

    def add(self, text: str, size: int) -> None:
        """Take text that was just sent; `size` is its bytes."""
        self.size += size
        self.has_words = self.has_words or has_word(text)
        if self.texts is None:
            return
        if self.texts and len(self.texts[-1]) + len(text) <= MAX_CHARS:
            # A text a byte long must not cost fifty in memory.
            self.texts[-1] += text
        else:
            self.texts.append(text)

    def let_go(self) -> None:
        """Keep the counts only."""
        self.texts = None
        self._timed.clear()

    def match_token(self, token: Token) -> None:
        """Give the next of the text its time."""
        if token.start < self._last_end - _TOLERANCE or token.duration < 0:
            self._in_step = False
            return
        self._last_end = token.start + token.duration
        spoken = token.text.strip()
        if not spoken or not self._in_step or self.texts is None:
            return  # a silence, or the space between words, which goes with the next word; or a lost step
        text = self._take(spoken)
        if text is None:
            self._in_step = False
            return
        self._timed.append(Timed(text, self._last_end))

    def _take(self, spoken: str) -> str | None:
        """The next text up to the end of what was spoken; None if it is something else."""
        assert self.texts is not None, "asked by match"
        front = ""
        while self.texts:
            front += self.texts.popleft()
            start = len(front) - len(front.lstrip())
            if len(front) - start >= len(spoken):
                break
        start = len(front) - len(front.lstrip())
        if front.startswith(spoken, start):
            end = start + len(spoken)
            if front[end:]:
                self.texts.appendleft(front[end:])
            return front[:end]
        if front:
            self.texts.appendleft(front)
        return None

    def take_spoken(self, seconds: float) -> list[Timed]:
        """The pieces spoken within so many seconds, oldest first; they are no longer the utterance's.

        Whole words only: up to a piece behind which white space follows, or the utterance's end.
        """
        whole = 0
        followers = zip_longest(self._timed, islice(self._timed, 1, None))
        for count, (piece, follower) in enumerate(followers, 1):
            if piece.end > seconds:
                break
            if self._ends_word(piece, follower):
                whole = count
        pieces = [self._timed.popleft() for _ in range(whole)]
        self.size -= sum(len(piece.text.encode()) for piece in pieces)
        return pieces

    def _ends_word(self, piece: Timed, follower: Timed | None) -> bool:
        if any(first <= piece.text[-1] <= last for first, last in _SPACELESS):
            return True
        if follower is not None:
            return follower.text[0].isspace()
        if self.texts:
            return self.texts[0][:1].isspace()
        return self.ended

    def timed_whole(self, seconds: float) -> bool:
        """Whether the times of all of it have come, by its text or, out of step, by its length in seconds."""
        if self._in_step and self.texts is not None:
            return not any(has_word(text) for text in self.texts)
        return self._last_end >= seconds - _TRAILING

    @property
    def owed(self) -> list[str]:
        """The text not confirmed, in order; nothing if it was let go."""
        return [piece.text for piece in self._timed] + list(self.texts or ())

    @property
    def owes_words(self) -> bool:
        """Whether a word in it is not confirmed."""
        if self.texts is None:
            return self.has_words
        return any(has_word(text) for text in self.owed)
