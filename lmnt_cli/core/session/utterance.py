"""The text between two flushes: sent, then matched to word times, then spoken.

Word times are matched to the text in order. At the first doubt (a token that differs from the text sent, a
time that decreases, a word that ends at zero) no more of the utterance is confirmed by word times, and it is
confirmed as a whole. Only whole words are confirmed, so tokens are collected until white space follows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ..text.scripts import is_spaceless
from ..text.segmenter import MAX_CHARS, has_word
from .messages import Token


class Timed(NamedTuple):
    """A word with its surrounding marks, and when it ends, in seconds from the utterance's start."""

    text: str
    end: float


# Times are decimal fractions: equal to the millisecond is equal.
_TOLERANCE = 0.001
# If the last time is this many seconds before the end of the audio, more times are still to come.
_TRAILING = 0.25


@dataclass(eq=False, repr=False)
class Utterance:
    """Text that was sent, the run's `number`th utterance. `nonce` is None until a flush follows it.

    `size` is the unconfirmed bytes, `has_words` whether there ever was a word in it, `ended` whether no more
    text will be added. `texts` is None once the text was released, which ends all matching.
    """

    number: int = 1
    texts: deque[str] | None = field(default_factory=deque)
    size: int = 0
    has_words: bool = False
    nonce: int | None = None
    ended: bool = False
    _position: int = 0  # in the first of the texts; everything before it has a time
    _words: deque[Timed] = field(default_factory=deque)
    _begun: list[str] = field(default_factory=list)  # a word that may continue
    _begun_end: float = 0.0
    _last_end: float = 0.0
    _in_step: bool = True

    def add(self, text: str, size: int) -> None:
        """Take text that was just sent; `size` is its length in bytes."""
        self.size += size
        self.has_words = self.has_words or has_word(text)
        if self.texts is None:
            return
        if self.texts and len(self.texts[-1]) + len(text) <= MAX_CHARS:
            # Join short texts: a text of one byte would use fifty in memory.
            self.texts[-1] += text
        else:
            self.texts.append(text)

    @property
    def may_be_timed(self) -> bool:
        """Whether word times can still confirm its words."""
        return self._in_step and self.texts is not None and self.has_words

    @property
    def is_timed(self) -> bool:
        """Whether word times have come for it."""
        return self._last_end > 0

    def release(self) -> None:
        """Release the text and keep only the counts."""
        self.texts = None
        self._position = 0
        self._words.clear()
        self._begun.clear()

    def match_token(self, token: Token) -> None:
        """Assign the token's time to the next part of the text."""
        if token.start < self._last_end - _TOLERANCE or token.duration < 0:
            self._in_step = False
            return
        self._last_end = token.start + token.duration
        spoken = token.text.strip()
        if not spoken or not self._in_step or self.texts is None:
            return  # silence, or space between words, which belongs to the next word; or out of step
        if self._last_end <= 0 and has_word(spoken):
            self._in_step = False  # a word that takes no time was not spoken
            return
        text = self._take(spoken)
        if text is None:
            self._in_step = False
            return
        if self._begun and (text[0].isspace() or is_spaceless(self._begun[-1][-1])):
            self._end_word()
        self._begun.append(text)
        self._begun_end = self._last_end

    def _end_word(self) -> None:
        self._words.append(Timed("".join(self._begun), self._begun_end))
        self._begun.clear()

    def _take(self, spoken: str) -> str | None:
        """Take the next text up to the end of `spoken`; if the text differs, take nothing and return None."""
        assert self.texts is not None, "checked by match_token"
        if not self.texts:
            return None
        start = self._white_until()
        if len(self.texts[0]) - start < len(spoken) and len(self.texts) > 1:
            start = self._join(len(spoken))
        if not self.texts[0].startswith(spoken, start):
            return None
        text = self.texts[0][self._position : start + len(spoken)]
        self._position = start + len(spoken)
        if self._position == len(self.texts[0]):
            self.texts.popleft()
            self._position = 0
        return text

    def _white_until(self) -> int:
        """Return where the white space at the current position ends in the first of the texts."""
        assert self.texts, "checked by _take"
        first = self.texts[0]
        start = self._position
        while start < len(first) and first[start].isspace():
            start += 1
        return start

    def _join(self, needed: int) -> int:
        """Join texts until `needed` characters follow the white space; return where that ends."""
        assert self.texts, "checked by _take"
        parts = [self.texts.popleft()[self._position :]]
        self._position = 0
        found = len(parts[0].lstrip())
        while found < needed and self.texts:
            parts.append(self.texts.popleft())
            found += len(parts[-1] if found else parts[-1].lstrip())
        self.texts.appendleft("".join(parts))
        return self._white_until()

    def take_spoken(self, seconds: float) -> list[Timed]:
        """Remove and return the words spoken within `seconds` of audio, oldest first."""
        if self._begun and self._begun_is_whole():
            self._end_word()
        words = []
        while self._words and self._words[0].end <= seconds:
            words.append(self._words.popleft())
        self.size -= sum(len(word.text.encode()) for word in words)
        return words

    def _begun_is_whole(self) -> bool:
        if is_spaceless(self._begun[-1][-1]):
            return True
        if self.texts:
            return self.texts[0][self._position : self._position + 1].isspace()
        return self.ended

    def timed_whole(self, seconds: float) -> bool:
        """Return whether all times have arrived, judged by the text or, if out of step, by the length."""
        if self._in_step and self.texts is not None:
            return not any(map(has_word, self._untimed()))
        return self._last_end >= seconds - _TRAILING

    def _untimed(self) -> Iterator[str]:
        """Yield the text that has no time yet, in order; nothing if it was released."""
        for number, text in enumerate(self.texts or ()):
            yield text if number else text[self._position :]

    @property
    def owed(self) -> list[str]:
        """The unconfirmed text, in order; empty if it was released."""
        return [*(word.text for word in self._words), *self._begun, *self._untimed()]

    @property
    def owes_words(self) -> bool:
        """Whether it contains an unconfirmed word."""
        if self.texts is None:
            return self.has_words
        timed = any(has_word(word.text) for word in self._words)
        return timed or any(map(has_word, self._begun)) or any(map(has_word, self._untimed()))
