"""What was sent, what is confirmed, what is owed.

Text is kept until it is confirmed and its audio written, so that it can be sent again on a new connection or
saved; beyond LIMIT it is let go and counted only, and `resumable` says so. Sizes are UTF-8 bytes of the text
as sent; offsets count from the first byte of audio we wrote.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ..text.segmenter import MAX_CHARS, Mark, Piece, has_word
from .messages import Flush, Text, Token
from .utterance import Utterance


# What is kept of text that is not confirmed, in bytes: an hour of speech takes about 55,000.
LIMIT = 1 << 20
# No text is sent beyond this while an answer can be waited for: one more message still fits in LIMIT.
WINDOW = LIMIT - 4 * MAX_CHARS
# Flushes that may wait for an answer at once; each costs memory, however short its utterance.
MOST_OUTSTANDING = 1024


@dataclass(frozen=True)
class Spoken:
    """Text of an utterance that was confirmed by word times, and the second of the utterance it ends at."""

    utterance: int
    text: str
    end: float


class Ledger:
    """The account of one conversation, over all its sessions.

    `confirmed_bytes` never falls. `unconfirmed_bytes` is what was sent and not confirmed: the status line's
    "buffered". `unsent_bytes` is what waits here to be sent. `dropped_bytes` was sent and reset.
    `written_to` is the offset at which the audio of what is confirmed and written ends. Utterances are
    counted from 1; one that is sent again keeps its number.
    """

    def __init__(self) -> None:
        self.confirmed_bytes = 0
        self.unconfirmed_bytes = 0
        self.unsent_bytes = 0
        self.dropped_bytes = 0
        self.written_to = 0
        self._unsent: deque[Piece] = deque()
        self._sent: deque[Utterance] = deque()
        self._unwritten: deque[tuple[int, str | None]] = deque()  # where the audio ends, None: let go
        self._last_nonce = 0
        self._last_number = 0
        self._kept_bytes = self._unwritten_bytes = 0
        # Times that come after their utterance would be taken for those of the next: they count no more.
        self._times_trail = False

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

    def next_nonce(self) -> int:
        """Return a nonce that was never used in this run."""
        self._last_nonce += 1
        return self._last_nonce

    def take_next(self) -> Text | Flush | None:
        """Take the next message to send, which counts as sent from now on; None if nothing waits."""
        if not self._unsent:
            return None
        piece = self._unsent.popleft()
        if not self._sent or self._sent[-1].nonce is not None:
            self._last_number += 1
            self._sent.append(Utterance(self._last_number))
        utterance = self._sent[-1]
        if piece is Mark.FLUSH:
            utterance.nonce = self.next_nonce()
            utterance.ended = True
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
    def unsent_words(self) -> bool:
        """Whether a word waits to be sent."""
        return any(isinstance(piece, str) and has_word(piece) for piece in self._unsent)

    @property
    def nothing_sent_owed(self) -> bool:
        """Whether every word that was sent is confirmed."""
        return not any(utterance.owes_words for utterance in self._sent)

    @property
    def nothing_owed(self) -> bool:
        """Whether every word that was taken is confirmed."""
        return self.nothing_sent_owed and not self.unsent_words

    @property
    def resumable(self) -> bool:
        """Whether all owed text is still here."""
        return all(utterance.texts is not None for utterance in self._sent)

    def flush_last(self) -> None:
        """Take note that no more text comes: what follows the last flush gets a flush of its own.

        Its answer proves that the last words were spoken, which no close can prove.
        """
        if self._unsent:
            is_open = self._unsent[-1] is not Mark.FLUSH
        else:
            is_open = bool(self._sent) and self._sent[-1].nonce is None
        if is_open:
            self._unsent.append(Mark.FLUSH)

    @property
    def has_unsent(self) -> bool:
        """Whether text or a flush waits to be sent."""
        return bool(self._unsent)

    def match_word_times(self, tokens: tuple[Token, ...]) -> None:
        """Match word times to the text of the utterance being spoken."""
        if self._times_trail or not self._sent:
            return
        for token in tokens:
            self._sent[0].match_token(token)

    def confirm_spoken(self, seconds: float, offset_of: Callable[[float], int]) -> Spoken | None:
        """Confirm the words that, by their times, were spoken within so many seconds; None for none.

        `offset_of` gives the offset in the output at which a second of the utterance ends.
        """
        pieces = self._sent[0].take_spoken(seconds) if self._sent else []
        if not pieces:
            return None
        text = "".join(piece.text for piece in pieces)
        size = len(text.encode())
        self._kept_bytes -= size
        self._settle(text, size, offset_of(pieces[-1].end))
        return Spoken(self._sent[0].number, text, pieces[-1].end)

    def forget_written(self, offset: int) -> None:
        """Forget the text of audio that is written, which is all up to this offset."""
        while self._unwritten and self._unwritten[0][0] <= offset:
            self.written_to, text = self._unwritten.popleft()
            self._unwritten_bytes -= len(text or "")

    def completes(self, nonce: int) -> bool:
        """Return whether the flush with this nonce ends the oldest utterance that was sent."""
        return bool(self._sent) and self._sent[0].nonce == nonce

    @property
    def has_sent(self) -> bool:
        """Whether an utterance was sent, in part or whole, and is not confirmed."""
        return bool(self._sent)

    @property
    def first(self) -> Utterance:
        """The utterance being spoken: the oldest that was sent and is not confirmed. There must be one."""
        return self._sent[0]

    @property
    def last_number(self) -> int:
        """The number of the utterance that was begun last; 0 if none was."""
        return self._last_number

    @property
    def speaking(self) -> int:
        """The number of the utterance being spoken, or of the last one."""
        return self._sent[0].number if self._sent else self._last_number

    def confirm_first(self, seconds: float, offset: int) -> str | None:
        """Confirm the oldest utterance that was sent; return what of its text was not, None if let go.

        Its audio lasts `seconds`, 0 where bytes are not time, and ends at `offset` in the output.
        """
        utterance = self._sent.popleft()
        self._times_trail = self._times_trail or not utterance.timed_whole(seconds)
        text = None if utterance.texts is None else "".join(utterance.owed)
        if utterance.texts is not None:
            self._kept_bytes -= utterance.size
        self._settle(text, utterance.size, offset)
        return text

    def drop_sent(self) -> None:
        """Forget what was sent and not confirmed: it is no longer owed."""
        self.dropped_bytes += self.unconfirmed_bytes
        self.unconfirmed_bytes = self._kept_bytes = 0
        if self._sent[-1].nonce is None and self._unsent and self._unsent[0] is Mark.FLUSH:
            self._unsent.popleft()  # of an utterance that is dropped whole
        self._sent.clear()
        self._times_trail = True

    def rewind(self) -> list[Spoken]:
        """Put everything sent and not confirmed back in front of what is unsent, for a new session.

        An utterance whose words were all confirmed by their times is complete, though its flush was never
        answered: what is left of it, punctuation, is returned and not sent again.
        """
        owed: list[Piece] = []
        complete: list[Spoken] = []
        for utterance in reversed(self._sent):
            unended = utterance.nonce is None and not (self._unsent and self._unsent[0] is Mark.FLUSH)
            if utterance.owes_words or (unended and utterance.texts is not None):
                assert utterance.texts is not None, "text that was let go cannot be sent again"
                owed = [*utterance.owed, *([] if utterance.nonce is None else [Mark.FLUSH]), *owed]
                self.unsent_bytes += utterance.size
                self._last_number = utterance.number - 1
            else:
                self.confirmed_bytes += utterance.size
                complete.insert(0, Spoken(utterance.number, "".join(utterance.owed), 0.0))
                if utterance.nonce is None and not unended:
                    self._unsent.popleft()
            self.unconfirmed_bytes -= utterance.size
        self._unsent.extendleft(reversed(owed))
        self._kept_bytes = 0
        self._times_trail = False
        self._sent.clear()
        return complete

    def unspoken(self, written: int) -> str | None:
        """Return all text that is not known to be in the audio written, None if some of it was let go."""
        self.forget_written(written)
        unwritten = [text for _, text in self._unwritten]
        texts = [text for text in unwritten if text is not None]
        if not self.resumable or len(texts) < len(unwritten):
            return None
        for utterance in self._sent:
            texts += utterance.owed
        texts += [piece for piece in self._unsent if isinstance(piece, str)]
        return "".join(texts)

    def owed_text(self, most: int) -> str:
        """Return the first characters of the text that is owed, at most so many; "" if they were let go."""
        texts: list[str] = []
        for utterance in self._sent:
            if utterance.texts is None:
                return ""
            texts += utterance.owed
            if sum(map(len, texts)) >= most:
                break
        texts += [piece for piece in list(self._unsent)[:most] if isinstance(piece, str)]
        return "".join(texts)[:most]

    def _keep(self, utterance: Utterance, size: int) -> None:
        """Keep text that was just sent, so that it can be sent again; beyond LIMIT, let go of all sent text.

        What is let go cannot be resumed, but is still counted. Text sent later is kept again once that was
        confirmed.
        """
        if utterance.texts is not None:
            self._kept_bytes += size
        if self._kept_bytes > LIMIT:
            for sent in self._sent:
                sent.let_go()
            self._kept_bytes = 0

    def _settle(self, text: str | None, size: int, offset: int) -> None:
        """Count text as confirmed, and remember until it is written where its audio ends.

        `text` is None where it was let go. Text whose audio waits to be written is kept up to LIMIT: beyond
        that all of it is let go, and only the place where it ends is remembered.
        """
        self.confirmed_bytes += size
        self.unconfirmed_bytes -= size
        if not size:
            return
        self._unwritten.append((offset, text))
        self._unwritten_bytes += len(text or "")
        if self._unwritten_bytes > LIMIT:
            self._unwritten = deque([(offset, None)])
            self._unwritten_bytes = 0
