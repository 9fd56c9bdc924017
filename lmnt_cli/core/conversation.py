"""One run of the program, from the first byte of text to the last of audio, over all its sessions.

Decides what is sent next, whether more text may be read, what a message means and whether an end is clean.
What becomes of a failure is in `resumption`. Time is an argument, in seconds on any steady clock.
"""

from __future__ import annotations

from ..errors import RetriableError
from .audio.formats import AudioFormat
from .audio.track import Splice
from .figures.meter import Meter
from .figures.snapshot import Figures, Snapshot, state_of, take_figures, take_snapshot
from .session import failures
from .session.ledger import WINDOW
from .session.messages import (
    Audio,
    ClientMessage,
    Closed,
    ErrorMessage,
    Event,
    Finish,
    FlushComplete,
    Init,
    ResetComplete,
    Text,
    Timestamps,
)
from .session.phase import Phase, follow
from .session.protocol import State as SessionState
from .session.recovery import NextStep, Recovery, Retry
from .session.session import Limits, Session
from .session.speech import Speech, Unspoken
from .text.flush_rules import FlushRule
from .text.intake import Intake


# While more audio than this waits to be written, no further text is sent.
MOST_AUDIO_WAITING = 8 << 20
# What may be read ahead of what can be sent.
MOST_TEXT_WAITING = 256 << 10
# A check that comes later than this, in seconds, says that nobody was there to make it.
_ASLEEP = 2.0


