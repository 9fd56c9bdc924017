"""What is sent, what is confirmed, what is owed: no word is ever lost (contract, 5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.session.ledger import LIMIT, MOST_OUTSTANDING, WINDOW, Ledger
from lmnt_cli.core.session.messages import Token
from lmnt_cli.core.session.requests import Flush, Text
from lmnt_cli.core.text.segmenter import MAX_CHARS, Mark, Piece
from tests.tools.each import each
from tests.tools.strategies import properties


def send_all(ledger: Ledger) -> list[Text | Flush]:
    """Send everything that waits; return the messages."""
    messages = []
    while message := ledger.take_next():
        messages.append(message)
    return messages


def texts_of(messages: list[Text | Flush]) -> str:
    """Return the text of these messages, with `|` for each flush."""
    return "".join(m.text if isinstance(m, Text) else "|" for m in messages)


def sent(*pieces: Piece) -> Ledger:
    """Return a ledger whose pieces were all sent."""
    ledger = Ledger()
    ledger.add(list(pieces))
    send_all(ledger)
    return ledger


def test_taken_in_order() -> None:
    """Texts are returned in the order added; each flush has its own nonce, in increasing order."""
    ledger = Ledger()
    ledger.add(["One.", Mark.FLUSH, "Two.", Mark.FLUSH])

    assert send_all(ledger) == [Text("One."), Flush(1), Text("Two."), Flush(2)]
    assert ledger.take_next() is None


def test_sizes_are_utf8() -> None:
    """The account is in bytes of UTF-8, and every byte is counted in exactly one place."""
    ledger = Ledger()
    ledger.add(["é", Mark.FLUSH, "😀"])

    assert (ledger.unsent_bytes, ledger.unconfirmed_bytes, ledger.confirmed_bytes) == (6, 0, 0)
    ledger.take_next()
    assert (ledger.unsent_bytes, ledger.unconfirmed_bytes, ledger.confirmed_bytes) == (4, 2, 0)
    send_all(ledger)
    ledger.confirm_first(0.0, 0)
    assert (ledger.unsent_bytes, ledger.unconfirmed_bytes, ledger.confirmed_bytes) == (0, 4, 2)


def test_what_waits_together_travels_together() -> None:
    """Texts that had to wait are joined, up to the longest message, and never across a flush."""
    ledger = Ledger()
    ledger.add(["a", "b", Mark.FLUSH, "c"])
    ledger.add(["d"])
    ledger.add(["x" * MAX_CHARS])

    assert send_all(ledger) == [Text("ab"), Flush(1), Text("cd"), Text("x" * MAX_CHARS)]


def test_confirm() -> None:
    """A confirmed utterance is no longer owed; its text is returned."""
    ledger = sent("One.", Mark.FLUSH, "Two.", Mark.FLUSH)

    assert ledger.completes(1)
    assert not ledger.completes(2)
    assert ledger.confirm_first(0.0, 0) == "One."
    assert not ledger.nothing_owed
    assert ledger.confirm_first(0.0, 0) == "Two."
    assert ledger.nothing_owed
    assert not ledger.has_sent


@each(
    ("before", "after", "flush"),
    [
        ([], ["One."], True),
        (["One."], [], True),
        (["One.", Mark.FLUSH], ["---"], True),
        (["One.", Mark.FLUSH, "---"], [], True),
        (["One."], [Mark.FLUSH], False),
        (["One.", Mark.FLUSH], [], False),
        ([], [], False),
    ],
)
def test_flush_last(before: list[Piece], after: list[Piece], flush: bool) -> None:
    """At the end of input, text that no flush follows gets one, sent or not; nothing else does."""
    ledger = sent(*before)
    ledger.add(after)
    ledger.flush_last()

    assert texts_of(send_all(ledger)).endswith("|") is (flush or Mark.FLUSH in after)
    assert texts_of(send_all(ledger)) == ""


def test_numbers() -> None:
    """Utterances are counted from 1; one that is sent again keeps its number."""
    ledger = sent("One.", Mark.FLUSH, "Two.", Mark.FLUSH, "Thr")
    assert (ledger.speaking, ledger.last_number) == (1, 3)
    ledger.confirm_first(0.0, 0)
    assert ledger.speaking == 2
    ledger.rewind()
    assert (ledger.speaking, ledger.last_number) == (1, 1)
    send_all(ledger)
    assert (ledger.speaking, ledger.last_number) == (2, 3)
    ledger.drop_begun()
    ledger.add(["ee."])
    send_all(ledger)
    assert (ledger.speaking, ledger.last_number) == (4, 4)


@each("rest", ["", " \n", "---"])
def test_only_words_are_owed(rest: str) -> None:
    """Text without a letter or digit is not owed, sent or not."""
    ledger = sent("One.", Mark.FLUSH, rest)
    ledger.add([rest])
    ledger.confirm_first(0.0, 0)

    assert ledger.nothing_owed


@each("pieces", [["a"], ["-", "a"], ["a", Mark.FLUSH]])
def test_words_are_owed(pieces: list[Piece]) -> None:
    """A word is owed as soon as it has been read."""
    ledger = Ledger()
    ledger.add(pieces)

    assert not ledger.nothing_owed
    send_all(ledger)
    assert not ledger.nothing_owed


def test_rewind() -> None:
    """Unconfirmed text is sent again, before the unsent text, with new nonces."""
    ledger = sent("One.", Mark.FLUSH, "Two.", Mark.FLUSH, "Thr")
    ledger.confirm_first(0.0, 0)
    ledger.add(["ee.", Mark.FLUSH])

    ledger.rewind()

    assert ledger.unconfirmed_bytes == 0
    messages = send_all(ledger)
    assert texts_of(messages) == "Two.|Three.|"
    assert [m.nonce for m in messages if isinstance(m, Flush)] == [3, 4]


def test_beyond_the_limit() -> None:
    """More than 1 MiB of unconfirmed text is released and only counted: it cannot be sent again."""
    ledger = Ledger()
    for _ in range(LIMIT // MAX_CHARS + 1):
        ledger.add(["x" * MAX_CHARS])
        ledger.take_next()

    assert ledger.unconfirmed_bytes > LIMIT
    assert not ledger.resumable
    assert not ledger.nothing_owed
    assert ledger.owed_text(10) == ""


def test_up_to_the_limit() -> None:
    """Up to the limit, all text is kept."""
    ledger = Ledger()
    for _ in range(LIMIT // 4096):
        ledger.add(["x" * 4000, "y" * 96])
        send_all(ledger)

    assert ledger.unconfirmed_bytes == LIMIT
    assert ledger.resumable
    ledger.rewind()
    assert len(texts_of(send_all(ledger))) == LIMIT


def test_let_go_is_forgotten_with_its_confirmation() -> None:
    """Once released text is confirmed, later text is resumable again."""
    ledger = Ledger()
    ledger.add([*["x" * 4000] * (LIMIT // 4000 + 1), Mark.FLUSH, "next", Mark.FLUSH])
    send_all(ledger)

    assert not ledger.resumable
    ledger.confirm_first(0.0, 0)
    assert ledger.resumable
    ledger.rewind()
    assert texts_of(send_all(ledger)) == "next|"


def test_a_window_of_bytes() -> None:
    """While a flush is unanswered, no more is sent than can be sent again."""
    ledger = Ledger()
    ledger.add(["word", Mark.FLUSH])
    ledger.add(["x" * MAX_CHARS] * (LIMIT // MAX_CHARS + 10))
    while ledger.may_send and ledger.take_next():
        pass

    assert WINDOW <= ledger.unconfirmed_bytes <= LIMIT
    assert ledger.resumable
    ledger.confirm_first(0.0, 0)
    assert ledger.may_send


def test_a_window_of_flushes() -> None:
    """However short the utterances, only a limited number wait for an answer at once."""
    ledger = Ledger()
    ledger.add(["a", Mark.FLUSH] * (MOST_OUTSTANDING + 10))
    while ledger.may_send and ledger.take_next():
        pass
    left = len(send_all(ledger))

    assert left >= 20


@each(
    ("text", "token", "awaited"),
    [
        ("word ", None, True),
        ("word ", Token("word", 0.0, 0.5), True),
        ("word ", Token("other", 0.0, 0.5), False),
        ("— ", None, False),
    ],
)
def test_times_to_wait_for(text: str, token: Token | None, awaited: bool) -> None:
    """At the limit, times are awaited while they match, for text with words."""
    ledger = Ledger()
    ledger.add([text * (MAX_CHARS // len(text))] * (LIMIT // MAX_CHARS + 10))
    ledger.take_next()
    assert not ledger.awaits_times
    while ledger.unconfirmed_bytes < WINDOW and ledger.take_next():
        pass
    if token is not None:
        ledger.match_word_times((token,))

    assert ledger.awaits_times is awaited
    while ledger.take_next():
        pass
    assert not ledger.awaits_times, "what was released has no times"


def test_nothing_to_wait_for() -> None:
    """If no flush is outstanding, sending continues: only `finish` could bring an answer."""
    ledger = Ledger()
    ledger.add(["x" * MAX_CHARS] * (LIMIT // MAX_CHARS + 10))
    while ledger.may_send and ledger.take_next():
        pass

    assert ledger.unsent_bytes == 0


def test_memory_for_small_texts() -> None:
    """Text that arrives a character at a time is not stored a character at a time."""
    ledger = Ledger()
    for _ in range(10_000):
        ledger.add(["a"])
        ledger.take_next()

    assert ledger.first.texts is not None
    assert len(ledger.first.texts) <= 4


def test_owed_text() -> None:
    """The first unconfirmed words are available for a message to the user."""
    ledger = sent("One. ", Mark.FLUSH, "Two. ", Mark.FLUSH)
    ledger.add(["Three."])
    ledger.confirm_first(0.0, 0)

    assert ledger.owed_text(8) == "Two. Thr"
    assert ledger.owed_text(100) == "Two. Three."


actions = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.text("ab. é😀", min_size=1, max_size=8)),
        st.tuples(st.just("flush"), st.just("")),
        st.tuples(st.sampled_from(["send", "send", "send", "confirm", "rewind"]), st.just("")),
    ),
    max_size=60,
)


def words(text: str) -> str:
    """Return the letters of a text: characters between words may be confirmed with either."""
    return "".join(character for character in text if character.isalnum())


class Script:
    """Runs a ledger through possible events, and keeps its own account of the text taken and confirmed."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.taken = ""
        self.confirmed = ""
        self.open: list[str] = [""]
        self.nonces: list[int] = []
        self.used: set[int] = set()

    def do(self, what: str, text: str) -> None:
        """Take one step, or skip it if it is not possible now."""
        match what:
            case "add":
                self.ledger.add([text])
                self.taken += text
            case "flush" if self.taken.endswith(("a", "b")):
                self.ledger.add([Mark.FLUSH])
                self.taken += "|"
            case "send":
                self.send()
            case "confirm" if self.nonces:
                assert self.ledger.completes(self.nonces.pop(0))
                self.ledger.confirm_first(0.0, 0)
                self.confirmed += self.open.pop(0) + "|"
            case "rewind":
                self.ledger.rewind()
                self.open, self.nonces = [""], []

    def send(self) -> None:
        """Send one message as it is."""
        match self.ledger.take_next():
            case Text(sent):
                self.open[-1] += sent
            case Flush(nonce):
                assert nonce not in self.used
                self.used.add(nonce)
                self.nonces.append(nonce)
                self.open.append("")


@properties
@given(actions)
def test_nothing_is_lost(steps: list[tuple[str, str]]) -> None:
    """Whatever happens, the confirmed, sent and unsent text together is the text taken, in order."""
    script = Script()
    for what, text in steps:
        script.do(what, text)
        ledger = script.ledger
        total = ledger.confirmed_bytes + ledger.unconfirmed_bytes + ledger.unsent_bytes

        assert total == len(script.taken.replace("|", "").encode())
    script.ledger.rewind()
    rest = texts_of(send_all(script.ledger))

    assert words(script.confirmed + rest) == words(script.taken)
    assert script.ledger.nothing_owed == (not words(rest))


@properties
@given(actions)
def test_confirmed_never_falls(steps: list[tuple[str, str]]) -> None:
    """Confirmed text stays confirmed, whatever happens to the connection."""
    script = Script()
    counts = []
    for what, text in steps:
        script.do(what, text)
        counts.append(script.ledger.confirmed_bytes)

    assert counts == sorted(counts)
