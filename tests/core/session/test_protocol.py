"""Which messages may be sent and received when (the table), and what a clean end is (contract, 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.session.messages import (
    Audio,
    Broken,
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
)
from lmnt_cli.core.session.protocol import SpeechProtocol, State
from lmnt_cli.core.session.requests import ClientMessage, Finish, Flush, Init, Reset, Text
from lmnt_cli.errors import LocalProtocolError, RemoteProtocolError
from tests.tools.each import each
from tests.tools.strategies import properties
from tests.tools.wire import message_of, wire


INIT = Init("key", "lily", "mp3", 24000)
READY = Ready("req_1")


def after(*steps: ClientMessage | Event) -> SpeechProtocol:
    """Return a session that has gone through these steps."""
    protocol = SpeechProtocol()
    for step in steps:
        take(protocol, step)
    return protocol


def take(protocol: SpeechProtocol, step: ClientMessage | Event) -> None:
    """Send or receive the message, depending on which side sends its kind."""
    if isinstance(step, Init | Text | Flush | Reset | Finish):
        protocol.send(step)
    else:
        protocol.receive_message(wire(step))


WAY_TO = {
    State.INITIAL: (),
    State.OPENING: (INIT,),
    State.OPEN: (INIT, READY),
    State.FINISHING: (INIT, READY, Finish()),
    State.FINISHED: (INIT, READY, Finish(), Closed(1000)),
    State.FAILED: (INIT, READY, Closed(1011)),
}
MAY_SEND: dict[State, set[type]] = {
    State.INITIAL: {Init},
    State.OPENING: {Text, Flush, Reset, Finish},
    State.OPEN: {Text, Flush, Reset, Finish},
    State.FINISHING: set(),
    State.FINISHED: set(),
    State.FAILED: set(),
}
ALL_SENT = [INIT, Text("a"), Flush(9), Reset(9), Finish()]
SENDING = [(state, message) for state in State for message in ALL_SENT]


@each(("state", "message"), SENDING)
def test_sending(state: State, message: ClientMessage) -> None:
    """First `init`, once; then text and commands, even before `ready`; nothing after `finish`."""
    protocol = after(*WAY_TO[state])

    assert protocol.state is state
    if type(message) in MAY_SEND[state]:
        protocol.send(message)
    else:
        with pytest.raises(LocalProtocolError):
            protocol.send(message)


MAY_COME = {
    State.INITIAL: {Unknown, ErrorMessage},
    State.OPENING: {Ready, Unknown, ErrorMessage},
    State.OPEN: {Audio, Timestamps, Unknown, ErrorMessage},
    State.FINISHING: {Audio, Timestamps, Unknown, ErrorMessage},
    State.FINISHED: set(),
    State.FAILED: set(),
}
ALL_RECEIVED = [READY, Audio(b"a"), Timestamps(()), ErrorMessage("", ""), Legacy("durations"), Unknown("x")]
RECEIVING = [(state, event) for state in State for event in ALL_RECEIVED]


@each(("state", "event"), RECEIVING)
def test_receiving(state: State, event: Event) -> None:
    """`ready` is first and arrives once; audio before it means an older version; nothing follows the end."""
    protocol = after(*WAY_TO[state])

    if type(event) in MAY_COME[state]:
        protocol.receive_message(wire(event))
    else:
        with pytest.raises(RemoteProtocolError):
            protocol.receive_message(wire(event))
        assert protocol.state is State.FAILED


@each("event", [Audio(b"a"), Legacy("durations"), Legacy("buffer_empty"), Legacy("complete")])
def test_an_older_generation(event: Event) -> None:
    """A service that begins with audio, or with extras, speaks an older protocol, and the error says so."""
    with pytest.raises(RemoteProtocolError, match="older protocol"):
        after(INIT).receive_message(wire(event))


def test_late_ready() -> None:
    """`ready` may arrive after `finish` if text and `finish` were sent before it."""
    protocol = after(INIT, Text("a"), Finish(), READY, Audio(b"a"), Closed(1000))

    assert protocol.state is State.FINISHED
    assert protocol.request_id == "req_1"


@each("code", [1000, 1001, 1002, 1005, 1006, 1011, 4000])
@each("steps", [(), (INIT,), (INIT, READY), (INIT, READY, Text("a"), Flush(1), FlushComplete(1))])
def test_any_close_before_finish(code: int, steps: tuple[ClientMessage | Event, ...]) -> None:
    """A close before `finish` may have cut the speech short, whatever its code."""
    protocol = after(*steps)

    protocol.receive_message(wire(Closed(code)))

    assert protocol.state is State.FAILED


@each("code", [1000, 1001, 1002, 1005, 1006, 1011, 4000])
@each("outstanding", [(), (Flush(1),), (Reset(1),)])
def test_any_close_after_finish(code: int, outstanding: tuple[ClientMessage, ...]) -> None:
    """After `finish` no close matters."""
    protocol = after(INIT, READY, Text("a"), *outstanding, Finish())

    protocol.receive_message(wire(Closed(code)))

    assert protocol.state is State.FINISHED


@each(
    "message",
    [
        "{not json",
        "[]",
        "3",
        '{"type":"flush_complete"}',
        '{"x":"' + "y" * (1 << 20) + '"}',
        Broken("no UTF-8"),
    ],
    ids=["no JSON", "a list", "a number", "no nonce", "too long", "no message at all"],
)
def test_nonsense(message: Incoming) -> None:
    """A malformed message is the service's fault, has the session's request id, and ends the session."""
    protocol = after(INIT, READY)

    with pytest.raises(RemoteProtocolError) as raised:
        protocol.receive_message(message)

    assert raised.value.request_id == "req_1"
    assert protocol.state is State.FAILED


def test_encoded() -> None:
    """A message sent is returned as it is on the wire."""
    protocol = after()

    assert message_of(protocol.send(INIT)) == INIT
    assert message_of(protocol.send(Text("é\n"))) == Text("é\n")


def test_flushes_are_answered_in_order() -> None:
    """Each answer settles the oldest flush, and no other."""
    protocol = after(INIT, READY, Flush(1), Flush(2))

    protocol.receive_message(wire(FlushComplete(1)))
    assert list(protocol.outstanding) == [Flush(2)]
    protocol.receive_message(wire(FlushComplete(2)))
    assert not protocol.outstanding


@each("nonce", [2, 3, 0, -1, pytest.param(10**3999, id="4,000 digits")])
def test_wrong_answers(nonce: int) -> None:
    """An answer to any flush but the next is refused: it would confirm text not spoken yet."""
    protocol = after(INIT, READY, Flush(1), Flush(2))

    with pytest.raises(RemoteProtocolError) as raised:
        protocol.receive_message(wire(FlushComplete(nonce)))

    assert len(raised.value.message) < 5000
    assert raised.value.request_id == "req_1"


def test_an_answer_comes_once() -> None:
    """A second answer to a flush is refused."""
    protocol = after(INIT, READY, Flush(1), FlushComplete(1))

    with pytest.raises(RemoteProtocolError):
        protocol.receive_message(wire(FlushComplete(1)))


def test_reset_settles_flushes_before_it() -> None:
    """`reset_complete` settles every flush before it, answered or not, and none after it."""
    protocol = after(INIT, READY, Flush(1), Flush(2), Reset(3), Flush(4), ResetComplete(3))

    assert list(protocol.outstanding) == [Flush(4)]


def test_a_flush_is_answered_before_the_reset_behind_it() -> None:
    """A flush pending at a reset may still be answered."""
    protocol = after(INIT, READY, Flush(1), Reset(2), FlushComplete(1), ResetComplete(2))

    assert not protocol.outstanding


def test_a_reset_nobody_asked_for() -> None:
    """An answer to a reset that was not sent is refused."""
    protocol = after(INIT, READY, Flush(1))

    with pytest.raises(RemoteProtocolError):
        protocol.receive_message(wire(ResetComplete(1)))


steps = st.one_of(
    st.sampled_from([INIT, Text("a"), Finish(), READY, Ready(None), Audio(b"a"), Audio(b"")]),
    st.sampled_from([Timestamps(()), ErrorMessage("x", "y"), Legacy("complete"), Unknown("z")]),
    st.builds(Flush, st.integers(1, 4)),
    st.builds(Reset, st.integers(1, 4)),
    st.builds(FlushComplete, st.integers(1, 4)),
    st.builds(ResetComplete, st.integers(1, 4)),
    st.builds(Closed, st.sampled_from([1000, 1006, 1011])),
)


@properties
@given(st.booleans(), st.lists(steps, max_size=20))
def test_any_sequence(opened: bool, sequence: list[ClientMessage | Event]) -> None:
    """Any sequence follows the table or is attributed to the side that broke it; an end stays the end."""
    protocol = after(INIT, READY) if opened else after()
    was_finished = was_failed = finish_sent = False
    for step in sequence:
        try:
            take(protocol, step)
        except LocalProtocolError:
            assert not isinstance(step, Closed)
            continue
        except RemoteProtocolError:
            assert protocol.state is State.FAILED
        finish_sent = finish_sent or isinstance(step, Finish)
        if protocol.state is State.FINISHED and not was_finished:
            assert isinstance(step, Closed)
            assert finish_sent
        assert not was_failed or protocol.state is State.FAILED
        was_finished = protocol.state is State.FINISHED
        was_failed = protocol.state is State.FAILED


@properties
@given(st.lists(st.sampled_from(["flush", "answer"]), max_size=30))
def test_flushes_are_accounted_for(sequence: list[str]) -> None:
    """The flushes sent are those completed and those outstanding."""
    protocol = after(INIT, READY)
    sent = completed = 0
    for what in sequence:
        if what == "flush":
            sent += 1
            protocol.send(Flush(sent))
        elif completed < sent:
            completed += 1
            protocol.receive_message(wire(FlushComplete(completed)))

        assert sent == completed + len(protocol.outstanding)
