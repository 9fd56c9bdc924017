"""Words grouped into cues: `lmnt_cli.core.captions.cues`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.captions.cues import COLUMNS, LONGEST, Cue, Cues, columns
from lmnt_cli.core.captions.placement import Word
from lmnt_cli.core.captions.wording import split_words
from tests.tools.strategies import properties


def spoken(text: str, each: float = 0.3, utterance: int = 1, start: float = 0.0) -> list[Word]:
    """Return the words of a text, all of the same duration."""
    return [
        Word(word.text, start + n * each, start + (n + 1) * each, utterance, word.spaced, word.ends_sentence)
        for n, word in enumerate(split_words(text))
    ]


def grouped(words: Sequence[Word]) -> list[Cue]:
    cues = Cues()
    return [cue for word in words for cue in cues.feed(word)] + cues.finish()


def lines(words: Sequence[Word]) -> list[tuple[str, ...]]:
    return [cue.lines for cue in grouped(words)]


def test_a_sentence_is_a_cue() -> None:
    """Each sentence begins a new cue, however short."""
    assert lines(spoken("One. Two and three. Four")) == [("One.",), ("Two and three.",), ("Four",)]


def test_a_sentence_is_shown_at_once() -> None:
    """A cue whose end is certain does not wait for the next word."""
    cues = Cues()

    assert [len(cues.feed(word)) for word in spoken("One two. Three")] == [0, 1, 0]


def test_a_pause_ends_a_cue() -> None:
    """Words after 0.7 s of silence begin a new cue."""
    words = spoken("one two") + spoken("three", start=1.3)

    assert lines(words) == [("one two",), ("three",)]


def test_a_comma_ends_a_cue_that_is_full() -> None:
    """A cue that is too long breaks at its last comma."""
    text = "It was the best of times, it was the worst of times, it was the age of wisdom and so on"

    assert lines(spoken(text, each=0.2)) == [
        ("It was the best of times,", "it was the worst of times,"),
        ("it was the age of wisdom and so on",),
    ]


def test_lines_are_even() -> None:
    """Two lines are as even in length as the words allow."""
    (cue,) = lines(spoken("aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj", each=0.1))

    assert cue == ("aaaa bbbb cccc dddd eeee", "ffff gggg hhhh iiii jjjj")


def test_a_word_longer_than_a_line() -> None:
    """A word longer than a line is alone in its cue."""
    long = "x" * (COLUMNS + 1)

    assert lines(spoken(f"a {long} b")) == [("a",), (long,), ("b",)]


def test_wide_letters_take_two_columns() -> None:
    """A line holds half as many wide letters, none separated from the mark that closes it."""
    text = "二" * 20 + "、" + "二" * 22

    assert [columns(line) for cue in lines(spoken(text, each=0.1)) for line in cue] == [42, 22, 22]
    assert columns("e\u0301") == 1


def test_a_long_word_ends_in_time() -> None:
    """A cue is shown for 7 s at most, even if a word lasts longer."""
    (cue,) = grouped([Word("Ohm", 1.0, 30.0, 1)])

    assert (cue.start, cue.end) == (1.0, 8.0)


WORDS = st.lists(
    st.tuples(
        st.text("ab,.二é", min_size=1, max_size=50),
        st.integers(0, 30),
        st.integers(0, 90),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=30,
)


def timed(drawn: Sequence[tuple[str, int, int, bool, bool, bool]]) -> Iterator[Word]:
    """Return the words, with times in tenths of a second."""
    now, utterance = 0, 1
    for text, pause, length, spaced, ends, flushed in drawn:
        yield Word(text, (now + pause) / 10, (now + pause + length) / 10, utterance, spaced, ends)
        now += pause + length
        utterance += flushed


@properties
@given(WORDS)
def test_limits(drawn: list[tuple[str, int, int, bool, bool, bool]]) -> None:
    """Any words all appear once, in order, in cues within the limits that never overlap."""
    words = list(timed(drawn))
    cues = grouped(words)
    shown = ["".join("".join(cue.lines).split()) for cue in cues]

    assert "".join(shown) == "".join(word.text for word in words)
    for cue in cues:
        assert 1 <= len(cue.lines) <= 2
        assert cue.end - cue.start <= LONGEST + 1e-9
        assert all(columns(line) <= COLUMNS for line in cue.lines) or len(cue.lines) == 1
    assert all(one.end <= other.start for one, other in pairwise(cues))
