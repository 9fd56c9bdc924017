"""One run of the program, from the first byte of text to the last of audio, over all its sessions.

Decides what is sent next, whether more text may be read, what a message means, whether an end is clean and
whether a failure is worth another attempt. Time is an argument, in seconds on any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import RetriableError
from . import failures
from .backoff import Attempts
from .boundaries import FlushRule
from .ledger import WINDOW, Ledger, Utterance
from .messages import (
    Audio,
    ClientMessage,
    Closed,
    ErrorMessage,
    Event,
    Finish,
    Flush,
    FlushComplete,
    Init,
    Text,
)
from .meter import Meter, Snapshot
from .protocol import SpeechProtocol, State
from .reading import Reading
from .riff import Container
from .silence import Silence


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


class Conversation:
    """The decisions of one run. `finished` says that every word was confirmed and the service is done."""

    def __init__(
        self,
        init: Init,
        rule: FlushRule,
        limits: Limits,
        *,
        container: Container,
        meter: Meter,
        service: str,
    ) -> None:
        self.ledger = Ledger()
        self.reading = Reading(rule, limits.idle_flush)
        self.container = container
        self.meter = meter
        self.finished = False
        self.connected = False
        self._init = init
        self._limits = limits
        self._service = service
        self._protocol = SpeechProtocol()
        self._attempts = Attempts(limits.retries)
        self._was_ready = False
        self._checked_at = 0.0
        self.silence = self._listen_from(0.0)

    # Text comes in.

    def read(self, data: bytes, now: float) -> None:
        """Take text as it was read."""
        self.ledger.add(self.reading.feed(data, now))

    def end_of_text(self) -> None:
        """No more text will come. Raises NothingToSay if there was no word in it."""
        self.ledger.add(self.reading.finish())

    def flush_if_idle(self, now: float) -> None:
        """End the utterance here if the text has paused for long enough."""
        self.ledger.add(self.reading.flush_if_idle(now))

    @property
    def wants_text(self) -> bool:
        """Whether more may be read before something was sent."""
        return self.ledger.unsent_bytes < MOST_TEXT_WAITING

    # A session goes on.

    def begin(self, now: float) -> None:
        """A new attempt to hold a session begins: what is owed is sent again."""
        self.ledger.rewind()
        self._protocol = SpeechProtocol()
        self.silence = self._listen_from(now)
        self.connected = False

    def _listen_from(self, now: float) -> Silence:
        return Silence(self._limits.connect, self._limits.silence, now)

    def next_message(self, now: float, audio_waiting: int) -> ClientMessage | None:
        """What to send now, noted as sent; None if nothing may be sent before something happens."""
        message = self._choose(audio_waiting)
        if message is None:
            return None
        if isinstance(message, Flush | Finish):
            self.silence.asked(now)
        if isinstance(message, Text):
            self.meter.text_sent(now)
        self._protocol.send(message)
        return message

    def _choose(self, audio_waiting: int) -> ClientMessage | None:
        if self._protocol.state is State.INITIAL:
            self.connected = True
            return self._init
        if self._protocol.state not in (State.OPENING, State.OPEN) or audio_waiting > MOST_AUDIO_WAITING:
            return None
        if not self._protocol.ready and self.ledger.unconfirmed_bytes >= WINDOW:
            # Until the session stands, all that was sent must stay at hand for the next attempt.
            return None
        if not self.ledger.may_send:
            return None
        return self.ledger.take_next() or (Finish() if self.reading.ended else None)

    def receive(self, event: Event, now: float) -> bytes:
        """Take an event; return the audio to write for it.

        Raises ServiceError for an error message, RemoteProtocolError for what makes no sense, and
        ConnectError or ConnectionLost if the connection closed on something owed.
        """
        if isinstance(event, Closed):
            self._take_close(event)
            return b""
        self._protocol.receive(event)
        self.silence.heard(now, still_owed=self._owed)
        self._was_ready = self._was_ready or self._protocol.ready
        match event:
            case Audio():
                self.meter.audio_received(len(event.data), now)
                self.ledger.hear(len(event.data))
                return self.container.feed(event.data)
            case FlushComplete():
                self._confirmed(self.ledger.confirm(event.nonce))
                return self.container.boundary()
            case ErrorMessage():
                raise failures.refused(self._service, event, self._protocol.request_id)
            case _:
                pass
        return b""

    def _take_close(self, event: Closed) -> None:
        was_finishing = self._protocol.state is State.FINISHING
        self._protocol.receive(event)
        if self._protocol.state is State.FINISHED:
            rest = self.ledger.confirm_rest()
            if rest is not None:
                self._confirmed(rest)
        elif not (self.reading.ended and self.ledger.nothing_owed):
            raise self._lost(failures.close_words(event, finishing=was_finishing))
        self.finished = True

    def _confirmed(self, utterance: Utterance) -> None:
        self._attempts.succeeded()
        if utterance.has_words and not utterance.audio_bytes:
            raise failures.silent("".join(utterance.texts or []), self._protocol.request_id)

    # Time passes.

    def check(self, now: float) -> None:
        """Raises if the service has been silent for too long. To be asked several times a second."""
        if now - self._checked_at > _ASLEEP:
            # We were stopped, or the machine slept: it is not the service that was silent.
            self.silence.resume(now)
        self._checked_at = now
        if not self.connected:
            return
        if self.silence.never_ready(now):
            raise failures.never_ready(self._service, self._limits.connect)
        if overdue := self.silence.overdue(now):
            raise self._lost(overdue)

    @property
    def _owed(self) -> bool:
        return self._protocol.state is State.FINISHING or bool(self._protocol.outstanding)

    # A session fails.

    def wait_after(self, error: RetriableError, spread: float) -> float:
        """The seconds to wait before the next attempt; raises the error itself if there is to be none."""
        self.connected = False
        if self._was_ready or not error.transient or not self._attempts.more:
            raise error
        return self._attempts.failed(error.retry_after, spread)

    def _lost(self, how: str) -> RetriableError:
        return failures.lost(self._service, how, self._protocol, self.ledger)

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
            state=self.state(now),
        )

    def state(self, now: float) -> str:
        """What is being waited for."""
        if not self.connected or not self._protocol.ready:
            return "connecting"
        if self.silence.paused:
            return "output paused"
        if self._protocol.state is State.FINISHING:
            return "finishing"
        if self._protocol.outstanding:
            return "flushing"
        waited = int(now - self.reading.last_at)
        return f"waiting for text {waited} s" if waited >= 2 else "waiting for text"
