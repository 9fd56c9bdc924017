"""The lengths of written tokens: `lmnt_cli.local.speech.alignment`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.local.speech.alignment import split_tokens, token_lengths
from tests.tools.strategies import properties


def shown(text: str, *spoken: tuple[str, int]) -> dict[str, int]:
    """Return the tokens that have a length, for a text spoken like this."""
    tokens = split_tokens(text)
    return {
        token: length for token, length in zip(tokens, token_lengths(tokens, spoken), strict=True) if length
    }


def test_tokens_are_words_spaces_and_punctuation() -> None:
    """The tokens joined are the text; apostrophes, hyphens and decimal points do not end a word."""
    text = "It’s a well-known 3.50, isn't it?\n\nYes…"

    assert split_tokens(text)[:9] == ["It’s", " ", "a", " ", "well-known", " ", "3.50", ",", " "]
    assert split_tokens(text)[-4:] == ["?", "\n\n", "Yes", "…"]


@properties
@given(st.text())
def test_no_character_is_lost(text: str) -> None:
    """The tokens of any text joined are that text."""
    assert "".join(split_tokens(text)) == text


def test_a_token_spoken_as_written_has_its_own_length() -> None:
    """Case and kinds of apostrophe do not matter."""
    assert shown("It’s Fine.", ("it's", 5), ("Fine", 7), (".", 2)) == {"It’s": 5, "Fine": 7, ".": 2}


def test_what_is_spoken_differently_has_the_length_of_what_is_spoken_in_its_place() -> None:
    """The text "7:30 pm" has the length of "seven thirty P.M."; the words around it keep theirs."""
    spoken = [("at", 3), ("seven", 10), ("thirty", 10), ("P.M.", 6), ("today", 8)]
    found = shown("at 7:30 pm today", *spoken)

    assert found["at"] == 3
    assert found["today"] == 8
    assert found["7:30"] + found["pm"] == 26


def test_what_is_not_spoken_has_no_length() -> None:
    """Unspoken marks have no length; that of a spoken token without a written one goes to its neighbour."""
    assert shown("*so* it", ("so", 4), ("it", 3)) == {"so": 4, "it": 3}
    assert shown("so", ("and", 2), ("so", 4)) == {"so": 6}


@properties
@given(
    st.text(alphabet="ab. '1", max_size=30),
    st.lists(st.tuples(st.text("ab.1", max_size=4), st.integers(0, 99))),
)
def test_nothing_is_lost_and_nothing_added(text: str, spoken: list[tuple[str, int]]) -> None:
    """The written tokens together are exactly as long as the spoken ones, if there are any."""
    tokens = split_tokens(text)
    found = token_lengths(tokens, spoken)

    assert len(found) == len(tokens)
    assert min(found, default=0) >= 0
    if any(not token.isspace() for token in tokens):
        assert sum(found) == sum(length for _, length in spoken)
