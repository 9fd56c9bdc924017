"""The text that was sent and the audio that came for it, held against each other.

Word times and audio arrive independently, in any order. Either may be what was missing to confirm a word, so
both lead to the same question: which words end within the audio that has come?
"""

from __future__ import annotations

from dataclasses import dataclass

from ..audio.formats import AudioFormat
from ..audio.track import Splice, Track
from . import failures
from .ledger import Ledger
from .messages import Token


@dataclass(frozen=True)
class Unspoken:
    """What a run leaves unspoken.

    `text` is all that was taken and is not known to be in the audio written, None if some of it is no longer
    here. The audio up to `audio_end`, an offset in the output, speaks all that comes before it.
    """

    text: str | None
    audio_end: int


class Speech:
    """The account of a run's text, and the track of its audio."""

    def __init__(self, audio_format: AudioFormat, sample_rate: int) -> None:
        self.ledger = Ledger()
        self.track = Track(audio_format, sample_rate)

    def take_audio(self, audio: bytes) -> bytes:
        """Take audio of the utterance being spoken; return the bytes to write."""
        self.ledger.count_audio(len(audio))
        chunk = self.track.feed(audio)
        self._confirm_words()
        return chunk

    def take_word_times(self, tokens: tuple[Token, ...]) -> None:
        """Take word times of the utterance being spoken."""
        self.ledger.match_word_times(tokens)
        self._confirm_words()

    def _confirm_words(self) -> None:
        self.ledger.confirm_spoken(self.track.seconds, self.track.offset)

    def complete_utterance(self, request_id: str | None) -> bytes:
        """Confirm the oldest utterance whole; return what was held back of its audio.

        Raises RemoteProtocolError, with the session's `request_id`, if it has words and no audio came.
        """
        seconds = self.track.seconds
        chunk = self.track.begin_utterance()
        utterance = self.ledger.confirm_first(seconds, self.track.length)
        if utterance.has_words and not utterance.audio_bytes:
            raise failures.silent("".join(utterance.owed), request_id)
        return chunk

    def drop(self) -> bytes:
        """Begin anew after a reset; return the filling, so that what comes now begins with a whole sample."""
        return self.track.splice(self.track.length, can_cut=False).filling

    def finish(self, request_id: str | None) -> bytes:
        """Confirm what is left after a clean end; return the last bytes to write."""
        chunk = self.complete_utterance(request_id) if self.ledger.has_sent else b""
        return chunk + self.track.finish()

    def splice(self, *, can_cut: bool) -> Splice:
        """Join the next session's audio where what was confirmed ends; return what to do to the output."""
        return self.track.splice(self.ledger.confirmed_to, can_cut=can_cut)

    def unspoken(self, written: int) -> Unspoken:
        """Return what is left unspoken when `written` bytes of the output are written."""
        text = self.ledger.unspoken(written)
        return Unspoken(text, self.ledger.written_to)
