"""Whatever the service sends and the user writes, only our own errors are raised."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass

import anyio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.conversation import Conversation
from lmnt_cli.core.session.messages import Closed, decode
from lmnt_cli.core.session.requests import Flush, Init, Reset, Text
from lmnt_cli.core.session.session import Limits
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.intake import Intake
from lmnt_cli.core.text.plaintext import PlainText
from lmnt_cli.core.text.segmenter import MAX_CHARS, Mark, Piece, has_word
from lmnt_cli.errors import NothingToSay, RemoteProtocolError, RetriableError, SayError
from tests.doubles.nonsense_service import Script, converse
from tests.tools.each import each
from tests.tools.option_names import ROOT
from tests.tools.strategies import cut, inputs, places, properties, rules, texts
from tests.tools.wire import message_of


CORPUS = ROOT / "tests/data" / "hostile_messages.jsonl"
SAVED = [json.loads(line) for line in CORPUS.read_text().splitlines()]

# Invalid JSON, and messages that are nearly right.
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
seconds = st.floats(0, 3) | st.floats() | st.integers(-1, 3)
tokens = st.fixed_dictionaries({"text": texts | json_values, "start": seconds, "duration": seconds})
kinds = st.sampled_from(["ready", "timestamps", "flush_complete", "reset_complete", "error", "new", None])
bodies = st.fixed_dictionaries(
    {"type": kinds | json_values},
    optional={
        "nonce": st.integers(-1, 9) | json_values,
        "timestamps": st.lists(tokens | json_values, max_size=4) | json_values,
        "error": st.fixed_dictionaries({"type": json_values, "message": json_values}) | json_values,
        "request_id": json_values,
        "durations": json_values,
    },
)
messages = (
    st.sampled_from(SAVED) | st.text(max_size=20) | bodies.map(json.dumps) | json_values.map(json.dumps)
)


@each("message", SAVED)
def test_saved_messages(message: str) -> None:
    """Each message of the corpus is an event, or an error of ours."""
    with suppress(RemoteProtocolError):
        decode(message)


@properties
@given(messages)
def test_any_message(message: str) -> None:
    """Any text is an event, or an error of ours."""
    with suppress(RemoteProtocolError):
        decode(message)


@each("depth", [1, 90, 300, 480, 900, 960, 990, 100_000])
@each("frame", ["%s", '{"type":%s}', '{"error":%s}', '{"error":{"message":%s}}', '{"timestamps":[%s]}'])
@each("nested", ['{"":%s}', "[%s]"])
def test_deep_messages(depth: int, frame: str, nested: str) -> None:
    """A message nested to any depth, anywhere, is an event, or an error of ours."""
    front, back = nested.split("%s")

    with suppress(RemoteProtocolError):
        decode(frame % (front * depth + "1" + back * depth))


# A conversation: the actions that may happen, in any order.


@dataclass(frozen=True)
class Says:
    """The service sends this."""

    message: str | bytes


@dataclass(frozen=True)
class Answers:
    """The service answers: this much audio, word times for so many words, the next reply."""

    audio: int = 0
    words: int = 0
    answer: bool = False


@dataclass(frozen=True)
class Types:
    """Text is read; b"" is the end."""

    text: bytes


@dataclass(frozen=True)
class Waits:
    """Time passes."""

    seconds: float


@dataclass(frozen=True)
class Closes:
    """The connection is lost."""

    code: int


@dataclass(frozen=True)
class Interrupts:
    """The user drops the speech."""


Step = Says | Answers | Types | Waits | Closes | Interrupts

steps = st.one_of(
    st.builds(Answers, st.integers(0, 5000), st.integers(0, 5), st.booleans()),
    st.builds(Answers, st.integers(0, 5000), st.integers(0, 5), st.booleans()),
    st.builds(Types, texts.map(str.encode) | inputs | st.just(b"One two three.\n\nFour five.\n\n")),
    st.builds(Says, messages | st.binary(max_size=700)),
    st.builds(Waits, st.floats(0, 40)),
    st.builds(Closes, st.sampled_from([1000, 1001, 1006, 1011, 1012, 4000])),
    st.just(Interrupts()),
)


class Stage:
    """A conversation, the text sent in its session, and the output as the writer would have it."""

    def __init__(self, audio_format: AudioFormat, rule: FlushRule, *, can_cut: bool) -> None:
        self.conversation = Conversation(
            Init("key", "lily", audio_format.on_the_wire, 8000, return_timestamps=True),
            rule,
            Limits(10, 30, 3),
            audio_format,
            service="fuzz",
        )
        self.output = bytearray()
        self.now = 0.0
        self._reading = Intake(rule, None)  # a second one, to predict what the first returns
        self._taken = 0
        self._can_cut = can_cut
        self._words: list[str] = []
        self._time = 0.0
        self._asked: list[Flush | Reset] = []
        self._begin()

    def act(self, step: Step) -> None:
        """Perform the action. Raises SayError if the run ends."""
        try:
            self._act(step)
            self._send()
        except RetriableError as error:
            self._lose(error)

    def check(self) -> None:
        """Check that the figures agree with each other."""
        conversation, length = self.conversation, len(self.output)
        snapshot, figures = conversation.snapshot(self.now), conversation.figures()
        unspoken = conversation.unspoken(length)

        assert conversation._speech.track.length == length
        assert 0 <= unspoken.audio_end <= length
        assert min(figures.confirmed_bytes, snapshot.buffered) >= 0
        assert snapshot.total + figures.dropped_bytes == self._taken
        assert figures.confirmed_bytes + snapshot.buffered <= snapshot.total
        assert unspoken.text is not None, "so little text is always kept"

    def _act(self, step: Step) -> None:
        match step:
            case Says(message):
                self._receive(message)
            case Answers():
                self._answer(step)
            case Types(b""):
                self._taken += size(self._reading.finish())
                self.conversation.end_of_text()
            case Types(text) if not self.conversation.input_ended:
                self._read(text)
            case Waits(seconds):
                self.now += seconds
                self.conversation.flush_if_idle(self.now)
                self.conversation.check(self.now)
            case Closes(code):
                self.output += self.conversation.receive(Closed(code), self.now)
            case Interrupts():
                if self.conversation.drop_speech():
                    self._reading.forget(words_wait=self.conversation._ledger.unsent.has_words)
            case _:
                pass

    def _answer(self, step: Answers) -> None:
        self._receive(bytes(step.audio))
        said = [self._words.pop(0) for _ in range(min(step.words, len(self._words)))]
        entries = [
            {"text": word, "start": self._time + 0.01 * at, "duration": 0.01} for at, word in enumerate(said)
        ]
        self._time += 0.01 * len(said)
        self._receive(json.dumps({"type": "timestamps", "timestamps": entries}))
        if step.answer and self._asked:
            asked = self._asked.pop(0)
            self._time = 0.0
            kind = "flush_complete" if isinstance(asked, Flush) else "reset_complete"
            self._receive(json.dumps({"type": kind, "nonce": asked.nonce}))

    def _read(self, text: bytes) -> None:
        self._taken += size(self._reading.feed(text, self.now))
        self.conversation.read(text, self.now)

    def _receive(self, message: str | bytes) -> None:
        self.output += self.conversation.receive(message, self.now)

    def _begin(self) -> None:
        self.conversation.begin(self.now)
        self._words, self._time, self._asked = [], 0.0, []
        self._send()
        self._receive('{"type":"ready","request_id":"req_1"}')

    def _send(self) -> None:
        while not self.conversation.finished:
            text = self.conversation.next_message(self.now, 0)
            if text is None:
                return
            message = message_of(text)
            if isinstance(message, Text):
                self._words += message.text.split()
            elif isinstance(message, Flush | Reset):
                self._asked.append(message)

    def _lose(self, error: RetriableError) -> None:
        self.conversation.recover(error, 0.5, self.now)
        if self.conversation.awaits_text:
            self._read(b"More.")
        splice = self.conversation.splice(can_cut=self._can_cut)
        if splice.cut_to is not None:
            del self.output[splice.cut_to :]
        self.output += splice.filling
        if not self.conversation.finished:
            self._begin()


def size(pieces: list[Piece]) -> int:
    """Return the bytes of text in these messages."""
    return sum(len(piece.encode()) for piece in pieces if isinstance(piece, str))


formats = st.sampled_from([each for each in AudioFormat if each is not AudioFormat.WEBM])
LIFE = [Types(b"One two.\n\nThree"), Answers(900, 3, True), Types(b" four.\n\n"), Closes(1006), Answers(9, 1)]


@settings(properties, max_examples=150)
@example(
    [*LIFE, Interrupts(), Closes(1006), Types(b""), Answers(9999, 9, True)],
    AudioFormat.ULAW,
    FlushRule.NEWLINE,
    True,
)
@example([Says(b"RIF"), *LIFE, Says(b"RIFF"), Closes(1001)], AudioFormat.ULAW, FlushRule.BLANK_LINE, False)
@example(
    [Says(b"\xff\xf3"), *LIFE, Says(b"\xff\xf3\x44"), Closes(1006)], AudioFormat.MP3, FlushRule.NEVER, False
)
@given(st.lists(steps, max_size=30), formats, rules, st.booleans())
def test_any_conversation(
    drawn: list[Step], audio_format: AudioFormat, rule: FlushRule, can_cut: bool
) -> None:
    """Any sequence of messages and text leads only to our errors, with consistent figures."""
    stage = Stage(audio_format, rule, can_cut=can_cut)
    with suppress(SayError):
        for step in drawn:
            stage.act(step)
            stage.check()
            if stage.conversation.finished:
                break


# The same over a real connection.

raw = st.binary(min_size=1, max_size=40) | st.sampled_from(
    [b"\x81\x00", b"\x82\x00", b"\x88\x02\x03\xe8", b"\xc1\x01a"]
)
scripts = st.builds(
    Script,
    st.lists(messages | st.binary(max_size=3000) | raw.map(lambda data: ("raw", data)), max_size=8).map(
        tuple
    ),
    st.sampled_from(["close", "cut", "reset"]),
)
BATCH = 40


@settings(
    properties,
    max_examples=5,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.lists(scripts, min_size=BATCH, max_size=BATCH))
def test_any_service(drawn: list[Script]) -> None:
    """With a service that sends anything, even raw bytes between messages, the run ends with our errors."""

    async def all_at_once() -> list[BaseException | None]:
        with anyio.fail_after(30):
            return await converse(drawn)

    ends = asyncio.run(all_at_once())

    assert [end for end in ends if end is not None and not isinstance(end, SayError)] == []


# Text.


def joined(sent: list[Piece]) -> str:
    return "".join(piece for piece in sent if isinstance(piece, str))


def flushed(sent: list[Piece]) -> list[str]:
    """Return the texts before each flush, and what follows the last one."""
    found = [""]
    for piece in sent:
        if isinstance(piece, str):
            found[-1] += piece
        else:
            found.append("")
    return found


@settings(properties, max_examples=120)
@example(b"", [], FlushRule.BLANK_LINE)
@example(b"\xef\xbb\xbf\r\n\r\n\xef\xbb\xbfa\r\n \r\n\r\nb", [1, 2, 4, 6, 9, 13], FlushRule.BLANK_LINE)
@example(b"\xe2\x80\xa9a\xff\n\n\xed\xa0\x80\n\n\xf0\x9f\x98", [1, 5, 8, 11], FlushRule.BLANK_LINE)
@example(
    b"e.g. \xe3\x80\x82\xe3\x80\x8d 3.14 A. B.\x1b[1m C\x1b]0;t\x07.\r", [6, 7, 21, 25], FlushRule.SENTENCE
)
@example(b" " * 4001 + b"a\n\n" + b"\n" * 9000 + b"b", [4000, 4001, 4003, 8000], FlushRule.BLANK_LINE)
@example(b"a\n" * 50 + b"_\n-\n" * 50, list(range(0, 300, 3)), FlushRule.NEWLINE)
@given(inputs | st.binary(max_size=60), places, rules)
def test_any_text(data: bytes, where: list[int], rule: FlushRule) -> None:
    """Any bytes in any pieces: the same utterances as in one piece, nothing lost, no flush without a word."""
    # A backspace cannot remove what has already been sent: the only case where the ends of reads matter.
    data = data.replace(b"\b", b"")
    plain = PlainText()
    text = plain.feed(data) + plain.finish()

    sent = [read(rule, pieces) for pieces in (cut(data, where), [data], [bytes([byte]) for byte in data])]

    assert flushed(sent[0]) == flushed(sent[1]) == flushed(sent[2])
    assert text.startswith(joined(sent[0]))
    assert not has_word(text[len(joined(sent[0])) :])
    for pieces in sent:
        assert all(has_word(utterance) for utterance in flushed(pieces)[:-1])
        assert all(0 < len(piece) <= MAX_CHARS for piece in pieces if isinstance(piece, str))


def read(rule: FlushRule, pieces: list[bytes]) -> list[Piece]:
    """Return what is sent for these blocks, up to the end of the text."""
    reading = Intake(rule, None)
    sent = [piece for block in pieces for piece in reading.feed(block, 0.0)]
    with suppress(NothingToSay):
        sent += reading.finish()

    assert Mark.FLUSH not in sent[:1]
    return sent
