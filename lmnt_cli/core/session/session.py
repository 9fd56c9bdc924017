"""One attempt to hold a session: what it may send and receive, its time limits, and a reset under way."""

from __future__ import annotations

from dataclasses import dataclass

from .deadlines import Deadlines
from .messages import ClientMessage, Event, Finish, Flush, Reset, ResetComplete
from .protocol import SpeechProtocol, State


@dataclass(frozen=True)
class Limits:
    """Times in seconds: `connect` from the start of an attempt to the first message, `silence` while owed."""

    connect: float
    silence: float
    retries: int
    idle_flush: float | None = None
    resume: bool = True


class Session:
    """The session that is under way. It begins when the attempt does, before there is a connection.

    `discards` says that audio and word times are of dropped text, because a reset is not answered yet.
    """

    def __init__(self, limits: Limits, now: float) -> None:
        self.protocol = SpeechProtocol()
        self.deadlines = Deadlines(limits.connect, limits.silence, now)
        self._reset_due: Reset | None = None
        self._resetting: int | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self.protocol.state in (State.OPENING, State.OPEN, State.FINISHING)

    @property
    def may_send(self) -> bool:
        """Whether text and commands may be sent."""
        return self.protocol.state in (State.OPENING, State.OPEN)

    @property
    def discards(self) -> bool:
        """Whether what comes is of text that was dropped."""
        return self._resetting is not None

    def send(self, message: ClientMessage, now: float) -> None:
        """Note that a message goes out now. Raises LocalProtocolError if it may not."""
        if isinstance(message, Flush | Reset | Finish):
            self.deadlines.answer_awaited(now)
        self.protocol.send(message)

    def receive(self, event: Event, now: float) -> None:
        """Take what the service sent. Raises RemoteProtocolError if it may not."""
        self.protocol.receive(event)
        finishing = self.protocol.state is State.FINISHING
        self.deadlines.message_received(now, still_owed=finishing or bool(self.protocol.outstanding))

    def reset(self, nonce: int) -> None:
        """Have a reset sent next; until it is answered, audio and word times are discarded."""
        self._reset_due = Reset(nonce)
        self._resetting = nonce

    def take_reset(self) -> Reset | None:
        """Return the reset to send, once; None if none is due."""
        reset, self._reset_due = self._reset_due, None
        return reset

    def completes_reset(self, event: ResetComplete) -> bool:
        """Take the answer to a reset; return whether it was the last one, and nothing is discarded now."""
        if event.nonce != self._resetting:
            return False
        self._resetting = None
        return True
