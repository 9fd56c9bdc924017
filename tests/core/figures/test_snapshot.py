"""The figures of a run at each moment (contract, 6)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.audio.track import Track
from lmnt_cli.core.figures.snapshot import State, state_of
from lmnt_cli.core.session.ledger import Ledger
from lmnt_cli.core.session.messages import Ready
from lmnt_cli.core.session.phase import Phase
from lmnt_cli.core.session.protocol import SpeechProtocol
from lmnt_cli.core.session.recovery import Recovery
from lmnt_cli.core.session.requests import Flush, Init
from lmnt_cli.core.session.session import Limits, Session
from lmnt_cli.core.session.speech import Speech
from lmnt_cli.errors import ConnectError
from tests.tools.each import each
from tests.tools.wire import wire


def recovery() -> Recovery:
    """Return a recovery that allows three further attempts."""
    ledger = Ledger()
    ledger.add(["word"])
    return Recovery(ledger, Track(AudioFormat.MP3, 24000), 3, "here", allowed=True)


def session() -> Session:
    """Return a session that is ready at second 0."""
    init, speech = Init("key", "lily", "mp3", 24000), Speech(AudioFormat.MP3, 24000, lambda happening: None)
    held = Session(init, Limits(10.0, 30.0, 3), speech, "here", 0.0, number=1, emit=lambda happening: None)
    held.send(init, 0.0)
    held.receive(wire(Ready("req_1")), 0.0)
    return held


@each(
    ("phase", "was_ready", "state"),
    [
        (Phase.CONNECTING, False, State.CONNECTING),
        (Phase.RETRYING, False, State.CONNECTING),
        (Phase.CONNECTING, True, State.RECONNECTING),
        (Phase.RETRYING, True, State.RECONNECTING),
        (Phase.IDLE, True, State.WAITING),
        (Phase.SPEAKING, True, State.WAITING),
    ],
)
def test_phases(phase: Phase, was_ready: bool, state: State) -> None:
    """The first session is connected, later ones reconnected; with no text owed, text is awaited."""
    known = recovery()
    known.was_ready = was_ready

    assert state_of(phase, session(), known, 2.0, 1.0)[0] is state


def test_the_next_attempt() -> None:
    """Between attempts, the seconds to the next one, its number and the reason are known."""
    known = recovery()
    known.recover(ConnectError("no answer"), 0.0, SpeechProtocol(), 10.0)

    state, seconds = state_of(Phase.RETRYING, session(), known, 10.2, 0.0)
    assert state is State.CONNECTING
    assert seconds == pytest.approx(0.3)
    assert (known.attempt, known.attempts, known.why) == (2, 4, "no answer")


def test_silence() -> None:
    """An unanswered flush is flushing at first, then stalled."""
    held = session()
    held.send(Flush(1), 1.0)

    assert state_of(Phase.SPEAKING, held, recovery(), 2.0, 0.0)[0] is State.FLUSHING
    assert state_of(Phase.SPEAKING, held, recovery(), 13.0, 0.0) == (State.STALLED, 12.0)


def test_waiting() -> None:
    """The wait for text is measured from the last text."""
    assert state_of(Phase.SPEAKING, session(), recovery(), 43.0, 1.0) == (State.WAITING, 42.0)
