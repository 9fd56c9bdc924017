"""One attempt to hold a session: what is connected, and what a reset does to what comes."""

from __future__ import annotations

import pytest

from lmnt_cli.core.session.messages import Closed, Finish, Flush, FlushComplete, Init, Ready, ResetComplete
from lmnt_cli.core.session.session import Limits, Session


INIT = Init("key", "lily", "mp3", 24000)


def opened() -> Session:
    """One that is ready at second 0."""
    session = Session(Limits(10.0, 30.0, 3), 0.0)
    session.send(INIT, 0.0)
    session.receive(Ready("req_1"), 0.0)
    return session


def test_connected() -> None:
    """There is a connection from `init` to the close, and text may be sent on it until `finish`."""
    session = Session(Limits(10.0, 30.0, 3), 0.0)
    assert (session.connected, session.may_send) == (False, False)
    session.send(INIT, 0.0)
    assert (session.connected, session.may_send) == (True, True)
    session.send(Finish(), 0.0)
    assert (session.connected, session.may_send) == (True, False)
    session.protocol.receive(Closed(1006))
    assert (session.connected, session.may_send) == (False, False)


def test_owed() -> None:
    """A flush is owed an answer, and the silence until it comes is counted."""
    session = opened()
    session.send(Flush(1), 1.0)
    assert session.deadlines.silent_for(3.0) == 2.0
    session.receive(FlushComplete(1), 4.0)
    assert session.deadlines.silent_for(9.0) == 0.0


@pytest.mark.parametrize("count", [1, 2])
def test_reset(count: int) -> None:
    """From a reset until the last one is answered, what comes is discarded; each is sent once."""
    session = opened()
    for nonce in range(1, count + 1):
        session.reset(nonce)
        reset = session.take_reset()
        assert reset is not None
        session.send(reset, 0.0)
        assert session.take_reset() is None
    assert session.discards
    answers = [session.completes_reset(ResetComplete(nonce)) for nonce in range(1, count + 1)]

    assert answers == [False] * (count - 1) + [True]
    assert not session.discards
