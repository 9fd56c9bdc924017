"""The account of a run's text: what is sent, what is confirmed, what is owed.

Which words of an utterance its word times confirm is decided by `Utterance`; this counts them.

Text is kept until it is confirmed and its audio is written, so that it can be sent again on a new connection
or saved. Beyond LIMIT it is released and only counted; `resumable` reports that. Sizes are bytes of UTF-8, as
sent; offsets count from the first byte of audio written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice

from ..text.segmenter import MAX_CHARS, Mark, Piece
from ..value import value
from .happenings import Dropped
from .messages import Token
from .outbox import Outbox, size_of, utterances_in
from .requests import Flush, Text
from .unwritten import Unwritten
from .utterance import Utterance


# The most unconfirmed text kept, in bytes. An hour of speech is about 55,000.
LIMIT = 1 << 20
# While an answer is outstanding, sending stops at this size, so that one more message still fits in LIMIT.
WINDOW = LIMIT - 4 * MAX_CHARS
# The most flushes that may be unanswered at once: each uses memory, however short its utterance.
MOST_OUTSTANDING = 1024


@value
class Spoken:
    """Text of an utterance confirmed by word times; it ends `end` seconds after the utterance's start."""

    utterance: int
    text: str
    end: float


class Ledger:
    """The account of one run, over all its sessions.

    `confirmed_bytes` never falls. `unconfirmed_bytes` is sent but not confirmed: "buffered" in the status
    line. `unsent` is the text that waits to be sent. `dropped_bytes` was sent and then reset. `unwritten` is
    the confirmed text whose audio waits to be written. Utterances are counted from 1; one that is sent again
    keeps its number. `last_number` is the number of the last one begun, 0 if there is none.
    """

    def __init__(self) -> None:
        self.confirmed_bytes = 0
        self.unconfirmed_bytes = 0
        self.dropped_bytes = 0
        self.unwritten = Unwritten(LIMIT)
        self.unsent = Outbox()
        self._sent: deque[Utterance] = deque()
        self._last_nonce = 0
        self.last_number = 0
        self._kept_bytes = 0
        # Times that arrive after their utterance would be matched to the next one, so they are ignored from
        # then on.
        self._times_trail = False

    def add(self, pieces: list[Piece]) -> None:
        """Take pieces in the order in which to send them."""
        self.unsent.add(pieces)

    @property
    def unsent_bytes(self) -> int:
        """The bytes of text that wait to be sent."""
        return self.unsent.size

    def next_nonce(self) -> int:
        """Return a nonce that has not been used in this run."""
        self._last_nonce += 1
        return self._last_nonce

    def take_next(self) -> Text | Flush | None:
        """Remove and return the next message, counted as sent from now on; None if nothing waits."""
        if not self.unsent:
            return None
        piece = self.unsent.take()
        if not self._sent or self._sent[-1].nonce is not None:
            self.last_number += 1
            self._sent.append(Utterance(self.last_number))
        utterance = self._sent[-1]
        if piece is Mark.FLUSH:
            utterance.nonce = self.next_nonce()
            utterance.ended = True
            return Flush(utterance.nonce)
        size = len(piece.encode())
        utterance.add(piece, size)
        self.unconfirmed_bytes += size
        self._keep(utterance, size)
        return Text(piece)

    @property
    def may_send(self) -> bool:
        """Whether more may be sent before something is confirmed.

        If a flush will be answered, wait for it, so that all text owed fits in LIMIT. If none is outstanding
        (`--flush-on never`) only word times can confirm anything; see `awaits_times`.
        """
        outstanding = len(self._sent) - self._is_open
        return outstanding == 0 or (self.unconfirmed_bytes < WINDOW and outstanding < MOST_OUTSTANDING)

    @property
    def awaits_times(self) -> bool:
        """Whether more text would exceed LIMIT, and word times may still confirm some of it before."""
        return self.unconfirmed_bytes >= WINDOW and self._sent[0].may_be_timed

    @property
    def nothing_sent_owed(self) -> bool:
        """Whether every word that was sent is confirmed."""
        return not any(utterance.owes_words for utterance in self._sent)

    @property
    def nothing_owed(self) -> bool:
        """Whether every word taken is confirmed."""
        return self.nothing_sent_owed and not self.unsent.has_words

    @property
    def resumable(self) -> bool:
        """Whether all text owed is still available."""
        return all(utterance.texts is not None for utterance in self._sent)

    def flush_last(self) -> None:
        """Record the end of the text: whatever follows the last flush gets a flush of its own.

        Its answer proves that the last words were spoken, which a close cannot.
        """
        if self.unsent.is_open if self.unsent else self._is_open:
            self.unsent.add([Mark.FLUSH])

    def match_word_times(self, tokens: tuple[Token, ...]) -> None:
        """Match word times to the text of the utterance being spoken."""
        if self._times_trail or not self._sent:
            return
        for token in tokens:
            self._sent[0].match_token(token)

    def confirm_spoken(self, seconds: float, offset_of: Callable[[float], int]) -> Spoken | None:
        """Confirm the words whose times end within `seconds` of audio; return None if there are none.

        `offset_of` returns the offset in the output of a time in the utterance.
        """
        pieces = self._sent[0].take_spoken(seconds) if self._sent else []
        if not pieces:
            return None
        text = "".join(piece.text for piece in pieces)
        size = len(text.encode())
        self._kept_bytes -= size
        self._settle(size)
        self.unwritten.add(text, offset_of(pieces[-1].end), whole=False)
        return Spoken(self._sent[0].number, text, pieces[-1].end)

    def completes(self, nonce: int) -> bool:
        """Return whether the flush with this nonce ends the oldest unconfirmed utterance."""
        return bool(self._sent) and self._sent[0].nonce == nonce

    @property
    def has_sent(self) -> bool:
        """Whether an unconfirmed utterance was sent, in part or whole."""
        return bool(self._sent)

    @property
    def first(self) -> Utterance:
        """The utterance being spoken: the oldest one sent and not confirmed. There must be one."""
        return self._sent[0]

    @property
    def speaking(self) -> int:
        """The number of the utterance being spoken, or else of the last one."""
        return self._sent[0].number if self._sent else self.last_number

    def confirm_first(self, seconds: float, offset: int) -> str | None:
        """Confirm the oldest utterance; return the text that was not confirmed before, None if released.

        Its audio lasts `seconds` (0 if bytes do not indicate time) and ends at `offset` in the output.
        """
        utterance = self._sent.popleft()
        self._times_trail = self._times_trail or not utterance.timed_whole(seconds)
        text = None if utterance.texts is None else "".join(utterance.owed)
        if utterance.texts is not None:
            self._kept_bytes -= utterance.size
        self._settle(utterance.size)
        if utterance.size:
            self.unwritten.add(text, offset, whole=True)
        else:
            self.unwritten.end_utterance()
        return text

    @property
    def begun(self) -> bool:
        """Whether a word that was sent, in this session or a lost one, is not confirmed."""
        return not self.nothing_sent_owed or self.unsent.has_returned_words

    def drop_begun(self) -> Dropped:
        """Forget the text sent but not confirmed, in this session or a lost one: it is no longer owed."""
        first = self._sent[0].number if self._sent else self.last_number + 1
        is_open = self._is_open
        size = 0
        if not self.nothing_sent_owed:
            size = self.unconfirmed_bytes
            self.unconfirmed_bytes = self._kept_bytes = 0
            self._sent.clear()
            self._times_trail = True
        returned = self.unsent.drop_returned()
        size += size_of(returned)
        if returned:
            self.last_number += utterances_in(returned) - is_open
            is_open = returned[-1] is not Mark.FLUSH
        if is_open and not self._is_open and self.unsent.ends_utterance:
            self.unsent.take()  # of an utterance that is dropped as a whole
        self.dropped_bytes += size
        self.unwritten.end_utterance()
        return Dropped(first, self.last_number, size)

    @property
    def _is_open(self) -> bool:
        """Whether the last utterance sent has no flush yet."""
        return bool(self._sent) and self._sent[-1].nonce is None

    def rewind(self) -> list[Spoken]:
        """Put all text sent but not confirmed back before the unsent text, for a new session.

        An utterance whose words were all confirmed by their times is complete even if its flush was never
        answered: the punctuation that remains is returned, and not sent again.
        """
        owed: list[Piece] = []
        complete: list[Spoken] = []
        for utterance in reversed(self._sent):
            unended = utterance.nonce is None and not self.unsent.ends_utterance
            if utterance.owes_words or (unended and utterance.texts is not None):
                assert utterance.texts is not None, "released text cannot be sent again"
                owed = [*utterance.owed, *([] if utterance.nonce is None else [Mark.FLUSH]), *owed]
                self.last_number = utterance.number - 1
            else:
                self.confirmed_bytes += utterance.size
                complete.insert(0, Spoken(utterance.number, "".join(utterance.owed), 0.0))
                self.unwritten.end_utterance()
                if utterance.nonce is None and not unended:
                    self.unsent.take()
            self.unconfirmed_bytes -= utterance.size
        self.unsent.put_back(owed)
        self._kept_bytes = 0
        self._times_trail = False
        self._sent.clear()
        return complete

    def unspoken(self, written: int) -> str | None:
        """Return all text that may be missing from the audio written; None if some of it was released."""
        self.unwritten.forget_written(written)
        texts = self.unwritten.texts()
        if texts is None or not self.resumable:
            return None
        for utterance in self._sent:
            texts += utterance.owed
        return "".join([*texts, *self.unsent.texts()])

    @property
    def begins_mid_utterance(self) -> bool:
        """Whether the unspoken text continues an utterance whose first words are written."""
        if self.unwritten.written_whole or self.unwritten.waits:
            return not self.unwritten.written_whole
        if self._sent and (self._sent[0].owes_words or self._sent[0].nonce is not None):
            return self._sent[0].owes_words
        return self.unsent.continues_utterance

    def owed_text(self, most: int) -> str:
        """Return the beginning of the text owed, at most `most` characters; "" if it was released."""
        texts: list[str] = []
        for utterance in self._sent:
            if utterance.texts is None:
                return ""
            texts += utterance.owed
            if sum(map(len, texts)) >= most:
                break
        texts += islice(self.unsent.texts(), most)
        return "".join(texts)[:most]

    def _keep(self, utterance: Utterance, size: int) -> None:
        """Keep text just sent, so that it can be sent again. Beyond LIMIT, release all text sent.

        Released text cannot be resumed, but is still counted. Once it is confirmed, text sent later is kept
        again.
        """
        if utterance.texts is not None:
            self._kept_bytes += size
        if self._kept_bytes > LIMIT:
            for sent in self._sent:
                sent.release()
            self._kept_bytes = 0

    def _settle(self, size: int) -> None:
        """Count text as confirmed."""
        self.confirmed_bytes += size
        self.unconfirmed_bytes -= size
