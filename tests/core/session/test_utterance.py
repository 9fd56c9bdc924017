"""The text between two flushes: sent, matched to word times, heard (contract, 5: word times)."""

from __future__ import annotations

from lmnt_cli.core.session.messages import Token
from lmnt_cli.core.session.utterance import Utterance
from tests.tools.each import each


def sent(*texts: str, ended: bool = True) -> Utterance:
    """Return an utterance of these texts; unless it has `ended`, more may follow."""
    utterance = Utterance()
    for text in texts:
        utterance.add(text, len(text.encode()))
    utterance.ended = ended
    return utterance


def match(utterance: Utterance, *tokens: tuple[str, float, float]) -> None:
    """Match these times."""
    for token in tokens:
        utterance.match_token(Token(*token))


def texts(utterance: Utterance, seconds: float) -> list[str]:
    """Return the text heard within this many seconds."""
    return [piece.text for piece in utterance.take_spoken(seconds)]


def test_lmnts_own_example() -> None:
    """Silences and spaces have times too; each word is heard when its time has passed."""
    utterance = sent("Hello ", "world.")
    match(
        utterance,
        ("", 0.0, 0.525),
        ("Hello", 0.525, 0.325),
        (" ", 0.85, 0.0),
        ("world", 0.85, 0.4),
        (".", 1.25, 0.375),
        ("", 1.625, 0.013),
    )

    assert texts(utterance, 0.84) == []
    assert texts(utterance, 0.851) == ["Hello"]
    assert texts(utterance, 1.251) == []
    assert "".join(utterance.owed) == " world."
    assert texts(utterance, 1.626) == [" world."]
    assert (utterance.owed, utterance.size, utterance.owes_words) == ([], 0, False)


def test_whole_words_only() -> None:
    """A word is heard as a whole: as long as it may continue, it waits."""
    utterance = sent("one tw", ended=False)
    match(utterance, ("one", 0.0, 1.0), ("tw", 1.0, 0.5))

    assert texts(utterance, 9.0) == ["one"]
    utterance.add("o three", 7)
    match(utterance, ("o", 1.5, 0.5))
    assert texts(utterance, 9.0) == [" two"]


def test_tokens_across_messages() -> None:
    """The result does not depend on how the text was cut into messages."""
    utterance = sent("Hel", "lo th", "ere.")
    match(utterance, ("Hello", 0.0, 0.5), ("there.", 0.5, 0.5))

    assert texts(utterance, 2.0) == ["Hello", " there."]


@each(
    "doubt",
    [
        ("World", 0.6, 0.2),  # not the text
        ("there", 0.2, 0.2),  # a time that decreases
        ("there", 0.6, -0.1),  # a negative duration
        ("there is more", 0.6, 0.2),  # more than the text
    ],
)
def test_the_first_doubt(doubt: tuple[str, float, float]) -> None:
    """After the first doubt word times confirm nothing more, and no text is lost."""
    utterance = sent("Hello there.")
    match(utterance, ("Hello", 0.0, 0.5), doubt, ("there.", 0.9, 0.1))

    assert texts(utterance, 9.0) == ["Hello"]
    assert utterance.owed == [" there."]
    assert utterance.owes_words


def test_rounded_times() -> None:
    """Times are rounded: a difference within a millisecond is not a decrease."""
    utterance = sent("a b")
    match(utterance, ("a", 0.1, 0.2), ("b", 0.2999, 0.1))

    assert texts(utterance, 1.0) == ["a", " b"]


def test_in_order() -> None:
    """The text owed is whatever was not heard, in order, timed or not."""
    utterance = sent("one two three")
    match(utterance, ("one", 0.0, 1.0), ("two", 1.0, 1.0))

    assert texts(utterance, 1.0) == ["one"]
    assert "".join(utterance.owed) == " two three"
    assert utterance.size == len(" two three")


def test_let_go() -> None:
    """Released text is counted, matches nothing, and is still owed."""
    utterance = sent("one two")
    utterance.release()
    match(utterance, ("one", 0.0, 1.0))
    utterance.add(" three", 6)

    assert (utterance.texts, utterance.size) == (None, 13)
    assert texts(utterance, 9.0) == []
    assert utterance.owes_words


def test_words() -> None:
    """It records whether it ever contained a word."""
    utterance = sent("- ")
    assert not utterance.has_words
    assert not utterance.owes_words
    utterance.add("a", 1)
    match(utterance, ("- a", 0.0, 1.0))
    utterance.take_spoken(1.0)

    assert utterance.has_words
    assert not utterance.owes_words


@each("start", [0.0, -1.0])
def test_a_word_without_time(start: float) -> None:
    """A word that ends at zero was not spoken, whatever arrived; marks before the first word take no time."""
    utterance = sent("“One two.”")
    match(utterance, ("“", start, -start), ("One", start, -start), ("two", 0.0, 1.0))
    assert texts(utterance, 9.0) == []
    assert "".join(utterance.owed) == "“One two.”"

    utterance = sent("“One two.”")
    match(utterance, ("“", 0.0, 0.0), ("One", 0.0, 0.5))
    assert texts(utterance, 9.0) == ["“One"]


@each("size", [1, 3, 4000])
def test_texts_cut_anywhere(size: int) -> None:
    """Tokens match however the text was cut, even within white space; it is returned as sent."""
    text = "one" + " \n" * 3000 + "two\u2003three" * 700
    utterance = sent(*(text[at : at + size] for at in range(0, len(text), size)))
    spoken = ["one", *text.split()[1:]]
    match(utterance, *((word, number * 0.1, 0.1) for number, word in enumerate(spoken)))

    assert "".join(texts(utterance, 1e9)) == text
    assert utterance.owed == []


def test_letters_as_tokens() -> None:
    """A long word with a time for each letter takes linear time, and waits for its end."""
    size = 48_000  # rescanning it for each letter would take minutes
    utterance = sent(*["a" * 4000] * (size // 4000), ended=False)
    for number in range(size):
        utterance.match_token(Token("a", number * 1e-6, 1e-6))
        assert utterance.take_spoken(9.0) == []
        assert utterance.owes_words

    utterance.ended = True
    assert texts(utterance, 9.0) == ["a" * size]
