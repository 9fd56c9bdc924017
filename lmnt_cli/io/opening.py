"""Opens a session's connection in a thread: dials, shakes hands and sends the first message.

All that is imported for it is little, so that it can begin before anything else of the program is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from .background import Background
from .dialing import dial
from .handshake import frame, shake_hands
from .route import Route
from .wire import Deadline, Wire


@dataclass(frozen=True)
class Opened:
    """A wire that has become a WebSocket.

    `early` is what the service said at once, `greeting` the first message, if it was sent.
    """

    wire: Wire
    early: bytes
    greeting: str | None = None

    def close(self) -> None:
        """Close it, unused."""
        self.wire.close()


def start_opening(route: Route, limit: float, greeting: str | None = None) -> Background[Opened]:
    """Start to open a connection, within `limit` seconds; `greeting` is sent as soon as it is open."""
    return Background(partial(_open, route, limit, greeting), Opened.close)


def _open(route: Route, limit: float, greeting: str | None) -> Opened:
    deadline = Deadline(limit)
    wire = dial(route, deadline)
    early = shake_hands(wire, route, deadline)
    try:
        if greeting is not None:
            wire.send(frame(greeting))
    except OSError:
        pass  # the service left at once: what it said is still to be read, and why it left
    return Opened(wire, early, greeting)
