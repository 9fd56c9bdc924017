"""Words placed in the audio by word times: `lmnt_cli.core.captions.placement`."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.captions.placement import TimedToken, Word, letters_of, place_words
from lmnt_cli.core.captions.wording import split_words
from tests.tools.strategies import properties


def placed(
    text: str, tokens: list[tuple[str, float, float]], start: float = 0.0, end: float = 10.0
) -> dict[str, tuple[float, float]]:
    words = place_words(split_words(text), [TimedToken(*each) for each in tokens], start, end, 1)
    return {word.text: (round(word.start, 3), round(word.end, 3)) for word in words}


def test_tokens_that_are_the_words() -> None:
    """Each word has the time of its token; tokens of spaces and punctuation change nothing."""
    tokens = [("Hello", 0.1, 0.4), (",", 0.4, 0.5), (" ", 0.5, 0.5), ("", 0.5, 0.6), (" big", 0.6, 0.9)]

    assert placed("Hello, big", tokens) == {"Hello,": (0.1, 0.4), "big": (0.6, 0.9)}


def test_tokens_that_are_parts_of_words() -> None:
    """A word lasts from its first part to its last."""
    tokens = [("un", 0.0, 0.1), ("believ", 0.1, 0.3), ("able", 0.3, 0.4)]

    assert placed("Unbelievable!", tokens) == {"Unbelievable!": (0.0, 0.4)}


def test_a_token_of_two_words() -> None:
    """Words share the time of their common token by length."""
    assert placed("New York", [("new york", 1.0, 1.7)]) == {"New": (1.0, 1.3), "York": (1.3, 1.7)}


def test_spelled_out() -> None:
    """A token that is not the next word is skipped: the words up to the next match share the time."""
    tokens = [
        *[("Doctor", 0.1, 0.4), ("Smith", 0.5, 0.7), ("has", 0.8, 1.0)],
        *[("five", 1.0, 1.2), ("dollars", 1.2, 1.5), ("left", 1.6, 1.9)],
    ]

    assert placed("Dr. Smith has $5 left", tokens) == {
        "Dr.": (0.0, 0.5),
        "Smith": (0.5, 0.7),
        "has": (0.8, 1.0),
        "$5": (1.0, 1.6),
        "left": (1.6, 1.9),
    }


def test_a_short_token_is_no_landmark() -> None:
    """A single letter far ahead does not match."""
    tokens = [("oh", 0.0, 0.1), ("a", 0.1, 0.2), ("banana", 1.0, 1.5)]

    assert placed("cold banana is a fruit", tokens)["banana"] == (1.0, 1.5)


def test_without_tokens() -> None:
    """Without tokens, the words share the audio by length."""
    assert placed("one three", [], 10.0, 18.0) == {"one": (10.0, 13.0), "three": (13.0, 18.0)}


def test_times_beyond_the_audio() -> None:
    """No word starts before the utterance's audio or ends after it."""
    assert placed("a b", [("a", -5.0, 1.0), ("b", 1.0, 99.0)], 2.0, 3.0) == {"a": (2.0, 2.0), "b": (2.0, 3.0)}


TIMES = st.one_of(st.floats(-5, 30), st.just(0.0))


@properties
@given(
    st.text("abcde .,—“”你好5", max_size=60),
    st.lists(st.tuples(st.text("abcde 5", max_size=6), TIMES, TIMES), max_size=20),
    st.floats(0, 5),
    st.floats(0, 20),
)
def test_every_word_once(
    text: str, tokens: list[tuple[str, float, float]], start: float, length: float
) -> None:
    """With any tokens, every word appears once, in order, and times never decrease or leave the audio."""
    written = split_words(text)
    words = place_words(written, [TimedToken(*each) for each in tokens], start, start + length, 3)

    assert [word.text for word in words] == [word.text for word in written]
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert all(start <= edge <= start + length + 1e-9 for edge in edges)


@properties
@given(st.text("abc def,.", min_size=1, max_size=80), st.data())
def test_split_of_tokens_does_not_matter(text: str, data: st.DataObject) -> None:
    """Tokens cut anywhere, with times in proportion to length, give the same times."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    letters = [0]
    for character in text:
        letters.append(letters[-1] + character.isalnum())
    edges = [0, *cuts, len(text)]
    tokens = [TimedToken(text[a:b], float(letters[a]), float(letters[b])) for a, b in pairwise(edges)]
    words: list[Word] = place_words(split_words(text), tokens, 0.0, float(letters[-1]), 1)
    position = 0
    for word in words:
        size = sum(map(str.isalnum, word.text))

        assert (word.start, word.end) == pytest.approx((position, position + size))
        position += size


@properties
@given(st.text(max_size=12) | st.text("aZ9' ß½Ⅷﬁ", max_size=12))
def test_letters(text: str) -> None:
    """All letters and digits are compared in one form, however quickly plain ones get there."""
    folded = unicodedata.normalize("NFKC", text).casefold()

    assert letters_of(text) == "".join(letter for letter in folded if letter.isalnum())
