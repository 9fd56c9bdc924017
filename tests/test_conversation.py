"""One run over all its sessions: what is sent, what a message means, and when it is over (contract, 5)."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import cut, places, properties, rules, texts

from lmnt_cli.core.boundaries import FlushRule
from lmnt_cli.core.conversation import MOST_AUDIO_WAITING, MOST_TEXT_WAITING, Conversation, Limits
from lmnt_cli.core.formats import AudioFormat
from lmnt_cli.core.ledger import LIMIT
from lmnt_cli.core.messages import (
    Audio,
    ClientMessage,
    Closed,
    ErrorMessage,
    Event,
    Finish,
    Flush,
    FlushComplete,
    Init,
    Ready,
    Reset,
    ResetComplete,
    Text,
    Unknown,
)
from lmnt_cli.core.meter import Meter
from lmnt_cli.core.riff import container
from lmnt_cli.core.segmenter import WORD
from lmnt_cli.errors import (
    ConnectError,
    ConnectionLost,
    NothingToSay,
    RemoteProtocolError,
    RetriableError,
    SayError,
    ServiceError,
)


INIT = Init("key", "lily", "mp3", 24000)
READY = Ready("req_1")


def talk(
    rule: FlushRule = FlushRule.BLANK_LINE, *, retries: int = 3, idle: float | None = None
) -> Conversation:
    """A conversation at time 0, its first session begun."""
    conversation = Conversation(
        INIT,
        rule,
        Limits(connect=10.0, silence=30.0, retries=retries, idle_flush=idle),
        container=container(AudioFormat.MP3, 24000),
        meter=Meter(AudioFormat.MP3, 24000),
        service="127.0.0.1",
    )
    conversation.begin(0.0)
    return conversation


def send_all(conversation: Conversation, now: float = 0.0) -> list[ClientMessage]:
    """Send what may be sent now."""
    messages = []
    while message := conversation.next_message(now, 0):
        messages.append(message)
    return messages


def opened(text: bytes = b"", *, ended: bool = False, **options: object) -> Conversation:
    """A conversation that is ready and has sent this text."""
    conversation = talk(**options)  # type: ignore[arg-type]
    if text:
        conversation.read(text, 0.0)
    if ended:
        conversation.end_of_text()
    send_all(conversation)
    conversation.receive(READY, 0.0)
    return conversation


def test_order_of_messages() -> None:
    """`init` goes out as soon as there is a connection, text may follow before `ready`, `finish` comes last."""
    conversation = talk()

    assert send_all(conversation) == [INIT]
    conversation.read(b"One.\n\nTwo.", 0.0)
    assert send_all(conversation) == [Text("One.\n\n"), Flush(1), Text("Two.")]
    conversation.end_of_text()
    assert send_all(conversation) == [Finish()]
    assert send_all(conversation) == []


def test_a_whole_session() -> None:
    """Audio is handed on as it comes; every flush and the close confirm their text; then it is over."""
    conversation = opened(b"One.\n\nTwo.", ended=True)

    assert conversation.receive(Audio(b"abc"), 0.1) == b"abc"
    assert conversation.ledger.confirmed_bytes == 0
    conversation.receive(FlushComplete(1), 0.2)
    assert conversation.ledger.confirmed_bytes == 6
    conversation.receive(Audio(b"d"), 0.3)
    assert not conversation.finished
    conversation.receive(Closed(1000), 0.4)
    assert conversation.finished
    assert conversation.ledger.confirmed_bytes == 10
    assert conversation.ledger.nothing_owed


def test_nothing_to_say() -> None:
    """Input without one word sends no `finish`."""
    conversation = opened(b" \n---")

    with pytest.raises(NothingToSay):
        conversation.end_of_text()


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
def test_closed_before_the_end_of_input(code: int) -> None:
    """Before input has ended, no close is a clean end, whatever its code."""
    conversation = opened(b"One.\n\n")
    conversation.receive(Audio(b"a"), 0.1)

    with pytest.raises(ConnectionLost):
        conversation.receive(Closed(code), 0.2)
    assert not conversation.finished


@pytest.mark.parametrize("code", [1001, 1005, 1006, 1011])
def test_closed_with_text_owed(code: int) -> None:
    """After `finish` only close 1000 confirms the last utterance."""
    conversation = opened(b"One.", ended=True)
    conversation.receive(Audio(b"a"), 0.1)

    with pytest.raises(ConnectionLost):
        conversation.receive(Closed(code), 0.2)
    assert not conversation.finished


def test_1000_with_a_flush_outstanding() -> None:
    """Close 1000 with a flush unanswered has cut something off."""
    conversation = opened(b"One.\n\n", ended=True)

    with pytest.raises(ConnectionLost):
        conversation.receive(Closed(1000), 0.2)


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
@pytest.mark.parametrize("rest", [b"", b" \n", b"---"])
def test_any_close_when_nothing_is_owed(code: int, rest: bytes) -> None:
    """If every word was confirmed and input has ended, any close is clean."""
    conversation = opened(b"One.\n\n" + rest, ended=True)
    conversation.receive(Audio(b"a"), 0.1)
    conversation.receive(FlushComplete(1), 0.1)

    conversation.receive(Closed(code), 0.2)

    assert conversation.finished


@pytest.mark.parametrize("code", [1000, 1006, 1011])
def test_closed_before_ready(code: int) -> None:
    """A session that was never ready is a failure to connect, and may be tried again."""
    conversation = talk()
    conversation.read(b"One.", 0.0)
    conversation.end_of_text()
    send_all(conversation)

    with pytest.raises(ConnectError) as raised:
        conversation.receive(Closed(code), 0.1)
    assert conversation.wait_after(raised.value, 0.0) > 0
    conversation.begin(1.0)
    assert send_all(conversation) == [INIT, Text("One."), Finish()]


def test_attempts_run_out() -> None:
    """After the last attempt its error is the end."""
    conversation = talk(retries=1)
    error = ConnectError("no")

    assert conversation.wait_after(error, 0.0) > 0
    with pytest.raises(ConnectError) as raised:
        conversation.wait_after(error, 0.0)
    assert raised.value is error


@pytest.mark.parametrize(
    "error",
    [
        ConnectError("no", status=401, transient=False),
        ServiceError("authentication_error", "no"),
        ServiceError("payment_required_error", "no"),
        ServiceError("not_found_error", "no"),
    ],
)
def test_never_tried_again(error: RetriableError) -> None:
    """Key, permission, payment, unknown voice and invalid request are the end at once."""
    conversation = talk()

    with pytest.raises(type(error)):
        conversation.wait_after(error, 0.0)


def test_retry_after() -> None:
    """The wait that the service asks for is honoured."""
    assert talk().wait_after(ConnectError("no", status=429, retry_after=7.0), 0.0) == 7.0


def test_an_error_message() -> None:
    """An error message decides by its type, even after audio; its request id is told."""
    conversation = opened(b"One.")
    conversation.receive(Audio(b"a"), 0.1)

    with pytest.raises(ServiceError) as raised:
        conversation.receive(ErrorMessage("payment_required_error", "Out of credits."), 0.2)
    assert raised.value.request_id == "req_1"
    assert not conversation.finished


def test_words_without_audio() -> None:
    """An utterance with words that is confirmed without audio is nonsense: exit status 8."""
    conversation = opened(b"One.\n\n")

    with pytest.raises(RemoteProtocolError, match="One"):
        conversation.receive(FlushComplete(1), 0.1)


def test_the_last_words_without_audio() -> None:
    """The same holds for the last utterance at a clean close."""
    conversation = opened(b"One.", ended=True)

    with pytest.raises(RemoteProtocolError):
        conversation.receive(Closed(1000), 0.1)
    assert not conversation.finished


def test_audio_of_zero_length() -> None:
    """A message without audio is none."""
    conversation = opened(b"One.\n\n")

    assert conversation.receive(Audio(b""), 0.1) == b""
    with pytest.raises(RemoteProtocolError):
        conversation.receive(FlushComplete(1), 0.1)


def test_unknown_messages() -> None:
    """What we do not know changes nothing."""
    conversation = opened(b"One.", ended=True)

    assert conversation.receive(Unknown("news"), 0.1) == b""
    conversation.receive(Audio(b"a"), 0.1)
    conversation.receive(Closed(1000), 0.1)
    assert conversation.finished


def test_no_text_while_audio_waits() -> None:
    """While more than 8 MiB of audio waits to be written, no further text is sent."""
    conversation = opened(b"One. ")
    conversation.read(b"Two.", 0.0)

    assert conversation.next_message(0.1, MOST_AUDIO_WAITING + 1) is None
    assert conversation.next_message(0.1, MOST_AUDIO_WAITING) == Text("Two.")


def test_text_waits_to_be_read() -> None:
    """When nothing can be sent, reading stops: what waits is bounded."""
    conversation = talk()
    blocks = 0
    while conversation.wants_text:
        conversation.read(b"word " * 13_000, 0.0)
        blocks += 1

    assert MOST_TEXT_WAITING <= conversation.ledger.unsent_bytes < MOST_TEXT_WAITING + (1 << 16)
    send_all(conversation)
    assert conversation.wants_text


def test_all_can_be_sent_again_until_ready() -> None:
    """Until the session stands, no more is sent than can be sent again."""
    conversation = talk(FlushRule.NEVER)
    for _ in range(LIMIT // 60_000 + 10):
        conversation.read(b"word " * 12_000, 0.0)
        send_all(conversation)

    assert conversation.ledger.resumable
    conversation.begin(1.0)
    assert not conversation.ledger.nothing_unsent


def test_idle_flush() -> None:
    """A pause in the input flushes what has words."""
    conversation = opened(b"One", idle=2.0)
    conversation.flush_if_idle(1.0)

    assert send_all(conversation) == []
    conversation.flush_if_idle(2.0)
    assert send_all(conversation) == [Flush(1)]


def check_until(conversation: Conversation, begin: float, end: float) -> None:
    """Ask several times a second, as the program does."""
    now = begin
    while now < end:
        conversation.check(now)
        now += 0.5


def test_an_hour_without_text() -> None:
    """Silence from the writer is never an error."""
    conversation = opened(b"One.\n\n")
    conversation.receive(Audio(b"a"), 0.1)
    conversation.receive(FlushComplete(1), 0.1)

    check_until(conversation, 0.5, 3600.0)

    assert conversation.state(3600.0) == "waiting for text 3600 s"


def test_an_hour_with_half_an_utterance() -> None:
    """Nor is it in the middle of an utterance: nobody has asked for an answer."""
    conversation = opened(b"One and")

    check_until(conversation, 0.5, 3600.0)


@pytest.mark.parametrize(("text", "ended"), [(b"One.\n\n", False), (b"One.", True)])
def test_silence_while_owed(text: bytes, ended: bool) -> None:
    """An unanswered flush or `finish` is a drop after the limit."""
    conversation = opened(text, ended=ended)
    check_until(conversation, 0.5, 29.5)

    with pytest.raises(ConnectionLost, match="30 s"):
        check_until(conversation, 29.5, 31.0)


def test_never_ready() -> None:
    """A connection on which nobody says `ready` is the service's fault after the limit."""
    conversation = talk()
    send_all(conversation)
    check_until(conversation, 0.5, 9.5)

    with pytest.raises(RemoteProtocolError, match="ready"):
        check_until(conversation, 9.5, 11.0)


