"""The text that was sent, matched with the audio that arrived for it.

Word times and audio arrive independently, in any order. Either may be what was missing to confirm a word, so
both lead to the same question: which words end within the audio received so far?
"""

from __future__ import annotations

from collections.abc import Callable

from ..audio.formats import NEW, AudioFormat, Start
from ..audio.track import Splice, Track
from ..value import value
from . import failures
from .happenings import Confirmed, Happening, Sound, WordTimes, Written
from .ledger import Ledger
from .messages import Token


@value
class Unspoken:
    """What a run leaves unspoken.

    `text` is all text that may be missing from the audio written, None if some of it is no longer available.
    The audio up to `audio_end`, an offset in the output, contains everything before it. `refused` is whether
    the text begins with words for which the service sent no audio, `mid_utterance` whether it continues an
    utterance.
    """

    text: str | None
    audio_end: int
    refused: bool
    mid_utterance: bool = False


class Speech:
    """The account of a run's text, and the track of its audio. Calls `emit` with their events."""

    def __init__(
        self,
        audio_format: AudioFormat,
        sample_rate: int,
        emit: Callable[[Happening], None],
        start: Start = NEW,
    ) -> None:
        self.ledger = Ledger()
        self.track = Track(audio_format, sample_rate, start)
        self._emit = emit
        self._sounded = 0  # the last utterance with audio
        self._spoken_to: float | None = None  # where its confirmed audio ends, in seconds
        self._refused = False
        self._written_to = 0

    def take_audio(self, audio: bytes) -> bytes:
        """Take audio of the utterance being spoken; return the bytes to write."""
        chunk = self.track.feed(audio)
        if self.track.sounds and self.ledger.has_sent and self._sounded < self.ledger.first.number:
            self._sounded = self.ledger.first.number
            self._spoken_to = self.track.second()
            self._emit(Sound(self._sounded, self._spoken_to))
        self._confirm_words()
        return chunk

    def take_word_times(self, tokens: tuple[Token, ...]) -> None:
        """Take word times of the utterance being spoken."""
        self._emit(WordTimes(self.ledger.speaking, self.track.second(), tokens))
        self.ledger.match_word_times(tokens)
        self._confirm_words()

    def _confirm_words(self) -> None:
        spoken = self.ledger.confirm_spoken(self.track.seconds, self.track.offset)
        if spoken is not None:
            self.track.confirm(spoken.end)
            self._emit_confirmed(spoken.utterance, spoken.text, self.track.second(spoken.end))

    def complete_utterance(self, request_id: str | None) -> bytes:
        """Confirm the oldest utterance as a whole; return the bytes of its audio that were held back.

        Raises RemoteProtocolError, with the session's `request_id`, if it contains words but no audio
        arrived. It is then not confirmed.
        """
        chunk = self.track.release()
        utterance = self.ledger.first
        if utterance.has_words and not self.track.sounds:
            self._refused = True
            raise failures.silent("".join(utterance.owed), request_id)
        text = self.ledger.confirm_first(self.track.seconds, self.track.length)
        self.track.begin_utterance()
        self._emit_confirmed(utterance.number, text, self.track.second(), whole=True)
        return chunk

    def _emit_confirmed(
        self, utterance: int, text: str | None, end: float | None, *, whole: bool = False
    ) -> None:
        start, self._spoken_to = self._spoken_to, end
        self._emit(Confirmed(utterance, text, start, end, whole, self.track.confirmed_to))

    def note_written(self, waiting: int, unsettled: int) -> None:
        """Note that all audio but the last `waiting` bytes is written; `unsettled` ones may still be lost."""
        self.ledger.unwritten.forget_written(self.track.length - max(waiting, unsettled))
        self._emit_written(self.track.length - waiting)

    def _emit_written(self, offset: int) -> None:
        confirmed = min(offset, self.track.confirmed_to)
        if confirmed > self._written_to:
            self._written_to = confirmed
            self._emit(Written(confirmed))

    def rewind(self) -> None:
        """Prepare for another session: text that is owed will be sent again."""
        for complete in self.ledger.rewind():
            self._emit_confirmed(complete.utterance, complete.text, self._spoken_to, whole=True)
        self._sounded = self.ledger.last_number

    def drop(self) -> None:
        """Forget the text sent but not confirmed, in this session or a lost one: it is no longer owed."""
        self._emit(self.ledger.drop_begun())

    def splice(self, *, can_cut: bool) -> Splice:
        """Prepare for the next session's audio; return how to join it to the output."""
        return self.track.splice(can_cut=can_cut)

    def unspoken(self, written: int) -> Unspoken:
        """Return what is left unspoken if only `written` bytes of the output are written."""
        self._emit_written(written)
        text = self.ledger.unspoken(written)
        return Unspoken(
            text, self.ledger.unwritten.written_to, self._refused, self.ledger.begins_mid_utterance
        )
