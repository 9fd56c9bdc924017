"""One run of the program, from the first byte of text to the last of audio, over all its sessions.

Decides what is sent next, whether more text may be read, what a message means and whether an end is clean.
What becomes of a failure is in `resumption`. Time is an argument, in seconds on any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import RetriableError
from .audio.track import Track
from .figures.meter import Meter, Snapshot
from .session import failures
from .session.deadlines import Deadlines
from .session.ledger import WINDOW, Ledger
from .session.messages import (
    Audio,
    ClientMessage,
    Closed,
    ErrorMessage,
    Event,
    Finish,
    Flush,
    FlushComplete,
    Init,
    Reset,
    ResetComplete,
    Text,
    Timestamps,
)
from .session.protocol import SpeechProtocol, State
from .session.recovery import Recovery
from .session.utterance import Utterance
from .text.flush_rules import FlushRule
from .text.intake import Intake
from .text.segmenter import has_word


# While more audio than this waits to be written, no further text is sent.
MOST_AUDIO_WAITING = 8 << 20
# What may be read ahead of what can be sent.
MOST_TEXT_WAITING = 256 << 10
# A check that comes later than this, in seconds, says that nobody was there to make it.
_ASLEEP = 2.0


@dataclass(frozen=True)
class Limits:
    """Times in seconds: `connect` from the start of an attempt to the first message, `silence` while owed."""

    connect: float
    silence: float
    retries: int
    idle_flush: float | None = None
    resume: bool = True


class Conversation:
    """The decisions of one run. `finished` says that every word was confirmed and the service is done."""

    def __init__(
        self, init: Init, rule: FlushRule, limits: Limits, *, track: Track, meter: Meter, service: str
    ) -> None:
        self.ledger = Ledger()
        self.intake = Intake(rule, limits.idle_flush)
        self.track = track
        self.meter = meter
        self.finished = False
        self.connected = False
        self.deadlines = Deadlines(limits.connect, limits.silence, 0.0)
        self.recovery = Recovery(self.ledger, track, limits.retries, service, allowed=limits.resume)
        self._init = init
        self._limits = limits
        self._service = service
        self._protocol = SpeechProtocol()
        self._reset_due: Reset | None = None
        self._resetting: int | None = None
        self._checked_at = 0.0

    # Text comes in.

    def read(self, data: bytes, now: float) -> None:
        """Take text as it was read."""
        self.ledger.add(self.intake.feed(data, now))

    def end_of_text(self) -> None:
        """No more text will come. Raises NothingToSay if there was no word in it."""
        self.ledger.add(self.intake.finish())

    def flush_if_idle(self, now: float) -> None:
        """End the utterance here if the text has paused for long enough."""
        self.ledger.add(self.intake.flush_if_idle(now))

    @staticmethod
    def has_words(text: str) -> bool:
        """Whether there is anything to say in a text."""
        return has_word(text)

    @property
    def wants_text(self) -> bool:
        """Whether more may be read before something was sent."""
        return self.ledger.unsent_bytes < MOST_TEXT_WAITING

    def drop_speech(self) -> bool:
        """Drop what is being said, by a reset; whether anything was. Text not sent yet is kept."""
        if not self.connected or self._protocol.state not in (State.OPENING, State.OPEN):
            return False
        if not self.ledger.drop_sent():
            return False
        self.intake.forget(words_wait=self.ledger.unsent_words)
        self._reset_due = Reset(self.ledger.next_nonce())
        self._resetting = self._reset_due.nonce
        return True

    # A session goes on.

    def begin(self, now: float) -> None:
        """A new attempt to hold a session begins: what is owed is sent again."""
        self.ledger.rewind()
        self._protocol = SpeechProtocol()
        self.deadlines = Deadlines(self._limits.connect, self._limits.silence, now)
        self.connected = False
        self._reset_due = self._resetting = None

    def next_message(self, now: float, audio_waiting: int) -> ClientMessage | None:
        """What to send now, noted as sent; None if nothing may be sent before something happens."""
        self.ledger.written(self.track.length - audio_waiting)
        message = self._choose(audio_waiting)
        if message is None:
            return None
        if isinstance(message, Flush | Reset | Finish):
            self.deadlines.asked(now)
        if isinstance(message, Finish):
            self.ledger.end()
        if isinstance(message, Text):
            self.meter.text_sent(now)
        self._protocol.send(message)
        return message

    def _choose(self, audio_waiting: int) -> ClientMessage | None:
        if self._protocol.state is State.INITIAL:
            self.connected = True
            return self._init
        if self._protocol.state not in (State.OPENING, State.OPEN):
            return None
        if self._reset_due is not None:
            reset, self._reset_due = self._reset_due, None
            return reset
        if audio_waiting > MOST_AUDIO_WAITING or not self.ledger.may_send:
            return None
        if not self._protocol.ready and self.ledger.unconfirmed_bytes >= WINDOW:
            # Until the session stands, all that was sent must stay at hand for the next attempt.
            return None
        return self.ledger.take_next() or (Finish() if self.intake.ended else None)

    def receive(self, event: Event, now: float) -> bytes:
        """Take an event; return the audio to write for it.

        Raises ServiceError for an error message, RemoteProtocolError for what makes no sense, and
        ConnectError or ConnectionLost if the connection closed on something owed.
        """
        if isinstance(event, Closed):
            return self._take_close(event)
        self._protocol.receive(event)
        self.recovery.was_ready = self.recovery.was_ready or self._protocol.ready
        self.deadlines.heard(now, still_owed=self._owed)
        match event:
            case Audio(data) if self._resetting is None:
                self.meter.audio_received(len(data), now)
                self.ledger.hear(len(data))
                chunk = self.track.feed(data)
                self._hear()
                return chunk
            case Timestamps(tokens) if self._resetting is None and self._init.return_timestamps:
                self.ledger.time(tokens)
                self._hear()
            case FlushComplete(nonce):
                utterance = self.ledger.confirm(nonce, self.track.seconds)
                return b"" if utterance is None else self._confirmed(utterance)
            case ResetComplete(nonce) if nonce == self._resetting:
                self._resetting = None
                # What comes now begins with a whole sample, wherever the dropped audio was cut.
                return self.track.splice(self.track.length, can_cut=False).filling
            case ErrorMessage():
                raise failures.refused(self._service, event, self._protocol.request_id)
            case _:
                pass
        return b""

    def _take_close(self, event: Closed) -> bytes:
        was_finishing = self._protocol.state is State.FINISHING
        self._protocol.receive(event)
        chunk = b""
        if self._protocol.state is State.FINISHED:
            rest = self.ledger.confirm_rest()
            chunk = b"" if rest is None else self._confirmed(rest)
        elif not (self.intake.ended and self.ledger.nothing_owed):
            raise self._lost(failures.close_words(event, finishing=was_finishing))
        self.finished = True
        return chunk + self.track.finish()

    def _hear(self) -> None:
        """Confirm by word times what has been heard, as far as bytes are time."""
        end = self.ledger.heard(self.track.seconds)
        if end is not None:
            self.ledger.place(self.track.offset(end))
            self.recovery.progressed()

    def _confirmed(self, utterance: Utterance) -> bytes:
        chunk = self.track.next_utterance()
        self.ledger.place(self.track.length)
        self.recovery.progressed()
        if utterance.has_words and not utterance.audio_bytes:
            raise failures.silent("".join(utterance.owed), self._protocol.request_id)
        return chunk

    # Time passes.

    def check(self, now: float) -> None:
        """Raises if the service has been silent for too long. To be asked several times a second."""
        if now - self._checked_at > _ASLEEP:
            # We were stopped, or the machine slept: it is not the service that was silent.
            self.deadlines.forget(now)
        self._checked_at = now
        if not self.connected:
            return
        if self.deadlines.never_ready(now):
            if self.recovery.was_ready:
                raise self._lost(f"no new session was ready within {self._limits.connect:g} s")
            raise failures.never_ready(self._service, self._limits.connect)
        if overdue := self.deadlines.overdue(now):
            raise self._lost(overdue)

    @property
    def _owed(self) -> bool:
        return self._protocol.state is State.FINISHING or bool(self._protocol.outstanding)

    # A session fails.

    def wait_after(self, error: RetriableError, spread: float) -> float | None:
        """The seconds to wait before the next attempt, None for until text comes; raises if there is none."""
        self.connected = False
        return self.recovery.wait_after(error, spread, self._protocol)

    def waits_for_text(self) -> bool:
        """Whether a session that was lost while nothing was owed is not needed again yet."""
        if not self.ledger.nothing_owed:
            return False
        if self.intake.ended:
            self.finished = True
            return False
        return True

    def _lost(self, how: str) -> RetriableError:
        began = self.recovery.was_ready
        return failures.lost(self._service, how, self._protocol, self.ledger, began=began)

    # What is going on.

    def snapshot(self, now: float) -> Snapshot:
        """The figures of this moment."""
        return Snapshot(
            voice=self._init.voice,
            buffered=self.ledger.unconfirmed_bytes,
            synthesized=self.ledger.confirmed_bytes,
            audio_bytes=self.meter.audio_bytes,
            audio_seconds=self.meter.audio_seconds,
            first_sound=self.meter.first_sound,
            speed=self.meter.speed,
            state=self._state(now),
        )

    def _state(self, now: float) -> str:
        if not self.connected or not self._protocol.ready:
            return "reconnecting" if self.recovery.was_ready else "connecting"
        if self.deadlines.paused:
            return "output paused"
        if self._protocol.state is State.FINISHING:
            return "finishing"
        if self._protocol.outstanding:
            return "flushing"
        waited = int(now - self.intake.last_at)
        return f"waiting for text {waited} s" if waited >= 2 else "waiting for text"
