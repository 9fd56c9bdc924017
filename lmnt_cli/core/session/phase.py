"""Where a run is, over all its sessions; where one session is, `protocol.State` knows.

The table says which phase may follow which. `Conversation` enters them.
"""

from __future__ import annotations

import enum

from ...errors import LocalProtocolError


class Phase(enum.Enum):
    """What a run is doing about its session."""

    IDLE = "idle"  # there is no session, and none is needed before text comes
    CONNECTING = "connecting"  # an attempt is under way, and no session is ready yet
    SPEAKING = "speaking"  # a session is open
    RETRYING = "retrying"  # between two attempts
    FINISHED = "finished"  # everything is confirmed


_FOLLOWING: dict[Phase, set[Phase]] = {
    Phase.CONNECTING: {Phase.SPEAKING, Phase.RETRYING, Phase.IDLE, Phase.FINISHED},
    Phase.SPEAKING: {Phase.RETRYING, Phase.IDLE, Phase.FINISHED},
    Phase.RETRYING: {Phase.CONNECTING},
    Phase.IDLE: {Phase.CONNECTING, Phase.FINISHED},
    Phase.FINISHED: set(),
}


def follow(phase: Phase, following: Phase) -> Phase:
    """Return the phase that follows. Raises LocalProtocolError if it may not follow this one."""
    if following not in _FOLLOWING[phase]:
        raise LocalProtocolError(f"a run that is {phase.value} cannot be {following.value}")
    return following
