"""One attempt at a session: what it sends next, what it receives, and how long it may be silent."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import RetriableError
from ..value import value
from . import failures, happenings
from .deadlines import Deadlines
from .happenings import Happening
from .ledger import WINDOW
from .messages import Audio, ErrorMessage, Event, FlushComplete, Incoming, Ready, ResetComplete, Timestamps
from .protocol import SpeechProtocol, State
from .requests import ClientMessage, Finish, Flush, Init, Reset
from .speech import Speech


# How long to wait for word times before more unconfirmed text is sent than can be kept, in seconds: for the
# first ones of an utterance, and for further ones.
FIRST_PATIENCE = 1.0
PATIENCE = 5.0
# While more audio than this waits to be written, no further text is sent.
MOST_AUDIO_WAITING = 8 << 20


@value
class Limits:
    """The limits of a session. Times are in seconds.

    `connect` is the time from the start of an attempt to the first message, `silence` the longest without any
    message while an answer is owed. The input ends after `characters` characters, None for no limit.
    """

    connect: float
    silence: float
    retries: int
    idle_flush: float | None = None
    resume: bool = True
    characters: int | None = None


class Session:
    """The current session. It begins with the attempt, before there is a connection.

    `speech` belongs to the run; this is its session `number` if it becomes ready. Calls `emit` with each
    event.
    """

    def __init__(
        self,
        init: Init,
        limits: Limits,
        speech: Speech,
        service: str,
        now: float,
        *,
        number: int,
        emit: Callable[[Happening], None],
    ) -> None:
        self.protocol = SpeechProtocol()
        self.deadlines = Deadlines(limits.connect, limits.silence, now)
        self._init = init
        self._limits = limits
        self._speech = speech
        self._service = service
        self._number = number
        self._emit = emit
        self._confirmed = -1  # bytes, last seen at second `_confirmed_at` or before
        self._confirmed_at = now
        self._reset_due: Reset | None = None
        self._resetting: int | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self.protocol.state in (State.OPENING, State.OPEN, State.FINISHING)

    @property
    def finishing(self) -> bool:
        """Whether `finish` was sent: nothing is owed, and a close no longer matters."""
        return self.protocol.state in (State.FINISHING, State.FINISHED)

    @property
    def discards(self) -> bool:
        """Whether audio and word times belong to dropped text because a reset is not answered yet."""
        return self._resetting is not None

    @property
    def _may_send(self) -> bool:
        return self.protocol.state in (State.OPENING, State.OPEN)

    def choose_message(self, audio_waiting: int, now: float, *, text_ended: bool) -> ClientMessage | None:
        """Remove and return the message to send next; None if none may be sent yet."""
        ledger = self._speech.ledger
        if self.protocol.state is State.INITIAL:
            return self._init
        if not self._may_send:
            return None
        if self._reset_due is not None:
            reset, self._reset_due = self._reset_due, None
            return reset
        if text_ended and self.protocol.ready and ledger.nothing_owed and not ledger.unsent:
            return Finish()
        if audio_waiting > MOST_AUDIO_WAITING:
            self._confirmed_at = now  # we receive nothing: no times are late
            return None
        if not ledger.may_send or self._waits_for_times(now):
            return None
        if not self.protocol.ready and ledger.unconfirmed_bytes >= WINDOW:
            # Until the session is ready, all text sent must be kept for the next attempt.
            return None
        return ledger.take_next()

    def _waits_for_times(self, now: float) -> bool:
        """Return whether word times are likely to confirm text soon, so that all text owed can be kept."""
        ledger = self._speech.ledger
        if not (self._init.return_timestamps and ledger.awaits_times):
            return False
        if self._confirmed != ledger.confirmed_bytes:
            self._confirmed, self._confirmed_at = ledger.confirmed_bytes, now
        return now - self._confirmed_at < (PATIENCE if ledger.first.is_timed else FIRST_PATIENCE)

    def send(self, message: ClientMessage, now: float) -> str:
        """Return the text of a message to send now. Raises LocalProtocolError if it may not be sent."""
        self._emit(happenings.of_message(message, self._speech.ledger.last_number))
        if isinstance(message, Flush | Reset):
            self.deadlines.answer_awaited(now)
        return self.protocol.send(message)

    def receive(self, message: Incoming, now: float) -> tuple[Event, bytes]:
        """Take what the connection delivered; return its meaning, and the audio to write for it.

        Raises ServiceError for an error message, and RemoteProtocolError for a malformed or unexpected one.
        """
        event = self.protocol.receive_message(message)
        self._emit(happenings.Received(event, message))
        self.deadlines.message_received(now, still_owed=bool(self.protocol.outstanding))
        return event, self._take(event)

    def _take(self, event: Event) -> bytes:
        """Apply an event to the speech of the run; return the audio to write for it."""
        request_id = self.protocol.request_id
        match event:
            case Audio(data) if not self.discards:
                return self._speech.take_audio(data)
            case Timestamps(tokens) if not self.discards and self._init.return_timestamps:
                self._speech.take_word_times(tokens)
            case FlushComplete(nonce) if self._speech.ledger.completes(nonce):
                return self._speech.complete_utterance(request_id)
            case ResetComplete(nonce) if nonce == self._resetting:
                self._resetting = None
                return self._speech.track.drop()
            case Ready():
                self._emit(happenings.Ready(request_id, self._number))
            case ErrorMessage():
                raise failures.refused(self._service, event, request_id)
            case _:
                pass
        return b""

    def drop_speech(self) -> bool:
        """Drop the speech in progress; return False if there is none. Text never sent is kept.

        What was sent in this session needs a reset. Until it is answered, audio and word times belong to
        dropped text and are discarded. What was sent in a lost session is not sent again.
        """
        ledger = self._speech.ledger
        if not ledger.begun:
            return False
        if not ledger.nothing_sent_owed:
            self._reset_due = Reset(ledger.next_nonce())
            self._resetting = self._reset_due.nonce
        self._speech.drop()
        return True

    def check(self, now: float) -> None:
        """Raise ConnectionLost if the service has been silent for too long; see `Conversation.check`."""
        self.deadlines.note_check(now)
        if not self.connected:
            return
        if self.deadlines.never_ready(now):
            if self._number > 1:
                raise self.lost(f"no new session was ready within {self._limits.connect:g} s")
            raise failures.never_ready(self._service, self._limits.connect)
        if overdue := self.deadlines.overdue(now):
            raise self.lost(overdue)

    def lost(self, how: str) -> RetriableError:
        """Return the error for the loss of this session; `how` describes it."""
        return failures.lost(self._service, how, self.protocol, self._speech.ledger, began=self._number > 1)
