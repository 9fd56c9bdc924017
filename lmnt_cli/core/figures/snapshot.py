"""The figures of a run: at one moment, and in total."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from ..value import value


if TYPE_CHECKING:
    # A display is opened before a session, and does not need its modules.
    from ..session.ledger import Ledger
    from ..session.phase import Phase
    from ..session.recovery import Recovery
    from ..session.session import Session
    from ..text.intake import Intake
    from ..text.strip.filters import Stripped
    from .meter import Meter

# A silence of the service is reported after this many seconds.
_STALLED = 5.0


class State(enum.Enum):
    """What a run is waiting for, as shown in the status line."""

    CONNECTING = "connecting"
    RECONNECTING = "reconnecting"
    WAITING = "waiting for text"
    FLUSHING = "flushing"
    STALLED = "stalled"
    PAUSED = "output paused"
    FINISHING = "finishing"
    PLAYING = "playing"


@value
class Snapshot:
    """The values in the status line. Bytes of text are UTF-8; times are seconds; None is not known (yet).

    `seconds` depends on the state: how long text has been awaited or the service silent, or how long until
    the next attempt. `attempt` counts from 1 up to `attempts`; `why` is the reason for the last failed
    attempt, "" if none failed. `total` is the bytes of all text known so far, and `ended` whether that is
    all. `name` is the voice, or the file concerned. `played` is the seconds heard.
    """

    name: str
    buffered: int
    synthesized: int
    audio_bytes: int
    audio_seconds: float | None
    first_sound: float | None
    speed: float | None
    state: State
    seconds: float = 0.0
    attempt: int = 1
    attempts: int = 1
    why: str = ""
    total: int = 0
    ended: bool = False
    played: float | None = None


@value
class Figures:
    """The results of a run so far. Bytes of text are UTF-8; times are seconds; None is not known.

    `began` is whether text was sent, `resumed` how often a lost session was resumed, `replaced` the number of
    U+FFFD that replace invalid UTF-8, `full` whether the input was ended at its limit, `stripped` what
    --strip removed.
    """

    began: bool
    confirmed_bytes: int
    dropped_bytes: int
    audio_bytes: int
    audio_seconds: float | None
    first_sound: float | None
    speed: float | None
    resumed: int
    replaced: int
    full: bool = False
    stripped: Stripped | None = None


def take_figures(ledger: Ledger, meter: Meter, recovery: Recovery, intake: Intake) -> Figures:
    """Return the results of the run so far."""
    return Figures(
        began=meter.began,
        confirmed_bytes=ledger.confirmed_bytes,
        dropped_bytes=ledger.dropped_bytes,
        audio_bytes=meter.audio_bytes,
        audio_seconds=meter.audio_seconds,
        first_sound=meter.first_sound,
        speed=meter.speed,
        resumed=recovery.times,
        replaced=intake.replaced,
        full=intake.is_full,
        stripped=intake.stripped,
    )


def take_snapshot(
    voice: str,
    ledger: Ledger,
    meter: Meter,
    recovery: Recovery,
    *,
    state: tuple[State, float],
    ended: bool,
) -> Snapshot:
    """Return the figures at this moment; `ended` is whether all text was read."""
    everything = ledger.confirmed_bytes + ledger.unconfirmed_bytes + ledger.unsent_bytes
    return Snapshot(
        name=voice,
        buffered=ledger.unconfirmed_bytes,
        synthesized=ledger.confirmed_bytes,
        audio_bytes=meter.audio_bytes,
        audio_seconds=meter.audio_seconds,
        first_sound=meter.first_sound,
        speed=meter.speed,
        state=state[0],
        seconds=state[1],
        attempt=recovery.attempt,
        attempts=recovery.attempts,
        why=recovery.why,
        total=everything,
        ended=ended,
    )


def state_of(
    phase: Phase, session: Session, recovery: Recovery, now: float, waiting_since: float
) -> tuple[State, float]:
    """Return what is awaited, and for how many seconds it has been or will be."""
    from ..session.phase import Phase
    from ..session.protocol import State as SessionState

    if phase in (Phase.CONNECTING, Phase.RETRYING):
        left = max(0.0, recovery.next_attempt_at - now) if phase is Phase.RETRYING else 0.0
        return State.RECONNECTING if recovery.was_ready else State.CONNECTING, left
    if session.deadlines.paused:
        return State.PAUSED, 0.0
    silent = session.deadlines.silent_for(now)
    if silent >= _STALLED:
        return State.STALLED, silent
    if session.protocol.state is SessionState.FINISHING:
        return State.FINISHING, 0.0
    if session.protocol.outstanding:
        return State.FLUSHING, 0.0
    return State.WAITING, max(0.0, now - waiting_since)
