"""One run over all its sessions: what is sent, what a message means, and when it ends (contract, 5)."""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.conversation import MOST_TEXT_WAITING, Conversation
from lmnt_cli.core.figures.snapshot import State
from lmnt_cli.core.session.happenings import Confirmed, Happening
from lmnt_cli.core.session.ledger import LIMIT
from lmnt_cli.core.session.messages import (
    Audio,
    Closed,
    ErrorMessage,
    Event,
    FlushComplete,
    Ready,
    ResetComplete,
    Timestamps,
    Token,
    Unknown,
)
from lmnt_cli.core.session.recovery import Retry
from lmnt_cli.core.session.requests import ClientMessage, Finish, Flush, Init, Reset, Text
from lmnt_cli.core.session.session import FIRST_PATIENCE, MOST_AUDIO_WAITING, PATIENCE, Limits
from lmnt_cli.core.session.speech import Unspoken
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.strip.filters import Strip
from lmnt_cli.core.value import replace
from lmnt_cli.errors import (
    ConnectError,
    ConnectionLost,
    ExitCode,
    NothingToSay,
    RemoteProtocolError,
    RetriableError,
    SayError,
    ServiceError,
)
from tests.tools.each import each
from tests.tools.strategies import cut, places, properties, rules, texts
from tests.tools.wire import message_of, wire


INIT = Init("key", "lily", "pcm_s16le", 8000)
READY = Ready("req_1")


def talk(
    rule: FlushRule = FlushRule.BLANK_LINE,
    *,
    retries: int = 3,
    idle: float | None = None,
    resume: bool = True,
    times: bool = False,
    emit: Callable[[float, Happening], None] | None = None,
    lacks_times: Callable[[], bool] | None = None,
) -> Conversation:
    """Return a conversation at time 0 whose first session has begun."""
    conversation = Conversation(
        replace(INIT, return_timestamps=times),
        rule,
        Limits(connect=10.0, silence=30.0, retries=retries, idle_flush=idle, resume=resume),
        AudioFormat.PCM_S16LE,
        service="127.0.0.1",
        emit=emit,
        lacks_times=lacks_times,
    )
    conversation.begin(0.0)
    return conversation


def send_all(conversation: Conversation, now: float = 0.0) -> list[ClientMessage]:
    """Send everything that may be sent now."""
    messages = []
    while message := conversation.next_message(now, 0):
        messages.append(message_of(message))
    return messages


def wait_after(conversation: Conversation, error: RetriableError) -> float | None:
    """Return the seconds to wait after this failure, or None to wait for text."""
    step = conversation.recover(error, 0.0, 0.0)
    return step.after if isinstance(step, Retry) else None


def opened(text: bytes = b"", *, ended: bool = False, **options: Any) -> Conversation:
    """Return a conversation that is ready and has sent this text."""
    conversation = talk(**options)
    if text:
        conversation.read(text, 0.0)
    if ended:
        conversation.end_of_text()
    send_all(conversation)
    conversation.receive(wire(READY), 0.0)
    return conversation


def test_order_of_messages() -> None:
    """`init` is sent on connecting, text may follow before `ready`, and a flush ends the text."""
    conversation = talk()

    assert send_all(conversation) == [INIT]
    conversation.read(b"One.\n\nTwo.", 0.0)
    assert send_all(conversation) == [Text("One.\n\n"), Flush(1), Text("Two.")]
    conversation.end_of_text()
    assert send_all(conversation) == [Flush(2)]
    assert send_all(conversation) == []


def answer(conversation: Conversation, nonce: int, audio: bytes = b"aa") -> None:
    """Send audio from the service, and the answer to a flush."""
    conversation.receive(wire(Audio(audio)), 0.1)
    conversation.receive(wire(FlushComplete(nonce)), 0.1)


def test_a_whole_session() -> None:
    """Audio is passed on as it arrives, answered flushes confirm their text, and `finish` is the end."""
    conversation = opened(b"One.\n\nTwo.", ended=True)

    assert conversation.receive(wire(Audio(b"abcd")), 0.1) == b"abcd"
    assert conversation.figures().confirmed_bytes == 0
    conversation.receive(wire(FlushComplete(1)), 0.2)
    assert conversation.figures().confirmed_bytes == 6
    assert send_all(conversation) == []
    answer(conversation, 2)
    assert conversation.figures().confirmed_bytes == 10
    assert not conversation.finished
    assert send_all(conversation) == [Finish()]
    assert conversation.finished
    assert conversation.nothing_owed


@each("rule", FlushRule)
@each("text", [b"One.", b"One.\n", b"One.\n\nTwo", b"One.\n\n---", b"One.\n\n"])
def test_the_end_of_input_is_flushed(rule: FlushRule, text: bytes) -> None:
    """Text after the last flush gets a flush of its own at the end, once, whatever the rule."""
    conversation = opened(text, ended=True, rule=rule)
    conversation.recover(ConnectionLost("gone"), 0.0, 1.0)
    conversation.begin(1.0)
    sent = send_all(conversation)

    assert isinstance(sent[-1], Flush)
    assert not any(isinstance(one, Flush) and isinstance(two, Flush) for one, two in itertools.pairwise(sent))


