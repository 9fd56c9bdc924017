"""The lengths of tokens: `lmnt_cli.local.speech.spans`; `test_hibari_engine` compares them with the sound."""

from __future__ import annotations

import numpy as np
import pytest

from lmnt_cli.local.speech.spans import count_first, even_units, time_tokens, trim_tails


WORDS = ["", "And", " ", "here", ",", " ", "again", ".", ""]


@pytest.mark.parametrize(
    ("spans", "first"),
    [
        ([2000, 5000, 0, 5000, 0, 0, 6000, 0, 2000], 2),
        ([2000, 3000, 0, 5000, 0, 0, 6000, 0, 2000], 5),  # the comma and its pause belong to the part
        ([2000, 3000, 0, 5000, 0, 0, 3000, 0, 2000], 0),  # too little would be left
        ([2000, 1000, 0, 1000, 0, 0, 1000, 0, 2000], 0),
    ],
)
def test_the_first_part(spans: list[int], first: int) -> None:
    """It is at least a quarter of a second, ends before white space, and leaves as much."""
    assert count_first(WORDS, spans) == first


def test_tokens_between_silences() -> None:
    """Each token lasts as long as its phonemes, and everything as long as the sound."""
    tokens, spans = time_tokens(["Hi", " ", "you"], [("Hi", 2), ("you", 3)], [4, 1, 2, 1, 1, 1, 3], 7800)

    assert tokens == ["", "Hi", " ", "you", ""]
    assert spans[0] == 4 * 600 - 600
    assert sum(spans) == 7800
    assert spans[1] + spans[2] + spans[3] == 6 * 600


def test_lengths_that_are_not_known() -> None:
    """Without lengths all phonemes get the same, and the ends some silence."""
    units = even_units(60_000, 12)

    assert len(units) == 12
    assert sum(units) == 100
    assert units[0] == units[-1] == 14
    assert set(units[1:-1]) == {7, 8}


def test_an_inaudible_end_of_a_word() -> None:
    """It goes to the pause that follows, in blocks of 10 ms; before white space it stays the word's."""
    samples = np.full(4800, 0.5, np.float32)
    samples[1700:2400] = samples[4100:] = 0.0

    assert trim_tails(["One", " ", "two", "."], [2400, 0, 2400, 0], samples) == [2400, 0, 1920, 480]
