"""Which messages may be sent and received when, in one speech session.

Rule 1: everything that changes the state is in this file, and follows the tables below.
Rule 2: no clock and no I/O; one object lasts as long as one connection.

`finish` is sent when nothing is owed any more, so no close matters after it. Any other end may have cut the
speech short, whatever its code.
"""

from __future__ import annotations

import enum
from collections import deque

from ...errors import LocalProtocolError, RemoteProtocolError
from .messages import (
    Audio,
    Closed,
    ErrorMessage,
    Event,
    FlushComplete,
    Incoming,
    Legacy,
    Ready,
    ResetComplete,
    Timestamps,
    Unknown,
    decode,
)
from .requests import ClientMessage, Finish, Flush, Init, Reset, Text, encode


class State(enum.Enum):
    """The state of a session, from the client's point of view."""

    INITIAL = "initial"  # connected, nothing sent yet
    OPENING = "opening"  # init sent; text may follow at once
    OPEN = "open"  # ready received
    FINISHING = "finishing"  # finish sent, ready or not
    FINISHED = "finished"  # closed after finish
    FAILED = "failed"  # ended in any other way


_SENDING: dict[State, dict[type[ClientMessage], State]] = {
    State.INITIAL: {Init: State.OPENING},
    State.OPENING: {
        Text: State.OPENING,
        Flush: State.OPENING,
        Reset: State.OPENING,
        Finish: State.FINISHING,
    },
    State.OPEN: {Text: State.OPEN, Flush: State.OPEN, Reset: State.OPEN, Finish: State.FINISHING},
    State.FINISHING: {},
    State.FINISHED: {},
    State.FAILED: {},
}

# Before `ready`, only ready, error, and messages that are ignored may arrive; older API versions start with
# audio.
_RECEIVING: dict[State, dict[type[Event], State]] = {
    # A message that the service sends at once is treated as if it came after `init`.
    State.INITIAL: {Unknown: State.INITIAL, ErrorMessage: State.FAILED, Closed: State.FAILED},
    State.OPENING: {
        Ready: State.OPEN,
        Unknown: State.OPENING,
        ErrorMessage: State.FAILED,
        Closed: State.FAILED,
    },
    State.OPEN: {
        Audio: State.OPEN,
        Timestamps: State.OPEN,
        FlushComplete: State.OPEN,
        ResetComplete: State.OPEN,
        Unknown: State.OPEN,
        ErrorMessage: State.FAILED,
        Closed: State.FAILED,
    },
    State.FINISHING: {
        Ready: State.FINISHING,
        Audio: State.FINISHING,
        Timestamps: State.FINISHING,
        FlushComplete: State.FINISHING,
        ResetComplete: State.FINISHING,
        Unknown: State.FINISHING,
        ErrorMessage: State.FAILED,
        Closed: State.FINISHED,
    },
    State.FINISHED: {},
    State.FAILED: {},
}

_OLDER = "the service speaks an older protocol than API 1.1"


class SpeechProtocol:
    """The state of one speech session.

    `ready` is whether the service has confirmed the session, `request_id` its name for the session, and
    `outstanding` the flushes and resets not answered yet, oldest first.
    """

    def __init__(self) -> None:
        self.state = State.INITIAL
        self.ready = False
        self.request_id: str | None = None
        self.outstanding: deque[Flush | Reset] = deque()

    def send(self, message: ClientMessage) -> str:
        """Return the text of a message to send now. Raises LocalProtocolError if it may not be sent."""
        state = _SENDING[self.state].get(type(message))
        if state is None:
            raise LocalProtocolError(f"cannot send {type(message).__name__} while {self.state.value}")
        self.state = state
        if isinstance(message, Flush | Reset):
            self.outstanding.append(message)
        return encode(message)

    def receive_message(self, message: Incoming) -> Event:
        """Take what the connection delivered; return its meaning.

        Raises RemoteProtocolError, with the session's request id, if it is malformed or may not arrive now.
        The session is then FAILED.
        """
        try:
            event = decode(message)
            self._receive(event)
        except RemoteProtocolError as error:
            self.state = State.FAILED
            error.request_id = self.request_id
            raise
        return event

    def _receive(self, event: Event) -> None:
        """Follow the table for an event. Raises RemoteProtocolError if it may not arrive now."""
        state = _RECEIVING[self.state].get(type(event))
        if isinstance(event, Legacy) or (isinstance(event, Audio) and not self.ready):
            raise RemoteProtocolError(_OLDER)
        if state is None:
            raise RemoteProtocolError(
                f"received {type(event).__name__} while the session was {self.state.value}"
            )
        match event:
            case Ready():
                if self.ready:
                    raise RemoteProtocolError("the service sent ready twice")
                self.ready, self.request_id = True, event.request_id
            case FlushComplete():
                self._answer(Flush(event.nonce))
            case ResetComplete():
                self._settle(Reset(event.nonce))
            case _:
                pass
        self.state = state

    def _answer(self, flush: Flush) -> None:
        # Audio is in the order of the text, and so are the answers. Any other order would confirm text not
        # spoken yet.
        pending = next((asked for asked in self.outstanding if isinstance(asked, Flush)), None)
        if pending != flush:
            raise RemoteProtocolError(f"the service answered flush {flush.nonce}, which is not next")
        self.outstanding.remove(flush)

    def _settle(self, reset: Reset) -> None:
        # Whether a flush pending at a reset is still answered is not documented, so the reset settles it.
        if reset not in self.outstanding:
            raise RemoteProtocolError(f"the service answered reset {reset.nonce}, which was not requested")
        while self.outstanding.popleft() != reset:
            pass