def test_no_limits_without_a_connection() -> None:
    """While there is no connection, connecting has limits of its own."""
    conversation = talk()

    check_until(conversation, 0.5, 60.0)


def test_asleep() -> None:
    """A machine that slept, or a program that was stopped, does not blame the service."""
    conversation = opened(b"One.\n\n")
    check_until(conversation, 0.5, 10.0)

    conversation.check(3600.0)
    check_until(conversation, 3600.5, 3629.5)
    with pytest.raises(ConnectionLost):
        check_until(conversation, 3629.5, 3632.0)


def test_snapshot() -> None:
    """The figures: sent and not confirmed, confirmed, received."""
    conversation = opened("Grüß.\n\nZwei".encode())
    conversation.receive(Audio(b"abc"), 0.5)
    conversation.receive(FlushComplete(1), 0.5)

    snapshot = conversation.snapshot(1.0)

    assert (snapshot.buffered, snapshot.synthesized, snapshot.audio_bytes) == (4, 9, 3)
    assert snapshot.voice == "lily"
    assert snapshot.first_sound == 0.5


def test_states() -> None:
    """What is being waited for is told in a few words."""
    conversation = talk()
    told = [conversation.state(0.0)]
    send_all(conversation)
    told.append(conversation.state(0.0))
    conversation.receive(READY, 0.0)
    told.append(conversation.state(0.0))
    conversation.read(b"One.\n\n", 1.0)
    send_all(conversation)
    told.append(conversation.state(1.0))
    conversation.end_of_text()
    send_all(conversation)
    told.append(conversation.state(1.0))

    assert told == ["connecting", "connecting", "waiting for text", "flushing", "finishing"]