@each("words", [1, 2])
def test_finish_without_the_answer(words: int) -> None:
    """Once times have confirmed all words, `finish` is sent; the rest of the audio is awaited."""
    conversation = opened(b"One two.", ended=True, times=True)
    conversation.receive(wire(Audio(bytes(32000))), 0.1)
    times = [Token("One", 0.0, 0.5), Token("two.", 0.5, 0.5)][:words]
    conversation.receive(wire(Timestamps(tuple(times))), 0.1)

    assert send_all(conversation) == [Finish()] * (words == 2)
    assert not conversation.finished
    if words == 2:
        assert conversation.receive(wire(Audio(b"rest")), 0.2) == b"rest"
        conversation.receive(wire(FlushComplete(1)), 0.3)
        assert conversation.finished


@each("end", [Closed(1000), Closed(1006), Closed(1011), None])
def test_nothing_matters_after_finish(end: Closed | None) -> None:
    """However a session ends after `finish`, even by silence, the run is complete."""
    conversation = opened(b"One.", ended=True, times=True)
    conversation.receive(wire(Audio(bytes(32000))), 0.1)
    conversation.receive(wire(Timestamps((Token("One.", 0.0, 0.5),))), 0.1)
    assert send_all(conversation, 0.1) == [Finish()]
    if end is None:
        check_until(conversation, 0.5, 31.0)
    else:
        conversation.receive(end, 0.2)

    assert conversation.finished


@each("late", [ErrorMessage("internal_server_error", "no"), Closed(1011), Audio(b"aa"), READY])
def test_what_comes_after_the_end(late: Event) -> None:
    """Messages that arrive after everything is confirmed change nothing."""
    conversation = opened(b"One.", ended=True)
    answer(conversation, 1)
    send_all(conversation)
    assert conversation.finished

    assert conversation.receive(wire(late), 0.2) == b""
    conversation.check(99.0)
    assert conversation.finished


def test_word_times_that_are_lacking() -> None:
    """A listener that lacks word times keeps the session after `finish`, for at most two seconds."""
    lacking = [True]
    for late in (True, False):
        conversation = talk(lacks_times=lambda: lacking[0])
        conversation.read(b"One.", 0.0)
        conversation.end_of_text()
        send_all(conversation)
        conversation.receive(wire(READY), 0.0)
        answer(conversation, 1)
        assert send_all(conversation, 10.0) == [Finish()]
        conversation.check(11.9)
        assert not conversation.finished
        if late:
            conversation.check(12.1)
        else:
            lacking[0] = False
            conversation.receive(wire(Timestamps((Token("One.", 0.0, 0.5),))), 11.9)
        assert conversation.finished


def test_nothing_to_say() -> None:
    """Input without a word sends no `finish`."""
    conversation = opened(b" \n---")

    with pytest.raises(NothingToSay):
        conversation.end_of_text()


@each("code", [1000, 1001, 1006, 1011])
def test_closed_before_the_end_of_input(code: int) -> None:
    """Before the end of input, no close is a clean end, whatever its code."""
    conversation = opened(b"One.\n\n")
    conversation.receive(wire(Audio(b"aa")), 0.1)

    with pytest.raises(ConnectionLost):
        conversation.receive(wire(Closed(code)), 0.2)
    assert not conversation.finished


@each("code", [1000, 1001, 1005, 1006, 1011, 4000])
@each("text", [b"One.", b"One.\n\n", b"One.\n\nTwo."])
def test_closed_with_text_owed(code: int, text: bytes) -> None:
    """A close confirms nothing: before the answer to the last flush, any code is a lost connection."""
    conversation = opened(text, ended=True)
    conversation.receive(wire(Audio(b"aa")), 0.1)

    with pytest.raises(ConnectionLost):
        conversation.receive(wire(Closed(code)), 0.2)
    assert not conversation.finished


@each("code", [1000, 1001, 1006, 1011])
@each("rest", [b"", b" \n", b"---"])
def test_any_close_when_nothing_is_owed(code: int, rest: bytes) -> None:
    """If every word is confirmed and input has ended, a close before `finish` is not a loss."""
    conversation = opened(b"One.\n\n" + rest, ended=True)
    answer(conversation, 1)

    conversation.receive(wire(Closed(code)), 0.2)

    assert conversation.finished


@each("code", [1000, 1006, 1011])
def test_closed_before_ready(code: int) -> None:
    """A session that was never ready is a failure to connect, and may be retried."""
    conversation = talk()
    conversation.read(b"One.", 0.0)
    conversation.end_of_text()
    send_all(conversation)

    with pytest.raises(ConnectError) as raised:
        conversation.receive(wire(Closed(code)), 0.1)
    assert wait_after(conversation, raised.value)
    conversation.begin(1.0)
    assert send_all(conversation) == [INIT, Text("One."), Flush(2)]


def test_attempts_run_out() -> None:
    """After the last attempt its error is final, and gives the number of attempts."""
    conversation = talk(retries=1)

    assert wait_after(conversation, ConnectError("no answer"))
    with pytest.raises(ConnectError) as raised:
        wait_after(conversation, ConnectError("still none", status=503, hint="try --local"))
    assert raised.value.message == "still none (2 attempts)"
    assert (raised.value.status, raised.value.hint, raised.value.code) == (
        503,
        "try --local",
        ExitCode.CONNECT,
    )


