"""One attempt at a session: what it sends when, and the effect of a reset on what arrives (contract, 5)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.session.happenings import Happening, Received
from lmnt_cli.core.session.happenings import Ready as ReadyHappened
from lmnt_cli.core.session.messages import Audio, Closed, FlushComplete, Ready, ResetComplete
from lmnt_cli.core.session.requests import Finish, Flush, Init, Reset, Text
from lmnt_cli.core.session.session import MOST_AUDIO_WAITING, Limits, Session
from lmnt_cli.core.session.speech import Speech
from lmnt_cli.core.text.segmenter import Mark
from lmnt_cli.errors import ConnectError, ConnectionLost
from tests.tools.each import each
from tests.tools.wire import wire


INIT = Init("key", "lily", "pcm_s16le", 8000)


class Held:
    """A session, its speech, and the events so far."""

    def __init__(self, *pieces: str | Mark, number: int = 1, ready: bool = True) -> None:
        self.happened: list[Happening] = []
        self.speech = Speech(AudioFormat.PCM_S16LE, 8000, self.happened.append)
        self.speech.ledger.add(list(pieces))
        limits = Limits(10.0, 30.0, 3)
        self.session = Session(
            INIT, limits, self.speech, "here", 0.0, number=number, emit=self.happened.append
        )
        if ready:
            self.session.send(INIT, 0.0)
            self.session.receive(wire(Ready("req_1")), 0.0)

    def send_all(self, *, ended: bool = False, waiting: int = 0) -> list[object]:
        """Send everything that may be sent."""
        sent: list[object] = []
        while message := self.session.choose_message(waiting, 0.0, text_ended=ended):
            self.session.send(message, 1.0)
            sent.append(message)
        return sent


def test_connected() -> None:
    """There is a connection from `init` to the close."""
    held = Held(ready=False)
    session = held.session
    assert not session.connected
    assert held.send_all(ended=True) == [INIT], "`finish` waits for `ready`"
    assert session.connected
    session.receive(wire(Ready("req_1")), 0.0)
    assert held.send_all(ended=True) == [Finish()]
    assert (session.connected, session.finishing) == (True, True)
    session.receive(Closed(1006), 0.0)
    assert (session.connected, session.finishing) == (False, True)


def test_what_is_sent() -> None:
    """Text is sent while little audio waits, and `finish` once the text has ended and nothing is owed."""
    held = Held("One.", Mark.FLUSH)

    assert held.send_all(waiting=MOST_AUDIO_WAITING + 1) == []
    assert held.send_all(ended=True) == [Text("One."), Flush(1)]
    held.session.receive(wire(Audio(b"aa")), 2.0)
    held.session.receive(wire(FlushComplete(1)), 2.0)
    assert held.send_all(ended=True, waiting=MOST_AUDIO_WAITING + 1) == [Finish()]


def test_owed() -> None:
    """A flush is owed an answer; silence until then is counted, and is finally a drop."""
    held = Held("One.", Mark.FLUSH)
    held.send_all()
    assert held.session.deadlines.silent_for(3.0) == 2.0
    for second in range(31):
        held.session.check(float(second))
    with pytest.raises(ConnectionLost, match="30 s"):
        held.session.check(31.0)
    held.session.receive(wire(Audio(b"aa")), 4.0)
    held.session.receive(wire(FlushComplete(1)), 4.0)
    assert held.session.deadlines.silent_for(9.0) == 0.0


@each(("number", "error"), [(1, ConnectError), (2, ConnectionLost)])
def test_never_ready(number: int, error: type[Exception]) -> None:
    """A session that is never ready is a failure to connect, or a loss if one was ready before."""
    held = Held(number=number, ready=False)
    held.send_all()
    for second in range(10):
        held.session.check(float(second))

    with pytest.raises(error, match="ready"):
        held.session.check(10.0)


@each("count", [1, 2])
def test_reset(count: int) -> None:
    """From a reset to the last answer, whatever arrives is discarded; each reset is sent once."""
    held = Held()
    for nonce in range(1, count + 1):
        held.speech.ledger.add(["One."])
        held.send_all()
        assert held.session.drop_speech()
        assert held.send_all() == [Reset(nonce)]
    for nonce in range(1, count + 1):
        assert held.session.discards
        assert held.session.receive(wire(Audio(b"late")), 2.0)[1] == b""
        held.session.receive(wire(ResetComplete(nonce)), 2.0)

    assert not held.session.discards
    assert held.session.receive(wire(Audio(b"next")), 3.0)[1] == b"next"


def test_nothing_to_drop() -> None:
    """Without a word that is owed there is no reset."""
    held = Held("---")
    held.send_all()

    assert not held.session.drop_speech()
    assert held.send_all() == []


def test_what_happens() -> None:
    """Listeners get every message received, and the number of the session."""
    held = Held(number=3)

    assert held.happened[1:] == [Received(Ready("req_1"), wire(Ready("req_1"))), ReadyHappened("req_1", 3)]
