"""The phase of a run, over all its sessions. `protocol.State` is the state of a single session.

The table lists which phase may follow which. `Conversation` enters them.
"""

from __future__ import annotations

import enum

from ...errors import LocalProtocolError


class Phase(enum.Enum):
    """The state of a run with regard to its sessions."""

    IDLE = "idle"  # no session, and none is needed before text arrives
    CONNECTING = "connecting"  # an attempt is in progress, and no session is ready yet
    SPEAKING = "speaking"  # a session is open
    RETRYING = "retrying"  # between two attempts
    FINISHED = "finished"  # everything is confirmed


_FOLLOWING: dict[Phase, set[Phase]] = {
    Phase.CONNECTING: {Phase.SPEAKING, Phase.RETRYING, Phase.IDLE, Phase.FINISHED},
    Phase.SPEAKING: {Phase.RETRYING, Phase.IDLE, Phase.FINISHED},
    Phase.RETRYING: {Phase.CONNECTING, Phase.IDLE},
    Phase.IDLE: {Phase.CONNECTING, Phase.FINISHED},
    Phase.FINISHED: set(),
}


def follow(phase: Phase, following: Phase) -> Phase:
    """Return the phase that follows. Raises LocalProtocolError if it may not follow this one."""
    if following not in _FOLLOWING[phase]:
        raise LocalProtocolError(f"a run cannot change from {phase.value} to {following.value}")
    return following