@each(
    "error",
    [
        ConnectError("no", status=401, transient=False),
        ServiceError("authentication_error", "no"),
        ServiceError("payment_required_error", "no"),
        ServiceError("not_found_error", "no"),
    ],
)
def test_never_tried_again(error: RetriableError) -> None:
    """Errors of key, permission, payment, voice and invalid request are final at once."""
    conversation = talk()

    with pytest.raises(type(error)):
        wait_after(conversation, error)


def test_retry_after() -> None:
    """The wait that the service requests is honoured."""
    assert wait_after(talk(), ConnectError("no", status=429, retry_after=7.0)) == 7.0


def test_an_error_message() -> None:
    """The type of an error message decides, even after audio; its request id is reported."""
    conversation = opened(b"One.")
    conversation.receive(wire(Audio(b"aa")), 0.1)

    with pytest.raises(ServiceError) as raised:
        conversation.receive(wire(ErrorMessage("payment_required_error", "Out of credits.")), 0.2)
    assert raised.value.request_id == "req_1"
    assert not conversation.finished


def test_an_error_of_old() -> None:
    """The string error of an older service, which never says that it is ready, is an error like any other."""
    conversation = talk()
    conversation.next_message(0.0, 0)

    with pytest.raises(ServiceError, match="Invalid API key") as raised:
        conversation.receive('{"error": "Invalid API key"}', 0.1)
    assert raised.value.code is ExitCode.AUTHENTICATION


@each("audio", [[], [b""], [b"a"], [b"a", b""]])
@each("before", ["", "Zero.\n\n"])
def test_words_without_audio(audio: list[bytes], before: str) -> None:
    """An utterance with words that is confirmed without a whole sample is an error, and stays unspoken."""
    conversation = opened(f"{before}One.".encode(), ended=True)
    if before:
        answer(conversation, 1)
    for data in audio:
        conversation.receive(wire(Audio(data)), 0.1)

    with pytest.raises(RemoteProtocolError, match="One") as raised:
        conversation.receive(wire(FlushComplete(2 if before else 1)), 0.1)
    assert raised.value.request_id == "req_1"
    assert not conversation.finished
    assert conversation.unspoken(99) == Unspoken("One.", 2 if before else 0, refused=True)


@each("close", [1000, 1006, 1011])
@each("audio", [b"", bytes(1600)])
@each("start", [0.0, -0.1])
def test_times_of_zero(close: int, audio: bytes, start: float) -> None:
    """Times that end at zero confirm no words, whatever audio arrived: the drop is a loss."""
    conversation = opened(b"one two three", ended=True, times=True)
    conversation.receive(wire(Audio(audio)), 0.1)
    tokens = tuple(Token(word, start, -start) for word in ("one", " ", "two", " ", "three"))
    conversation.receive(wire(Timestamps(tokens)), 0.1)

    assert conversation.figures().confirmed_bytes == 0
    with pytest.raises(ConnectionLost):
        conversation.receive(wire(Closed(close)), 0.2)


def test_unknown_messages() -> None:
    """Unknown messages change nothing."""
    conversation = opened(b"One.", ended=True)

    assert conversation.receive(wire(Unknown("news")), 0.1) == b""
    answer(conversation, 1)
    send_all(conversation)
    assert conversation.finished


def test_no_text_while_audio_waits() -> None:
    """While more than 8 MiB of audio waits to be written, no further text is sent."""
    conversation = opened(b"One. ")
    conversation.read(b"Two.", 0.0)

    assert conversation.next_message(0.1, MOST_AUDIO_WAITING + 1) is None
    assert message_of(conversation.next_message(0.1, MOST_AUDIO_WAITING) or "") == Text("Two.")


def test_text_waits_to_be_read() -> None:
    """When nothing can be sent, reading stops: the text waiting is bounded."""
    conversation = talk()
    blocks = 0
    while conversation.wants_text:
        conversation.read(b"word " * 13_000, 0.0)
        blocks += 1

    assert MOST_TEXT_WAITING <= blocks * 65_000 < MOST_TEXT_WAITING + (1 << 16)
    send_all(conversation)
    assert conversation.wants_text