class Service:
    """A correct service, as small as it can be: takes messages in order, answers in order."""

    def __init__(self) -> None:
        self.heard: deque[ClientMessage] = deque()
        self.said: deque[Event] = deque()
        self.spoken = ""
        self._unspoken = ""

    def work(self) -> None:
        """Take one message, if there is one."""
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
        self.spoken += text
        if WORD.search(text):
            self.said += [Audio(text.encode()[:3]), Audio(text.encode()[3:])]


class Stage:
    """A conversation and its service, moved by one step at a time in any order."""

    def __init__(self, rule: FlushRule, blocks: list[bytes]) -> None:
        self.conversation = talk(rule)
        self.blocks = deque(blocks)
        self.service = Service()
        self.failure: SayError | None = None
        self.now = 0.0

    def step(self, number: int) -> None:
        """Let the reader, the sender, the service or the receiver do one thing."""
        self.now += 0.01
        conversation = self.conversation
        match number % 4:
            case 0 if self.blocks:
                conversation.read(self.blocks.popleft(), self.now)
            case 0 if not conversation.reading.ended:
                conversation.end_of_text()
            case 1:
                if message := conversation.next_message(self.now, 0):
                    self.service.heard.append(message)
            case 2:
                self.service.work()
            case 3 if self.service.said:
                conversation.receive(self.service.said.popleft(), self.now)

    def drop(self, code: int) -> None:
        """The connection is gone; go on as the conversation says."""
        try:
            self.conversation.receive(Closed(code), self.now)
        except RetriableError as error:
            self.conversation.wait_after(error, 0.0)
            self.conversation.begin(self.now)
            self.service = Service()

    def play(self, order: list[int], drops: dict[int, int]) -> None:
        """Steps in this order, then in turn, until it is over; a connection drops before the steps named."""
        turns = 0
        while not self.conversation.finished and turns < 50_000:
            if turns in drops and self.conversation.connected:
                self.drop(drops[turns])
            else:
                self.step(order[turns] if turns < len(order) else turns)
            turns += 1

    def check_whole(self) -> None:
        """Everything that was read is confirmed."""
        ledger = self.conversation.ledger
        assert ledger.nothing_owed
        assert ledger.nothing_unsent
        assert (ledger.unconfirmed_bytes, ledger.unsent_bytes) == (0, 0)


