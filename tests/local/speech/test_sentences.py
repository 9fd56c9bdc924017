"""The stretches that can be spoken now: `lmnt_cli.local.speech.sentences`."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.local.speech.sentences import LIMIT, SentenceSplitter, has_words
from tests.tools.strategies import properties


def stretches(*parts: str, final: bool = True) -> list[str]:
    """Return the stretches of a text that arrives in these parts, each taken at once."""
    sentences = SentenceSplitter()
    found: list[str] = []
    for part in parts:
        sentences.add(part)
        while (stretch := sentences.take(final=False)) is not None:
            found.append(stretch)
    while final and (stretch := sentences.take(final=True)) is not None:
        found.append(stretch)
    return found


CASES = {
    "One. Two.": ["One.", " Two."],
    "Is it? Yes! No… Well.": ["Is it?", " Yes!", " No…", " Well."],
    'He said "go." Then went.': ['He said "go."', " Then went."],
    "Dr. Smith met J. R. Tolkien, e.g. here. Then left.": [
        "Dr. Smith met J. R. Tolkien,",
        " e.g. here.",
        " Then left.",
    ],
    "It costs 3.50 or 1,000.5 now. Good.": ["It costs 3.50 or 1,000.5 now.", " Good."],
    "A title\n\nA paragraph\nof two lines.": ["A title", "\n\nA paragraph\nof two lines."],
    "こんにちは。元気ですか？はい": ["こんにちは。", "元気ですか？", "はい"],
    "no end in sight": ["no end in sight"],
    " \n ... — !!! \n": [],
    "🙂 … 🙂": [],
    "": [],
}


@pytest.mark.parametrize("text", CASES)
def test_sentences_end_where_a_reader_would_pause(text: str) -> None:
    """Ends are the same whole, character by character, and with text after them."""
    expected = CASES[text]

    assert stretches(text) == expected
    assert stretches(*text) == expected
    assert stretches(text + "\n\nMore.")[: len(expected)] == expected


def test_a_sentence_is_spoken_as_soon_as_white_space_follows_its_end() -> None:
    """A complete sentence does not wait for the text after it; an incomplete one waits."""
    assert stretches("One. Two", final=False) == ["One."]
    assert stretches("One.", final=False) == []
    assert stretches("One.", "\n", final=False) == ["One."]


def test_the_first_stretch_may_be_a_clause() -> None:
    """The first clause is spoken while its sentence still arrives; later stretches are whole sentences."""
    text = "No, not that one, said Alice, for once. It was, alas, gone"

    assert stretches(text) == ["No, not that one,", " said Alice, for once.", " It was, alas, gone"]
    assert stretches("Once upon a time, there", final=False) == ["Once upon a time,"]
    assert stretches("Once upon,", final=False) == []
    assert stretches("“Hello there,” she said. Yes") == ["“Hello there,”", " she said.", " Yes"]
    assert stretches("It costs 1,250 or 12:30 hours. Yes") == ["It costs 1,250 or 12:30 hours.", " Yes"]


def test_long_text_is_cut_at_clauses_else_between_words_else_anywhere() -> None:
    """No stretch is longer than the limit."""
    clauses = "one two three four, " * 40
    words = "word " * 200
    letters = "x" * 1000

    for text in (clauses, words, letters):
        found = stretches(text)

        assert max(len(stretch.strip()) for stretch in found) <= LIMIT
        assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert all(stretch.strip().endswith(",") for stretch in stretches(clauses))
    assert {word for stretch in stretches(words) for word in stretch.split()} == {"word"}


@properties
@given(st.text(alphabet="ab1 \n.?!…,\"')。” —Dr", max_size=1200), st.lists(st.integers(0, 1200), max_size=20))
def test_messages_do_not_matter(text: str, cuts: list[int]) -> None:
    """The stretches do not depend on how the text was cut into messages, and no word is lost."""
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    parts = [text[start:end] for start, end in pairwise(edges)]
    found = stretches(*parts)

    assert [each.split() for each in found] == [each.split() for each in stretches(text)]
    assert letters("".join(found)) == letters(text)


@properties
@given(st.text(max_size=2000))
def test_held_counts_what_waits(text: str) -> None:
    """`held` is never negative, and 0 once all text has been taken."""
    sentences = SentenceSplitter()
    sentences.add(text)

    assert sentences.held == len(text)
    while sentences.take(final=True) is not None:
        assert sentences.held >= 0
    assert sentences.held == 0


def test_a_long_text_costs_no_copying() -> None:
    """A million short messages without the end of a sentence are taken in one pass, not in a million."""
    sentences = SentenceSplitter()
    for _ in range(1_000_000):
        sentences.add("ab ")
    taken = 0
    while (stretch := sentences.take(final=False)) is not None:
        taken += len(stretch)

    assert taken > 2_900_000


def letters(text: str) -> str:
    return "".join(filter(has_words, text))
