"""Text that waits to be sent: new text, and before it text returned from a lost session."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from ..text.segmenter import MAX_CHARS, Mark, Piece, has_word


class Outbox:
    """A queue of pieces. `size` is the UTF-8 bytes of its text."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: deque[Piece] = deque()
        self._returned = 0  # the number of pieces at the head that were sent before

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def add(self, pieces: Iterable[Piece]) -> None:
        """Add new pieces in the order in which to send them."""
        for piece in pieces:
            last = self._pieces[-1] if len(self._pieces) > self._returned else None
            if isinstance(piece, str):
                self.size += len(piece.encode())
                if isinstance(last, str) and len(last) + len(piece) <= MAX_CHARS:
                    # Pieces that have to wait can be sent together.
                    self._pieces[-1] = last + piece
                    continue
            self._pieces.append(piece)

    def put_back(self, pieces: list[Piece]) -> None:
        """Put pieces that were sent before all others, to send them again."""
        self.size += size_of(pieces)
        self._pieces.extendleft(reversed(pieces))
        self._returned += len(pieces)

    def take(self) -> Piece:
        """Remove and return the next piece. There must be one."""
        self._returned = max(0, self._returned - 1)
        piece = self._pieces.popleft()
        self.size -= size_of([piece])
        return piece

    def drop_returned(self) -> list[Piece]:
        """Remove and return the pieces that were sent before."""
        return [self.take() for _ in range(self._returned)]

    @property
    def ends_utterance(self) -> bool:
        """Whether the next piece is a flush."""
        return bool(self._pieces) and self._pieces[0] is Mark.FLUSH

    @property
    def is_open(self) -> bool:
        """Whether the last piece is text that no flush follows."""
        return bool(self._pieces) and self._pieces[-1] is not Mark.FLUSH

    @property
    def has_words(self) -> bool:
        """Whether a word waits to be sent."""
        return any(map(has_word, self.texts()))

    @property
    def has_returned_words(self) -> bool:
        """Whether a word that was sent before waits to be sent again."""
        returned = islice(self._pieces, self._returned)
        return any(isinstance(piece, str) and has_word(piece) for piece in returned)

    @property
    def continues_utterance(self) -> bool:
        """Whether a word comes before the next flush."""
        for piece in self._pieces:
            if piece is Mark.FLUSH:
                break
            if has_word(piece):
                return True
        return False

    def texts(self) -> Iterator[str]:
        """Yield the texts, in order."""
        return (piece for piece in self._pieces if isinstance(piece, str))


def utterances_in(pieces: list[Piece]) -> int:
    """Return how many utterances the pieces contain; the last one may lack its flush."""
    return pieces.count(Mark.FLUSH) + bool(pieces and pieces[-1] is not Mark.FLUSH)


def size_of(pieces: Iterable[Piece]) -> int:
    """Return the UTF-8 bytes of the text in the pieces."""
    return sum(len(piece.encode()) for piece in pieces if isinstance(piece, str))