orders = st.lists(st.integers(0, 3), max_size=120)
spoken_texts = texts.map(lambda text: text + "word")


@properties
@given(rules, spoken_texts, places, orders)
def test_a_correct_service(rule: FlushRule, text: str, where: list[int], order: list[int]) -> None:
    """With a correct service, whatever happens first, everything is spoken in order and confirmed."""
    stage = Stage(rule, cut(text.encode(), where))

    stage.play(order, {})

    assert stage.conversation.finished
    stage.check_whole()
    plain = text.translate({0x1B: None, 0x9B: None})
    if plain == text:
        assert stage.service.spoken == text.removeprefix("\ufeff").replace("\r\n", "\n")


@properties
@given(
    rules,
    spoken_texts,
    places,
    orders,
    st.dictionaries(st.integers(0, 150), st.sampled_from([1000, 1001, 1006, 1011]), min_size=1, max_size=5),
)
def test_drops(rule: FlushRule, text: str, where: list[int], order: list[int], drops: dict[int, int]) -> None:
    """However early the connection closes, the run never finishes with text unconfirmed."""
    stage = Stage(rule, cut(text.encode(), where))
    try:
        stage.play(order, drops)
    except SayError:
        assert not stage.conversation.finished
        return

    assert stage.conversation.finished
    assert stage.conversation.reading.ended
    assert stage.conversation.ledger.nothing_owed


@properties
@given(
    rules,
    spoken_texts,
    st.lists(
        st.one_of(
            st.sampled_from([READY, Audio(b"a"), Closed(1000), Unknown("x"), ErrorMessage("a", "b")]),
            st.builds(FlushComplete, st.integers(0, 4)),
            st.integers(0, 3),
        ),
        max_size=40,
    ),
)
def test_a_service_that_says_anything(rule: FlushRule, text: str, sequence: list[Event | int]) -> None:
    """Whatever a service says, it is told to the user as an error or understood; never is a word skipped."""
    stage = Stage(rule, [text.encode()])
    stage.service.work = lambda: None  # type: ignore[method-assign]  # this one answers as it likes
    try:
        for item in sequence:
            if isinstance(item, int):
                stage.step(item)
            else:
                stage.conversation.receive(item, 1.0)
    except SayError:
        assert not stage.conversation.finished
        return

    if stage.conversation.finished:
        assert stage.conversation.ledger.nothing_owed
        assert stage.conversation.reading.ended
