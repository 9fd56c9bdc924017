"""The tape is heard as it is spoken, and nothing that is not on it passes for a word."""

from __future__ import annotations

import pytest

from tests.proof.tape import TAPES, Heard, Spoken


WORDS = tuple(Spoken(1, number, word) for number, word in enumerate(["don't", "naïve", "数字", "2,500"] * 30))
SAMPLED = ("pcm_s16le", "pcm_f32le", "ulaw")


def said(name: str) -> bytes:
    tape = TAPES[name]
    return tape.begin + tape.lead + b"".join(tape.word(word) + tape.pause for word in WORDS)


@pytest.mark.parametrize("name", TAPES)
def test_all_words_are_heard(name: str) -> None:
    """Every word is heard whole, with its session and position."""
    begin = len(TAPES[name].begin)

    assert TAPES[name].hear(said(name)[begin:]) == Heard(WORDS, 0, 0)


@pytest.mark.parametrize("name", SAMPLED)
def test_a_sample_that_is_not_on_the_tape_is_rubbish(name: str) -> None:
    """Each byte of a sample counts: one that is wrong makes the sample rubbish and breaks its word."""
    tape = TAPES[name]
    audio = said(name)[len(tape.begin) :]
    size = len(tape.pause) // round(tape.rate * tape.tick)
    heard = [
        tape.hear(bytes([*audio[:at], audio[at] ^ 0x80, *audio[at + 1 :]]))
        for at in range(len(audio) // size // 2 * size, len(audio) // size // 2 * size + size)
    ]

    assert [(each.rubbish, len(each.words)) for each in heard] == [(1, len(WORDS) - 1)] * size


@pytest.mark.parametrize("name", TAPES)
def test_a_word_that_is_cut_is_a_fragment(name: str) -> None:
    """Half a word is no word, at the end or before the next one."""
    tape = TAPES[name]
    half = tape.word(WORDS[0])[: len(tape.word(WORDS[0])) // tape.word_ticks]

    heard = tape.hear(half + tape.word(WORDS[1]) + half)

    assert (heard.words, heard.fragments) == (WORDS[1:2], 2)
