"""Open a session's connection in a thread: dial, perform the handshake and send the first message.

This imports little, so that it can start before the rest of the program is loaded.
"""

from __future__ import annotations

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

    `early` holds bytes received together with the handshake; `greeting` is the first message, if it was sent.
    """

    wire: Wire
    early: bytes
    greeting: str | None = None

    def close(self) -> None:
        """Close the wire, unused."""
        self.wire.close()


def start_opening(route: Route, limit: float, greeting: str | None = None) -> Background[Opened]:
    """Start opening a connection, within `limit` seconds. Once it is open, `greeting` is sent at once."""
    return Background(partial(_open, route, limit, greeting), Opened.close)


def _open(route: Route, limit: float, greeting: str | None) -> Opened:
    deadline = Deadline(limit)
    wire = dial(route, deadline)
    early = shake_hands(wire, route, deadline)
    try:
        if greeting is not None:
            wire.send(frame(greeting))
    except OSError:
        pass  # the service has already closed; the reason is read later, with what it has sent
    return Opened(wire, early, greeting)