class Conversation:
    """The decisions of one run."""

    def __init__(
        self, init: Init, rule: FlushRule, limits: Limits, audio_format: AudioFormat, *, service: str
    ) -> None:
        self._init = init
        self._limits = limits
        self._service = service
        self._speech = Speech(audio_format, init.sample_rate)
        self._ledger = self._speech.ledger
        self._intake = Intake(rule, limits.idle_flush, init.language)
        self._meter = Meter(audio_format, init.sample_rate)
        self._recovery = Recovery(
            self._ledger, self._speech.track, limits.retries, service, allowed=limits.resume
        )
        self._phase = Phase.IDLE
        self._session = Session(limits, 0.0)
        self._checked_at = 0.0

    # Text comes in.

    def read(self, data: bytes, now: float) -> None:
        """Take text as it was read."""
        self._ledger.add(self._intake.feed(data, now))

    def end_of_text(self) -> None:
        """Take note that no more text comes. Raises NothingToSay if there was no word in it."""
        self._ledger.add(self._intake.finish())
        if self._phase is Phase.IDLE and self._ledger.nothing_owed:
            self._phase = follow(self._phase, Phase.FINISHED)

    def flush_if_idle(self, now: float) -> None:
        """End the utterance here if the text has paused for long enough."""
        self._ledger.add(self._intake.flush_if_idle(now))

    @property
    def wants_text(self) -> bool:
        """Whether more may be read before something was sent."""
        return self._ledger.unsent_bytes < MOST_TEXT_WAITING

    @property
    def input_ended(self) -> bool:
        """Whether all text has been read."""
        return self._intake.ended

    def drop_speech(self) -> bool:
        """Drop what is being said, by a reset; False if nothing is. Text not sent yet is kept."""
        if not (self.connected and self._session.may_send) or self._ledger.nothing_sent_owed:
            return False
        self._ledger.drop_sent()
        self._intake.forget(words_wait=self._ledger.unsent_words)
        self._session.reset(self._ledger.next_nonce())
        return True

    # A session is held.

    def begin(self, now: float) -> None:
        """Begin a new attempt to hold a session: what is owed is sent again."""
        self._phase = follow(self._phase, Phase.CONNECTING)
        self._ledger.rewind()
        self._session = Session(self._limits, now)

    @property
    def connected(self) -> bool:
        """Whether the connection of a session is up, as far as is known."""
        return self._phase in (Phase.CONNECTING, Phase.SPEAKING) and self._session.connected

    @property
    def finished(self) -> bool:
        """Whether every word was confirmed and no session is needed any more."""
        return self._phase is Phase.FINISHED

    def next_message(self, now: float, audio_waiting: int) -> ClientMessage | None:
        """Return what to send now, noted as sent; None if nothing may be sent before something happens.

        `audio_waiting` is the bytes of audio given out and not yet written.
        """
        self._ledger.forget_written(self._speech.track.length - audio_waiting)
        message = self._take_message(audio_waiting)
        if message is None:
            return None
        if isinstance(message, Finish):
            self._ledger.close_last()
        if isinstance(message, Text):
            self._meter.count_text(now)
        self._session.send(message, now)
        return message

    def _take_message(self, audio_waiting: int) -> ClientMessage | None:
        if self._session.protocol.state is SessionState.INITIAL:
            return self._init
        if not self._session.may_send:
            return None
        if reset := self._session.take_reset():
            return reset
        if audio_waiting > MOST_AUDIO_WAITING or not self._ledger.may_send:
            return None
        if not self._session.protocol.ready and self._ledger.unconfirmed_bytes >= WINDOW:
            # Until the session is ready, all that was sent must stay at hand for the next attempt.
            return None
        return self._ledger.take_next() or (Finish() if self._intake.ended else None)

    def receive(self, event: Event, now: float) -> bytes:
        """Take an event; return the audio to write for it.

        Raises ServiceError for an error message, RemoteProtocolError for what makes no sense, and
        ConnectError or ConnectionLost if the connection closed on something owed.
        """
        if isinstance(event, Closed):
            return self._take_close(event)
        self._session.receive(event, now)
        if self._session.protocol.ready and self._phase is Phase.CONNECTING:
            self._phase = follow(self._phase, Phase.SPEAKING)
            self._recovery.was_ready = True
        confirmed = self._ledger.confirmed_bytes
        audio = self._take(event, now)
        if self._ledger.confirmed_bytes > confirmed:
            self._recovery.note_progress()
        return audio

    def _take(self, event: Event, now: float) -> bytes:
        request_id = self._session.protocol.request_id
        match event:
            case Audio(data) if not self._session.discards:
                self._meter.count_audio(len(data), now)
                return self._speech.take_audio(data)
            case Timestamps(tokens) if not self._session.discards and self._init.return_timestamps:
                self._speech.take_word_times(tokens)
            case FlushComplete(nonce) if self._ledger.completes(nonce):
                return self._speech.complete_utterance(request_id)
            case ResetComplete() if self._session.completes_reset(event):
                return self._speech.drop()
            case ErrorMessage():
                raise failures.refused(self._service, event, request_id)
            case _:
                pass
        return b""

    def _take_close(self, event: Closed) -> bytes:
        protocol = self._session.protocol
        was_finishing = protocol.state is SessionState.FINISHING
        protocol.receive(event)
        audio = b""
        if protocol.state is SessionState.FINISHED:
            audio = self._speech.finish(protocol.request_id)
        elif not (self._intake.ended and self._ledger.nothing_owed):
            raise self._lost(failures.close_words(event, finishing=was_finishing))
        self._phase = follow(self._phase, Phase.FINISHED)
        return audio

    # Time passes.

    def check(self, now: float) -> None:
        """Raise ConnectionLost if the service has been silent for too long. Call it several times a second.

        Also raises RemoteProtocolError if no session was ever ready in time.
        """
        if now - self._checked_at > _ASLEEP:
            # We were stopped, or the machine slept: it is not the service that was silent.
            self._session.deadlines.forget(now)
        self._checked_at = now
        if not self.connected:
            return
        if self._session.deadlines.never_ready(now):
            if self._recovery.was_ready:
                raise self._lost(f"no new session was ready within {self._limits.connect:g} s")
            raise failures.never_ready(self._service, self._limits.connect)
        if overdue := self._session.deadlines.overdue(now):
            raise self._lost(overdue)

    def pause(self) -> None:
        """Take note that nothing is received until `resume`: silence is then ours."""
        self._session.deadlines.pause()

    def resume(self, now: float) -> None:
        """Take note that messages are received again."""
        self._session.deadlines.resume(now)

    def ping_sent(self, now: float) -> None:
        """Take note that a ping was sent, which is to be answered."""
        self._session.deadlines.ping_sent(now)

    def pong_received(self) -> None:
        """Take note that the ping was answered."""
        self._session.deadlines.pong_received()

    # A session fails.

    def recover(self, error: RetriableError, spread: float, now: float) -> NextStep:
        """Decide what follows a failure, given a random `spread` from 0 to 1.

        Raises the failure as users are told of it, if it is the end.
        """
        step = self._recovery.recover(error, spread, self._session.protocol, now)
        if isinstance(step, Retry):
            self._phase = follow(self._phase, Phase.RETRYING)
        else:
            self._phase = follow(self._phase, Phase.FINISHED if self._intake.ended else Phase.IDLE)
        return step

    @property
    def awaits_text(self) -> bool:
        """Whether no session is needed before more text comes."""
        return self._phase is Phase.IDLE and self._ledger.nothing_owed

    def splice(self, *, can_cut: bool) -> Splice:
        """Join the next session's audio to what was written; return what to do to the output."""
        return self._speech.splice(can_cut=can_cut)

    def _lost(self, how: str) -> RetriableError:
        began = self._recovery.was_ready
        return failures.lost(self._service, how, self._session.protocol, self._ledger, began=began)

    # What a run has come to.

    @property
    def was_ready(self) -> bool:
        """Whether there ever was a session."""
        return self._recovery.was_ready

    @property
    def nothing_owed(self) -> bool:
        """Whether every word that was read is confirmed."""
        return self._ledger.nothing_owed

    @property
    def audio_length(self) -> int:
        """How many bytes of audio were given out and not taken back."""
        return self._speech.track.length

    def patches(self, written: int) -> list[tuple[int, bytes]]:
        """Return what to overwrite, as offsets and bytes, now that `written` bytes are the whole output."""
        return self._speech.track.patches(written)

    def unspoken(self, written: int) -> Unspoken:
        """Return what is left unspoken when `written` bytes of the output are written."""
        return self._speech.unspoken(written)

    def figures(self) -> Figures:
        """Return what came of the run so far."""
        return take_figures(self._ledger, self._meter, self._recovery, self._intake)

    def snapshot(self, now: float) -> Snapshot:
        """Return the figures of this moment."""
        state = state_of(self._phase, self._session, self._recovery, now, self._intake.last_at)
        ended = self._intake.ended
        return take_snapshot(
            self._init.voice, self._ledger, self._meter, self._recovery, state=state, ended=ended
        )
