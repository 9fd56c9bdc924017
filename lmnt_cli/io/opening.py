"""Open a session's connection in a thread: dial, perform the handshake and send the first messages.

This imports little, so that it can start before the rest of the program is loaded.
"""

from __future__ import annotations

import threading
from functools import partial

from ..core.value import value
from .background import Background
from .dialing import dial
from .handshake import frame, shake_hands
from .route import Route
from .wire import Deadline, Wire


@value
class Opened:
    """A wire after the WebSocket handshake.

    `early` holds bytes received together with the handshake, `greeting` the messages sent since.
    """

    wire: Wire
    early: bytes
    greeting: tuple[str, ...]

    def close(self) -> None:
        """Close the wire, unused."""
        self.wire.close()


class Greeting:
    """The messages to send as soon as a connection is open. More can be added until then."""

    def __init__(self, *messages: str) -> None:
        self._lock = threading.Lock()
        self._messages = messages
        self._is_taken = False

    def add(self, *messages: str) -> bool:
        """Add messages; return False, and add nothing, if it is too late."""
        with self._lock:
            if not self._is_taken:
                self._messages += messages
            return not self._is_taken

    def take(self) -> tuple[str, ...]:
        """Return all messages, which are now being sent."""
        with self._lock:
            self._is_taken = True
            return self._messages


def start_opening(route: Route, limit: float, greeting: Greeting | None = None) -> Background[Opened]:
    """Start opening a connection, within `limit` seconds. Once it is open, the greeting is sent at once."""
    return Background(partial(_open, route, limit, greeting or Greeting()), Opened.close)


def _open(route: Route, limit: float, greeting: Greeting) -> Opened:
    deadline = Deadline(limit)
    wire = dial(route, deadline)
    early = shake_hands(wire, route, deadline)
    messages = greeting.take()
    try:
        if messages:
            wire.send(b"".join(map(frame, messages)))
    except OSError:
        pass  # the service has already closed; the reason is read later, with what it has sent
    return Opened(wire, early, messages)
