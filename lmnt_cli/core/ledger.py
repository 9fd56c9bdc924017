"""What was sent, what is confirmed, what is owed.

Text is kept until it is confirmed, so that it can be sent again on a new connection; beyond LIMIT it is let
go and counted only, and `resumable` says so. Sizes are UTF-8 bytes of the text as sent.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from .messages import Flush, Text
from .segmenter import MAX_CHARS, WORD, Mark, Piece


# What is kept of text that is not confirmed, in bytes: an hour of speech takes about 55,000.
LIMIT = 1 << 20
# No text is sent beyond this while an answer can be waited for: one more message still fits in LIMIT.
WINDOW = LIMIT - 4 * MAX_CHARS
# Flushes that may wait for an answer at once; each costs memory, however short its utterance.
MOST_OUTSTANDING = 1024


@dataclass
class Utterance:
    """The text between two flushes, as far as it was sent. `nonce` is None while no flush has followed it."""

    texts: list[str] | None = field(default_factory=list)  # None once let go
    size: int = 0
    has_words: bool = False
    nonce: int | None = None
    audio_bytes: int = 0

    def add(self, text: str, size: int) -> None:
        """Take text that was just sent."""
        self.size += size
        self.has_words = self.has_words or WORD.search(text) is not None
        if self.texts is None:
            return
        if self.texts and len(self.texts[-1]) + len(text) <= MAX_CHARS:
            # A text a byte long must not cost fifty in memory.
            self.texts[-1] += text
        else:
            self.texts.append(text)


class Ledger:
    """The account of one conversation, over all its sessions.

    `confirmed_bytes` never falls. `unconfirmed_bytes` is what was sent and not confirmed: the status line's
    "buffered". `unsent_bytes` is what waits here to be sent.
    """

    def __init__(self) -> None:
        self.confirmed_bytes = 0
        self.unconfirmed_bytes = 0
        self.unsent_bytes = 0
        self._unsent: deque[Piece] = deque()
        self._sent: deque[Utterance] = deque()
        self._last_nonce = 0
        self._kept_bytes = 0

    def add(self, pieces: list[Piece]) -> None:
        """Take pieces in the order in which they are to be sent."""
        for piece in pieces:
            last = self._unsent[-1] if self._unsent else None
            if isinstance(piece, str):
                self.unsent_bytes += len(piece.encode())
                if isinstance(last, str) and len(last) + len(piece) <= MAX_CHARS:
                    # What has to wait together may travel together.
                    self._unsent[-1] = last + piece
                    continue
            self._unsent.append(piece)

    def take_next(self) -> Text | Flush | None:
        """The next message to send, which from now on counts as sent; None if nothing waits."""
        if not self._unsent:
            return None
        piece = self._unsent.popleft()
        if not self._sent or self._sent[-1].nonce is not None:
            self._sent.append(Utterance())
        utterance = self._sent[-1]
        if piece is Mark.FLUSH:
            utterance.nonce = self._last_nonce = self._last_nonce + 1
            return Flush(utterance.nonce)
        assert isinstance(piece, str)
        size = len(piece.encode())
        utterance.add(piece, size)
        self.unsent_bytes -= size
        self.unconfirmed_bytes += size
        self._keep(utterance, size)
        return Text(piece)

    @property
    def may_send(self) -> bool:
        """Whether more may be sent before something is confirmed.

        A flush that will be answered is waited for, so that all owed text fits in LIMIT; where none is
        outstanding (`--flush-on never`) there is nothing to wait for.
        """
        outstanding = len(self._sent) - (1 if self._sent and self._sent[-1].nonce is None else 0)
        return outstanding == 0 or (self.unconfirmed_bytes < WINDOW and outstanding < MOST_OUTSTANDING)

    @property
    def nothing_unsent(self) -> bool:
        """Whether everything taken was sent."""
        return not self._unsent

    @property
    def nothing_owed(self) -> bool:
        """Whether every word that was taken is confirmed."""
        return not any(u.has_words for u in self._sent) and not any(
            piece is Mark.FLUSH or WORD.search(piece) for piece in self._unsent
        )

    @property
    def resumable(self) -> bool:
        """Whether all owed text is still here."""
        return all(utterance.texts is not None for utterance in self._sent)

    def hear(self, size: int) -> None:
        """Count audio bytes for the utterance being spoken: the oldest that is not confirmed."""
        if self._sent:
            self._sent[0].audio_bytes += size

    def confirm(self, nonce: int) -> Utterance:
        """All audio up to this flush has come; return the utterance it completes."""
        utterance = self._sent[0]
        assert utterance.nonce == nonce, "the protocol answers flushes in order"
        return self._confirm_first()

    def confirm_rest(self) -> Utterance | None:
        """The session ended cleanly after `finish`: the last utterance, which no flush ended, is spoken."""
        return self._confirm_first() if self._sent else None

    def rewind(self) -> None:
        """Put everything sent and not confirmed back in front of what is unsent, for a new session."""
        assert self.resumable, "text that was let go cannot be sent again"
        owed: list[Piece] = []
        for utterance in self._sent:
            owed += utterance.texts or []
            if utterance.nonce is not None:
                owed.append(Mark.FLUSH)
        self._unsent.extendleft(reversed(owed))
        self.unsent_bytes += self.unconfirmed_bytes
        self.unconfirmed_bytes = self._kept_bytes = 0
        self._sent.clear()

    def owed_text(self, most: int) -> str:
        """The first characters of the text that is owed, at most so many; "" if they were let go."""
        texts: list[str] = []
        for utterance in self._sent:
            if utterance.texts is None:
                return ""
            texts += utterance.texts
            if sum(map(len, texts)) >= most:
                break
        texts += [piece for piece in self._unsent if isinstance(piece, str)][:most]
        return "".join(texts)[:most]

    def _keep(self, utterance: Utterance, size: int) -> None:
        if utterance.texts is not None:
            self._kept_bytes += size
        if self._kept_bytes > LIMIT:
            for sent in self._sent:
                sent.texts = None
            self._kept_bytes = 0

    def _confirm_first(self) -> Utterance:
        utterance = self._sent.popleft()
        self.confirmed_bytes += utterance.size
        self.unconfirmed_bytes -= utterance.size
        if utterance.texts is not None:
            self._kept_bytes -= utterance.size
        return utterance
