"""Words with final times, made from confirmed text: the input of subtitles and events.

Follows the events of a run. Text counts when it is confirmed, so a word appears once, however often it was
sent, and dropped text never appears. Word times may be late. Text confirmed by its times has them already.
Text confirmed by the answer to its flush waits for them until the next utterance is complete; if none
come, its words share the audio in proportion to their length. Words leave in order, so a waiting word holds
back those after it. No word leaves before its audio is written, so the subtitles kept of a failed run match
its recording.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..session.happenings import Confirmed, Dropped, Happening, Lost, WordTimes, Written
from ..session.messages import Token
from ..value import replace
from .placement import TimedToken, Word, letters_of, place_words
from .wording import split_words


# If the last time is this many seconds before the end of the audio, more times are still to come.
_TRAILING = 0.25
# Times are decimal fractions: equal to within a few milliseconds is equal.
_TOLERANCE = 0.005


@dataclass
class _Piece:
    """Confirmed text whose words are not returned yet. `whole` is whether it ends its utterance."""

    utterance: int
    text: str
    start: float
    end: float
    whole: bool
    # The offset in the output at which its audio ends.
    offset: int
    # The start of the utterance's times, as far as is known.
    times_from: float
    tokens: list[TimedToken] = field(default_factory=list)
    # Letters not matched by any token yet.
    missing: str = ""
    ready: bool = False


class WordStream:
    """Takes the events of a run and returns words whose times are final."""

    def __init__(self) -> None:
        self._pieces: deque[_Piece] = deque()
        # Times of the utterance being spoken, for text not confirmed yet.
        self._tokens: deque[TimedToken] = deque()
        self._written_to = 0
        self._spoken = 0
        self._times_from = 0.0
        # The utterance's last word so far: punctuation may still follow it.
        self._held: Word | None = None

    @property
    def lacks_times(self) -> bool:
        """Whether confirmed text still waits for its word times."""
        return any(not piece.ready for piece in self._pieces)

    def take(self, happening: Happening) -> list[Word]:
        """Take an event; return the words whose times are now final, in order."""
        match happening:
            case WordTimes(utterance, start, tokens) if start is not None:
                self._take_times(utterance, start, tokens)
            case Confirmed(_, _, start, end) if start is not None and end is not None:
                self._take_confirmed(happening, start, end)
            case Written(offset):
                self._written_to = offset
            case Lost():
                # Unconfirmed text is spoken again, with new times.
                self._tokens.clear()
            case Dropped():
                return self._end_utterance()
            case _:
                return []
        return self._ready_words()

    def finish(self) -> list[Word]:
        """Return the remaining words: all audio is written, and no more times follow."""
        self._written_to = max((piece.offset for piece in self._pieces), default=0)
        return self.give_up()

    def give_up(self) -> list[Word]:
        """Return the remaining words whose audio is written: the run has failed."""
        for piece in self._pieces:
            piece.ready = True
        return [*self._ready_words(), *self._release()]

    def _end_utterance(self) -> list[Word]:
        """End the utterance being spoken: the rest of its text was dropped."""
        self._tokens.clear()
        if self._pieces:
            self._pieces[-1].whole = True
        words = self._ready_words()
        return words if self._pieces else [*words, *self._release()]

    def _take_times(self, utterance: int, start: float, tokens: Iterable[Token]) -> None:
        """Assign each token to the text it belongs to.

        A decreasing time begins another utterance, so the tokens between two decreases belong together. They
        are assigned to the oldest piece whose next letters they match, else to the utterance being spoken.
        """
        if utterance != self._spoken:
            self._spoken, self._times_from = utterance, start
            self._tokens.clear()
        self._times_from = start
        run: list[Token] = []
        for token in tokens:
            if run and token.start < run[-1].start - _TOLERANCE:
                self._assign(run)
                run = []
            run.append(token)
        if run:
            self._assign(run)

    def _assign(self, run: list[Token]) -> None:
        letters = next(filter(None, (letters_of(token.text) for token in run)), "")
        for piece in self._pieces:
            if letters and not piece.ready and piece.missing.startswith(letters):
                for token in run:
                    _give(piece, _timed(token, piece.times_from))
                return
        self._tokens.extend(_timed(token, self._times_from) for token in run)

    def _take_confirmed(self, confirmed: Confirmed, start: float, end: float) -> None:
        """Add a piece of confirmed text, with the tokens that have arrived for it."""
        if confirmed.text is not None:
            same = confirmed.utterance == self._spoken
            piece = _Piece(
                confirmed.utterance,
                confirmed.text,
                start,
                end,
                confirmed.whole,
                confirmed.offset,
                times_from=self._times_from if same else start,
                missing=letters_of(confirmed.text),
            )
            while same and self._tokens and (confirmed.whole or self._tokens[0].end <= end + _TOLERANCE):
                _give(piece, self._tokens.popleft())
            # Part of an utterance is confirmed by its times, so they have arrived.
            piece.ready = piece.ready or not confirmed.whole
            self._pieces.append(piece)
        if confirmed.whole:
            for piece in self._pieces:
                piece.ready = piece.ready or piece.utterance < confirmed.utterance

    def _ready_words(self) -> list[Word]:
        words: list[Word] = []
        while self._pieces and self._pieces[0].ready and self._pieces[0].offset <= self._written_to:
            words += self._words_of(self._pieces.popleft())
        return words

    def _words_of(self, piece: _Piece) -> list[Word]:
        """Return the words of a piece with their times; hold the last unless the utterance is complete."""
        words: list[Word] = []
        if self._held is not None and self._held.utterance != piece.utterance:
            words += self._release()
        text = self._extend_held(piece.text)
        placed = place_words(split_words(text), piece.tokens, piece.start, piece.end, piece.utterance)
        if placed and self._held is not None:
            # Within an utterance, white space at the start of a piece separates its words.
            placed[0] = replace(placed[0], spaced=placed[0].spaced or text[:1].isspace())
        for word in placed:
            words += [] if self._held is None else [self._held]
            self._held = word
        return [*words, *self._release()] if piece.whole else words

    def _extend_held(self, text: str) -> str:
        """Append punctuation at the start of a text to the word before it; return the rest of the text."""
        held = self._held
        if held is None:
            return text
        rest = text.lstrip()
        marks = next((at for at, mark in enumerate(rest) if mark.isspace() or mark.isalnum()), len(rest))
        follows = rest[marks : marks + 1]
        opens = all(unicodedata.category(mark) in ("Ps", "Pi") for mark in rest[:marks])
        if not marks or opens or follows.isalnum():
            return text
        extended = held.text + " " * (len(rest) < len(text)) + rest[:marks]
        self._held = replace(held, text=extended, closes=split_words(extended)[-1].ends_sentence)
        return rest[marks:]

    def _release(self) -> list[Word]:
        """Return the held word: nothing of its utterance follows."""
        held, self._held = self._held, None
        return [] if held is None else [replace(held, closes=True)]


def _timed(token: Token, times_from: float) -> TimedToken:
    start = times_from + token.start
    return TimedToken(token.text, start, start + token.duration)


def _give(piece: _Piece, token: TimedToken) -> None:
    """Add a token to a piece, which is ready when all its letters, or all its seconds, have times."""
    piece.tokens.append(token)
    piece.missing = piece.missing.removeprefix(letters_of(token.text))
    piece.ready = not piece.missing or token.end >= piece.end - _TRAILING