def test_all_can_be_sent_again_until_ready() -> None:
    """Until the session is ready, no more is sent than can be sent again."""
    conversation = talk(FlushRule.NEVER)
    for _ in range(LIMIT // 60_000 + 10):
        conversation.read(b"word " * 12_000, 0.0)
        send_all(conversation)

    assert conversation.unspoken(0).text is not None
    wait_after(conversation, ConnectError("no"))
    conversation.begin(1.0)
    assert sum(len(m.text) for m in send_all(conversation) if isinstance(m, Text)) > LIMIT // 2


def test_idle_flush() -> None:
    """A pause in the input flushes text with words."""
    conversation = opened(b"One", idle=2.0)
    conversation.flush_if_idle(1.0)

    assert send_all(conversation) == []
    conversation.flush_if_idle(2.0)
    assert send_all(conversation) == [Flush(1)]


def test_an_idle_flush_that_fills_the_input() -> None:
    """What a pause brings counts, and ends the input like any other text."""
    limits = Limits(connect=10.0, silence=30.0, retries=3, idle_flush=2.0, characters=3)
    conversation = Conversation(
        INIT, FlushRule.NEVER, limits, AudioFormat.PCM_S16LE, service="here", strip=[Strip.MARKDOWN]
    )
    conversation.read(b"**One", 0.0)
    assert not conversation.input_ended

    conversation.flush_if_idle(2.0)
    assert conversation.input_ended


def check_until(conversation: Conversation, begin: float, end: float) -> None:
    """Check several times a second, as the program does."""
    now = begin
    while now < end:
        conversation.check(now)
        now += 0.5


def test_an_hour_without_text() -> None:
    """Silence of the writer is never an error."""
    conversation = opened(b"One.\n\n")
    conversation.receive(wire(Audio(b"aa")), 0.1)
    conversation.receive(wire(FlushComplete(1)), 0.1)

    check_until(conversation, 0.5, 3600.0)

    assert conversation.snapshot(3600.0).state is State.WAITING
    assert conversation.snapshot(3600.0).seconds == 3600.0


def test_an_hour_with_half_an_utterance() -> None:
    """An hour in the middle of an utterance is not an error either: no answer was requested."""
    conversation = opened(b"One and")

    check_until(conversation, 0.5, 3600.0)


@each(("text", "ended"), [(b"One.\n\n", False), (b"One.", True)])
def test_silence_while_owed(text: bytes, ended: bool) -> None:
    """An unanswered flush or `finish` is a drop after the limit."""
    conversation = opened(text, ended=ended)
    check_until(conversation, 0.5, 29.5)

    with pytest.raises(ConnectionLost, match="30 s"):
        check_until(conversation, 29.5, 31.0)


def test_never_ready() -> None:
    """A connection without `ready` is a failure to connect after the limit."""
    conversation = talk()
    send_all(conversation)
    check_until(conversation, 0.5, 9.5)

    with pytest.raises(ConnectError, match="ready"):
        check_until(conversation, 9.5, 11.0)


def test_no_limits_without_a_connection() -> None:
    """Without a connection these limits do not apply: connecting has its own."""
    conversation = talk()

    check_until(conversation, 0.5, 60.0)


def test_asleep() -> None:
    """The service is not blamed for a machine that slept or a program that was stopped."""
    conversation = opened(b"One.\n\n")
    check_until(conversation, 0.5, 10.0)

    conversation.check(3600.0)
    check_until(conversation, 3600.5, 3629.5)
    with pytest.raises(ConnectionLost):
        check_until(conversation, 3629.5, 3632.0)


def test_asleep_while_the_reader_pauses() -> None:
    """A reader that has paused stays paused, even if the program was stopped meanwhile."""
    conversation = opened(b"One.\n\n")
    conversation.pause()
    check_until(conversation, 0.5, 10.0)

    conversation.check(100.0)
    check_until(conversation, 100.5, 200.0)

    assert conversation.snapshot(200.0).state is State.PAUSED


def test_snapshot() -> None:
    """The snapshot gives the bytes sent but not confirmed, confirmed, and received."""
    conversation = opened("Grüß.\n\nZwei".encode())
    conversation.receive(wire(Audio(b"abc")), 0.5)
    conversation.receive(wire(FlushComplete(1)), 0.5)

    snapshot = conversation.snapshot(1.0)

    assert (snapshot.buffered, snapshot.synthesized, snapshot.audio_bytes) == (4, 9, 3)
    assert snapshot.name == "lily"
    assert snapshot.first_sound == 0.5


def test_states() -> None:
    """The state describes what is awaited."""
    conversation = talk()
    told = [conversation.snapshot(0.0).state]
    send_all(conversation)
    told.append(conversation.snapshot(0.0).state)
    conversation.receive(wire(READY), 0.0)
    told.append(conversation.snapshot(0.0).state)
    conversation.read(b"One.\n\n", 1.0)
    send_all(conversation)
    told.append(conversation.snapshot(1.0).state)

    assert told == [
        State.CONNECTING,
        State.CONNECTING,
        State.WAITING,
        State.FLUSHING,
    ]


def test_resumed() -> None:
    """After a drop, unconfirmed text is sent again, and the rest after it."""
    conversation = opened(b"One.\n\nTwo.\n\nThr")
    conversation.receive(wire(Audio(b"ab")), 0.1)
    conversation.receive(wire(FlushComplete(1)), 0.1)
    with pytest.raises(ConnectionLost) as raised:
        conversation.receive(wire(Closed(1006)), 0.2)

    assert wait_after(conversation, raised.value) == 0.5
    conversation.read(b"ee.", 0.3)
    conversation.begin(1.0)
    sent = send_all(conversation)
    assert sent[0] == INIT
    assert "".join(m.text for m in sent if isinstance(m, Text)) == "Two.\n\nThree."
    assert conversation.snapshot(1.0).state is State.RECONNECTING


def test_not_to_be_resumed() -> None:
    """With `--on-drop fail` a drop is final: exit status 6."""
    conversation = opened(b"One.\n\n", resume=False)
    with pytest.raises(ConnectionLost) as raised:
        conversation.receive(wire(Closed(1006)), 0.2)

    with pytest.raises(ConnectionLost):
        wait_after(conversation, raised.value)


def test_too_much_to_be_resumed() -> None:
    """With more than 1 MiB unconfirmed, a drop is exit status 6, never a resumption with a gap."""
    conversation = opened(rule=FlushRule.NEVER)
    while conversation.snapshot(0.0).buffered <= LIMIT:
        conversation.read(b"word " * 12_000, 0.0)
        send_all(conversation)
    with pytest.raises(ConnectionLost) as raised:
        conversation.receive(wire(Closed(1006)), 0.2)

    with pytest.raises(ConnectionLost) as final:
        wait_after(conversation, raised.value)
    assert final.value.code is ExitCode.CUT_OFF


def test_an_idle_drop() -> None:
    """A drop while nothing is owed does not count as a failure; the next text opens a new session."""
    conversation = opened(b"One.\n\n", retries=0)
    conversation.receive(wire(Audio(b"ab")), 0.1)
    conversation.receive(wire(FlushComplete(1)), 0.1)
    with pytest.raises(ConnectionLost) as raised:
        conversation.receive(wire(Closed(1001)), 0.2)

    assert wait_after(conversation, raised.value) is None
    assert conversation.awaits_text
    conversation.read(b"Two.", 100.0)
    assert not conversation.awaits_text
    conversation.begin(100.0)
    assert [m for m in send_all(conversation) if isinstance(m, Text)] == [Text("Two.")]


def test_an_idle_drop_at_the_end() -> None:
    """If no more text follows such a drop, it was a clean end."""
    conversation = opened(b"One.\n\n")
    conversation.receive(wire(Audio(b"ab")), 0.1)
    conversation.receive(wire(FlushComplete(1)), 0.1)
    with pytest.raises(ConnectionLost) as raised:
        conversation.receive(wire(Closed(1001)), 0.2)
    wait_after(conversation, raised.value)
    conversation.end_of_text()

    assert not conversation.awaits_text
    assert conversation.finished


def test_attempts_start_again_with_progress() -> None:
    """The count of failures restarts when more text is confirmed, not at a handshake."""
    conversation = opened(b"One.\n\nTwo.\n\n", retries=1)
    lost = ConnectionLost("gone")
    assert wait_after(conversation, lost)
    conversation.begin(1.0)
    send_all(conversation)
    conversation.receive(wire(READY), 1.0)

    with pytest.raises(ConnectionLost):
        wait_after(conversation, lost)
    conversation.receive(wire(Audio(b"ab")), 1.1)
    conversation.receive(wire(FlushComplete(3)), 1.1)
    assert wait_after(conversation, lost)


def test_no_new_session() -> None:
    """If no session can be opened after a drop, the run was cut off: exit status 6."""
    conversation = opened(b"One.\n\n", retries=1)
    wait_after(conversation, ConnectionLost("gone"))
    conversation.begin(1.0)

    with pytest.raises(ConnectionLost) as raised:
        wait_after(conversation, ConnectError("connection refused"))
    assert raised.value.code is ExitCode.CUT_OFF
    assert "connection refused" in raised.value.message


def test_reset() -> None:
    """A reset drops the text sent; audio until its answer is discarded; dropped text is not owed."""
    conversation = opened(b"One.\n\nTwo. ")
    conversation.receive(wire(Audio(b"ab")), 0.1)

    assert conversation.drop_speech()
    conversation.read(b"Three.", 0.2)
    conversation.end_of_text()
    assert send_all(conversation) == [Reset(2), Text("Three."), Flush(3)]
    assert conversation.receive(wire(Audio(b"late")), 0.3) == b""
    conversation.receive(wire(FlushComplete(1)), 0.3)
    conversation.receive(wire(ResetComplete(2)), 0.3)
    assert conversation.receive(wire(Audio(b"cd")), 0.4) == b"cd"
    conversation.receive(wire(FlushComplete(3)), 0.5)
    assert send_all(conversation) == [Finish()]
    assert conversation.finished
    assert conversation.figures().dropped_bytes == 11
    assert conversation.figures().confirmed_bytes == 6


def test_what_is_not_heard_is_kept() -> None:
    """Text is kept until its audio is settled, however little of that waits to be written."""
    conversation = opened(b"One.\n\nTwo.\n\n")
    for nonce in (1, 2):
        conversation.receive(wire(Audio(b"abcd")), 0.1)
        conversation.receive(wire(FlushComplete(nonce)), 0.1)

    assert conversation.next_message(0.2, 0, 3) is None
    assert (conversation.unspoken(5).text or "").split() == ["Two."]
    assert conversation.next_message(0.2, 0, 0) is None
    assert conversation.unspoken(8).text == ""


def test_more_text_than_can_be_kept() -> None:
    """Without flushes, more than 1 MiB is sent as word times confirm it: all its text is there until then."""
    confirmed: list[str | None] = []

    def emit(_now: float, happening: Happening) -> None:
        if isinstance(happening, Confirmed):
            confirmed.append(happening.text)

    conversation = talk(FlushRule.NEVER, times=True, emit=emit)
    word, count, spoken = "word" * 20, 15_000, 0
    text = f"{word} ".encode() * count
    send_all(conversation)
    conversation.receive(wire(READY), 0.0)
    now = 0.0
    while spoken < count:
        while text and conversation.wants_text:
            conversation.read(text[:60_000], now)
            text = text[60_000:]
            send_all(conversation, now)
        now += 0.5
        assert send_all(conversation, now) == []
        assert len(conversation.unspoken(1 << 40).text or "") > 0, "all that is owed is kept"
        times = tuple(Token(word, each / 100, 0.01) for each in range(spoken, min(count, spoken + 2000)))
        spoken += len(times)
        conversation.receive(wire(Audio(bytes(160 * len(times)))), now)
        conversation.receive(wire(Timestamps(times)), now)
        send_all(conversation, now)
    conversation.end_of_text()
    send_all(conversation, now)
    conversation.receive(wire(FlushComplete(1)), now)

    assert conversation.nothing_owed
    assert "".join(map(str, confirmed)).split() == [word] * count


@each(
    ("times", "patience"),
    [((), FIRST_PATIENCE), ((Token("word", 0.0, 9.0),), PATIENCE), ((Token("else", 0.0, 9.0),), 0.0)],
    ids=["none", "no more", "others"],
)
def test_more_text_than_can_be_kept_without_times(times: tuple[Token, ...], patience: float) -> None:
    """If no times come, or they do not match, the text is sent all the same after a while."""
    conversation = talk(FlushRule.NEVER, times=True)
    send_all(conversation)
    conversation.receive(wire(READY), 0.0)
    conversation.read(b"word " * 1000, 0.0)
    send_all(conversation)
    conversation.receive(wire(Timestamps(times)), 0.0)
    sent = 0
    for now in (0.0, patience / 2, patience):
        sent += sum(len(m.text) for m in send_all(conversation, now) if isinstance(m, Text))
        while conversation.wants_text and sent < 2 * LIMIT:
            conversation.read(b"word " * 10_000, now)
            sent += sum(len(m.text) for m in send_all(conversation, now) if isinstance(m, Text))
        assert (sent >= 2 * LIMIT) is (now >= patience)

    with pytest.raises(ConnectionLost):
        wait_after(conversation, ConnectionLost("gone", why="gone"))


def test_nothing_to_reset() -> None:
    """With nothing being spoken there is nothing to drop."""
    conversation = opened(b"One.\n\n")
    conversation.receive(wire(Audio(b"ab")), 0.1)
    conversation.receive(wire(FlushComplete(1)), 0.1)

    assert not conversation.drop_speech()
    assert send_all(conversation) == []


def test_nothing_left_to_say_of_an_utterance() -> None:
    """If every word is heard and the flush unanswered, a reset drops and changes nothing."""
    conversation = opened(b"One two.\n\nThree.\n\n", times=True)
    heard = opened(b"One two.\n\n", times=True)
    times = (Token("One", 0.0, 0.5), Token("two.", 0.5, 0.5))
    for talk in (conversation, heard):
        talk.receive(wire(Audio(bytes(16000))), 0.1)
        talk.receive(wire(Timestamps(times)), 0.1)

    assert not heard.drop_speech()
    assert send_all(heard) == []
    assert heard.figures().dropped_bytes == 0
    heard.receive(wire(FlushComplete(1)), 0.2)
    heard.read(b"Three.\n\n", 0.3)
    send_all(heard)
    heard.receive(wire(Audio(bytes(8000))), 0.4)
    heard.receive(wire(Timestamps((Token("Three.", 0.0, 0.5),))), 0.4)
    assert heard.nothing_owed, "word times count as before, from where the utterance begins"
    assert conversation.drop_speech(), "while a word behind it is owed, that is dropped"


@each("sent", [b"One.\n\nTwo.\n\n", b"One. Two."])
def test_reset_after_the_end_of_input(sent: bytes) -> None:
    """A reset after the end of input drops the speech in progress without waiting for its answer."""
    conversation = opened(sent, ended=True)

    assert conversation.drop_speech()
    assert send_all(conversation) == [Reset(3 if b"\n" in sent else 2), Finish()]
    assert conversation.finished
    assert conversation.receive(wire(Audio(b"late")), 0.2) == b""
    assert conversation.figures().dropped_bytes == len(sent)


def test_reset_of_half_an_utterance() -> None:
    """A reset keeps unsent text, but not the flush of an utterance that is dropped as a whole."""
    conversation = opened(b"One. ")
    conversation.read(b"Two.\n\n", 0.1)
    assert conversation.drop_speech()
    assert send_all(conversation) == [Reset(1), Text("Two.\n\n"), Flush(2)]

    conversation = opened(b"One.\n")
    conversation.end_of_text()
    assert conversation.drop_speech()
    assert send_all(conversation) == [Reset(1), Finish()]


def in_phase(phase: str) -> Conversation:
    """A conversation in this phase, which has sent "One. ", if anything, and has read "Two.\n\n" since."""
    conversation = talk()
    if phase in ("idle", "awaiting text"):
        if phase == "awaiting text":
            send_all(conversation)
            conversation.receive(wire(READY), 0.0)
            assert wait_after(conversation, ConnectionLost("gone", why="gone")) is None
        return conversation
    if phase == "dialling":
        conversation.read(b"One. Two.\n\n", 0.0)
        return conversation
    conversation.read(b"One. ", 0.0)
    send_all(conversation)
    if phase != "opening":
        if phase not in ("waiting to retry", "redialling"):
            conversation.receive(wire(READY), 0.0)
        if phase != "speaking":
            wait_after(conversation, ConnectionLost("gone", why="gone"))
        if phase in ("redialling", "reconnecting", "speaking again"):
            conversation.begin(1.0)
        if phase == "speaking again":
            send_all(conversation, 1.0)
            conversation.receive(wire(READY), 1.0)
    conversation.read(b"Two.\n\n", 1.0)
    return conversation


PHASES = ("idle", "awaiting text", "dialling", "opening", "speaking", "waiting to retry", "waiting to resume")
BEGUN = ("opening", "speaking", "waiting to retry", "redialling", "waiting to resume", "reconnecting")


@each("phase", [*PHASES, "redialling", "reconnecting", "speaking again"])
@each("ended", [False, True], ids=["open", "ended"])
def test_reset_in_every_phase(phase: str, ended: bool) -> None:
    """What was sent and not confirmed is dropped, wherever it is; what was never sent is kept, and spoken."""
    conversation = in_phase(phase)
    if ended and phase not in ("idle", "awaiting text"):
        conversation.end_of_text()
    dropped = phase in (*BEGUN, "speaking again")

    assert conversation.drop_speech() is dropped
    assert not conversation.drop_speech()
    assert conversation.figures().dropped_bytes == (len("One. ") if dropped else 0)
    assert (conversation.unspoken(0).text or "").split() == (
        ["Two."] if dropped else ["One.", "Two."] if phase == "dialling" else []
    )
    assert not conversation.finished
    if "waiting" in phase and dropped:
        conversation.begin(2.0)
    messages = send_all(conversation, 2.0)
    assert [m for m in messages if isinstance(m, Reset)] == (
        [Reset(1)] if phase in ("opening", "speaking", "speaking again") else []
    )
    text = "".join(m.text for m in messages if isinstance(m, Text))
    assert text.split() == (["Two."] if dropped else ["One.", "Two."] if phase == "dialling" else [])
    assert sum(isinstance(m, Flush) for m in messages) == bool(text)


@each("phase", BEGUN)
@each("first", ["end", "drop"])
def test_reset_of_all_there_is(phase: str, first: str) -> None:
    """If nothing is left after the end of the input, the run is over, whatever it was waiting for."""
    conversation = in_phase(phase)
    if phase in ("opening", "speaking"):
        send_all(conversation, 1.0)
    else:
        # What was read since is sent in its turn, and lost as well.
        if "waiting" in phase:
            conversation.begin(1.0)
        send_all(conversation, 1.0)
        wait_after(conversation, ConnectionLost("gone", why="gone"))
        if phase in ("redialling", "reconnecting"):
            conversation.begin(2.0)
    if first == "end":
        conversation.end_of_text()
        assert conversation.drop_speech()
    else:
        assert conversation.drop_speech()
        assert conversation.awaits_text is ("waiting" in phase)
        conversation.end_of_text()

    assert conversation.figures().dropped_bytes == len("One. Two.\n\n")
    if phase == "speaking":
        assert [type(message) for message in send_all(conversation, 2.0)] == [Reset, Finish]
    assert conversation.finished
    assert conversation.nothing_owed


class Service:
    """A minimal correct service: it takes messages in order and answers in order.

    `heard` holds the messages not processed yet, `taken` all messages, `said` the answers on their way to us.
    A character is one sample of audio, so that the text heard can be read.
    """

    def __init__(self, *, times: bool = False) -> None:
        self.heard: deque[ClientMessage] = deque()
        self.taken: list[ClientMessage] = []
        self.said: deque[Event] = deque()
        self._times = times
        self._unspoken = ""

    def work(self) -> None:
        """Process one message, if there is one."""
        if not self.heard:
            return
        match self.heard.popleft():
            case Init():
                self.said.append(READY)
            case Text(text):
                self._unspoken += text
            case Flush(nonce):
                self._speak()
                self.said.append(FlushComplete(nonce))
            case Reset(nonce):
                self._unspoken = ""
                self.said.append(ResetComplete(nonce))
            case Finish():
                self._speak()
                self.said.append(Closed(1000))

    def _speak(self) -> None:
        text, self._unspoken = self._unspoken, ""
        tokens = [
            Token(found[0], found.start() / 8000, len(found[0]) / 8000)
            for found in re.finditer(r"\s+|\S+", text)
        ]
        position = 0
        for at in range(0, len(tokens), 3):
            part = tokens[at : at + 3]
            length = sum(len(token.text) for token in part)
            audio = text[position : position + length].encode("utf-16-le")
            position += length
            self.said += [Audio(audio[:3]), Audio(audio[3:])]
            if self._times:
                self.said.append(Timestamps(tuple(part)))


class Stage:
    """A conversation and its service, driven step by step in any order; `file` is the audio written."""

    def __init__(
        self, rule: FlushRule, blocks: list[bytes], *, times: bool = False, cuts: bool = False
    ) -> None:
        self.conversation = talk(rule, times=times)
        self.blocks = deque(blocks)
        self.service = Service(times=times)
        self.file = bytearray()
        self.now = 0.0
        self._times = times
        self._cuts = cuts
        self._between = False

    def step(self, number: int) -> None:
        """Let the reader, the sender, the service or the receiver take one step."""
        self.now += 0.01
        conversation = self.conversation
        if self._between:
            self._go_on()
        match number % 4:
            case 0 if self.blocks:
                conversation.read(self.blocks.popleft(), self.now)
            case 0 if not conversation.input_ended:
                conversation.end_of_text()
            case 1 if not self._between:
                if text := conversation.next_message(self.now, 0):
                    self.service.heard.append(message_of(text))
                    self.service.taken.append(message_of(text))
            case 2:
                self.service.work()
            case 3 if self.service.said:
                self.file += conversation.receive(wire(self.service.said.popleft()), self.now)

    @property
    def connected(self) -> bool:
        """Whether there is a connection to lose."""
        return not self._between and self.conversation._session.connected

    def drop(self, code: int) -> None:
        """Drop the connection, and continue as the conversation decides."""
        try:
            self.file += self.conversation.receive(wire(Closed(code)), self.now)
        except RetriableError as error:
            self._between = True
            self.service = Service(times=self._times)
            if wait_after(self.conversation, error) is not None:
                self._begin()

    def _go_on(self) -> None:
        if not self.conversation.awaits_text and not self.conversation.finished:
            self._begin()

    def _begin(self) -> None:
        splice = self.conversation.splice(can_cut=self._cuts)
        if splice.cut_to is not None:
            del self.file[splice.cut_to :]
        self.file += splice.filling
        self.conversation.begin(self.now)
        self._between = False

    def play(self, order: list[int], drops: dict[int, int]) -> None:
        """Take these steps, then all in turn until the end; a connection drops before the steps given."""
        turns = 0
        while not self.conversation.finished and turns < 50_000:
            if turns in drops and self.connected:
                self.drop(drops[turns])
            else:
                self.step(order[turns] if turns < len(order) else turns)
            turns += 1

    @property
    def said(self) -> str:
        """Return what a listener hears."""
        return self.file.decode("utf-16-le", errors="replace")


def words(text: str) -> list[str]:
    """Return the words of a text, all of which must be heard, unlike the characters between them."""
    return re.findall(r"[^\W_]+", text)


orders = st.lists(st.integers(0, 3), max_size=120)
# Ends in a word, so that there is one; and consists of characters that are one sample each.
spoken_texts = texts.map(
    lambda text: re.sub("[^\u0020-\u007e\u0080-\ud7ff\n]", "-", text.replace("\x9b", "-")) + " word"
)


@properties
@given(rules, spoken_texts, places, orders, st.booleans())
def test_a_correct_service(
    rule: FlushRule, text: str, where: list[int], order: list[int], times: bool
) -> None:
    """With a correct service everything is spoken in order and confirmed, in any order of events."""
    stage = Stage(rule, cut(text.encode(), where), times=times)

    stage.play(order, {})

    snapshot = stage.conversation.snapshot(0.0)
    assert stage.conversation.finished
    assert stage.said == text
    assert stage.conversation.nothing_owed
    assert (snapshot.synthesized, snapshot.buffered) == (len(text.encode()), 0)
    assert snapshot.total == len(text.encode())


drops = st.dictionaries(
    st.integers(0, 300), st.sampled_from([1000, 1001, 1006, 1011]), min_size=1, max_size=5
)


@properties
@given(rules, spoken_texts, places, orders, drops, st.booleans())
def test_drops_into_a_file(
    rule: FlushRule, text: str, where: list[int], order: list[int], drops: dict[int, int], times: bool
) -> None:
    """With any drops, every word is in the file exactly once, in order."""
    stage = Stage(rule, cut(text.encode(), where), times=times, cuts=True)
    try:
        stage.play(order, drops)
    except SayError:
        assert not stage.conversation.finished
        return

    assert stage.conversation.finished
    assert stage.conversation.nothing_owed
    # White space after a word confirmed by its time is not sent again; here the audio is the text itself.
    assert "".join(words(stage.said)) == "".join(words(text))


@properties
@given(rules, spoken_texts, places, orders, drops, st.booleans())
def test_drops_into_a_pipe(
    rule: FlushRule, text: str, where: list[int], order: list[int], drops: dict[int, int], times: bool
) -> None:
    """With any drops into a pipe, no word is skipped though some may repeat, and every sample is whole."""
    stage = Stage(rule, cut(text.encode(), where), times=times)
    try:
        stage.play(order, drops)
    except SayError:
        assert not stage.conversation.finished
        return

    assert stage.conversation.finished
    heard = iter("".join(words(stage.said)))
    assert all(character in heard for character in "".join(words(text)))


@properties
@given(
    rules,
    spoken_texts,
    st.lists(
        st.one_of(
            st.sampled_from([READY, Audio(b"aa"), Closed(1000), Unknown("x"), ErrorMessage("a", "b")]),
            st.builds(FlushComplete, st.integers(0, 4)),
            st.builds(ResetComplete, st.integers(0, 4)),
            st.integers(0, 3),
        ),
        max_size=40,
    ),
)
def test_a_service_that_says_anything(rule: FlushRule, text: str, sequence: list[Event | int]) -> None:
    """Any message from a service is understood or reported as an error, and no word is skipped."""
    stage = Stage(rule, [text.encode()])
    try:
        for item in sequence:
            if item != 2 and isinstance(item, int):  # this service does no work: it answers at random
                stage.step(item)
            elif not isinstance(item, int):
                stage.conversation.receive(wire(item), 1.0)
    except SayError:
        assert not stage.conversation.finished
        return

    if stage.conversation.finished:
        assert stage.conversation.nothing_owed
        assert stage.conversation.input_ended
