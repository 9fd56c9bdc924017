"""Confirmed text becomes words with times: `lmnt_cli.core.captions.word_stream`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.captions.placement import Word
from lmnt_cli.core.captions.word_stream import WordStream
from lmnt_cli.core.captions.wording import split_words
from lmnt_cli.core.session.happenings import Confirmed, Dropped, Happening, Lost, WordTimes, Written
from lmnt_cli.core.session.messages import Token
from tests.tools.strategies import properties


def times(utterance: int, start: float, *tokens: tuple[str, float, float]) -> WordTimes:
    return WordTimes(utterance, start, tuple(Token(*each) for each in tokens))


def heard(*happenings: Happening) -> list[Word]:
    stream = WordStream()
    return [word for each in happenings for word in stream.take(each)]


def shown(words: list[Word]) -> list[tuple[str, float, float]]:
    return [(word.text, round(word.start, 3), round(word.end, 3)) for word in words]


def test_times_then_confirmation() -> None:
    """Usually, words leave with the answer to the flush."""
    words = heard(
        times(1, 5.0, ("Hello", 0.1, 0.3), (",", 0.4, 0.0), (" world", 0.5, 0.4)),
        Confirmed(1, "Hello, world.\n", 5.0, 6.0, whole=True),
    )

    assert shown(words) == [("Hello,", 5.1, 5.4), ("world.", 5.5, 5.9)]
    assert [word.closes for word in words] == [False, True]


def test_words_leave_while_the_utterance_is_spoken() -> None:
    """Text confirmed by its times leaves at once, except the last word, which marks may follow."""
    stream = WordStream()
    stream.take(times(1, 0.0, ("One", 0.0, 0.3), ("two", 0.4, 0.3), ("three", 0.8, 0.3)))

    assert shown(stream.take(Confirmed(1, "One two", 0.0, 0.7, whole=False))) == [("One", 0.0, 0.3)]
    assert shown(stream.take(Confirmed(1, " — three.", 0.7, 1.2, whole=True))) == [
        ("two —", 0.4, 0.7),
        ("three.", 0.8, 1.1),
    ]


def test_times_that_trail() -> None:
    """Text waits for its times, even if they arrive while the next utterance is spoken."""
    stream = WordStream()
    assert stream.take(Confirmed(1, "Good morning.", 0.0, 1.0, whole=True)) == []
    assert stream.lacks_times

    words = stream.take(times(2, 1.0, ("Good", 0.1, 0.3), ("morning", 0.5, 0.4)))

    assert shown(words) == [("Good", 0.1, 0.4), ("morning.", 0.5, 0.9)]
    assert not stream.lacks_times


def test_trailing_times_beside_those_of_the_next() -> None:
    """In a message with times of two utterances, each time is assigned to its own."""
    stream = WordStream()
    stream.take(Confirmed(1, "Good morning.", 0.0, 1.0, whole=True))
    words = stream.take(
        times(2, 1.0, ("Good", 0.1, 0.3), ("morning", 0.5, 0.4), ("Good", 0.0, 0.2), ("night", 0.3, 0.3))
    )
    words += stream.take(Confirmed(2, "Good night.", 1.0, 2.0, whole=True))

    assert shown(words) == [
        ("Good", 0.1, 0.4),
        ("morning.", 0.5, 0.9),
        ("Good", 1.0, 1.2),
        ("night.", 1.3, 1.6),
    ]


def test_times_that_never_come() -> None:
    """Without times, an utterance is divided by length once the next is complete, the last at the end."""
    stream = WordStream()
    first = stream.take(Confirmed(1, "One three.", 0.0, 8.0, whole=True))
    second = stream.take(Confirmed(2, "Two.", 8.0, 9.0, whole=True))

    assert shown(first) == []
    assert shown(second) == [("One", 0.0, 3.0), ("three.", 3.0, 8.0)]
    assert shown(stream.finish()) == [("Two.", 8.0, 9.0)]
    assert stream.finish() == []


def test_no_word_before_its_audio_is_written() -> None:
    """A word leaves as soon as the audio of all text confirmed with it is written."""
    stream = WordStream()
    stream.take(times(1, 0.0, ("One", 0.0, 0.3), ("two", 0.4, 0.3), ("three", 0.8, 0.3)))
    words = stream.take(Confirmed(1, "One two", 0.0, 0.7, whole=False, offset=700))
    words += stream.take(Written(699))
    words += stream.take(Confirmed(1, " three.", 0.7, 1.2, whole=True, offset=1200))
    assert words == []
    assert not stream.lacks_times

    assert shown(stream.take(Written(700))) == [("One", 0.0, 0.3)]
    assert shown(stream.take(Written(1200))) == [("two", 0.4, 0.7), ("three.", 0.8, 1.1)]


def test_a_run_that_is_given_up() -> None:
    """Words that are not written do not leave, and words that are written do not wait for their times."""
    stream = WordStream()
    stream.take(Confirmed(1, "One.", 0.0, 1.0, whole=True, offset=1000))
    stream.take(Confirmed(2, "Two.", 1.0, 2.0, whole=True, offset=2000))
    words = stream.take(Written(1500))
    stream.take(Written(2000))
    stream.take(Confirmed(3, "Three.", 2.0, 3.0, whole=False, offset=3000))

    assert shown(words) == [("One.", 0.0, 1.0)]
    assert shown(stream.give_up()) == [("Two.", 1.0, 2.0)]


def test_a_lost_connection() -> None:
    """Times of lost text are forgotten; when spoken again, it has new ones."""
    words = heard(
        times(1, 0.0, ("One", 0.0, 0.3), ("two", 0.4, 0.3)),
        Confirmed(1, "One", 0.0, 0.3, whole=False),
        Lost("cut", 0.5, 5),
        times(1, 0.3, ("two", 0.2, 0.3)),
        Confirmed(1, " two.", 0.3, 1.0, whole=True),
    )

    assert shown(words) == [("One", 0.0, 0.3), ("two.", 0.5, 0.8)]


def test_dropped_text_stands_nowhere() -> None:
    """Text confirmed before a reset stays, and ends its cue."""
    words = heard(
        times(1, 0.0, ("One", 0.0, 0.3), ("two", 0.4, 0.3)),
        Confirmed(1, "One", 0.0, 0.3, whole=False),
        Dropped(1, 1, 4),
        times(2, 1.0, ("Next", 0.0, 0.5)),
        Confirmed(2, "Next.", 1.0, 1.5, whole=True),
    )

    assert shown(words) == [("One", 0.0, 0.3), ("Next.", 1.0, 1.5)]
    assert words[0].closes


def test_a_full_stop_of_its_own() -> None:
    """Marks confirmed after their word join it and end its sentence, even in scripts without spaces."""
    words = heard(
        times(1, 0.0, ("世", 0.0, 0.3), ("。", 0.3, 0.1), ("界", 0.5, 0.3)),
        Confirmed(1, "世", 0.0, 0.3, whole=False),
        Confirmed(1, "。", 0.3, 0.4, whole=False),
        Confirmed(1, "界", 0.4, 0.8, whole=True),
    )

    assert [(word.text, word.closes) for word in words] == [("世。", True), ("界", True)]


def test_an_utterance_without_a_word() -> None:
    """An utterance of marks alone has no words."""
    assert heard(Confirmed(1, " ... ", 0.0, 0.0, whole=True)) == []


TEXTS = st.text("ab 二,.—\n", max_size=20)
UTTERANCES = st.lists(
    st.tuples(
        st.lists(TEXTS, min_size=1, max_size=4), st.floats(-1, 3), *[st.booleans()] * 2, st.integers(0, 9)
    ),
    max_size=6,
)


@properties
@given(UTTERANCES)
def test_every_word_once_in_order(
    utterances: list[tuple[list[str], float, bool, bool, int]],
) -> None:
    """In any order of events, each confirmed word appears once, and times never decrease or overlap.

    No word leaves before the audio of its text is written.
    """
    stream = WordStream()
    words: list[Word] = []
    expected: list[str] = []
    now, written = 0.0, 0
    for number, (texts, shift, timely, lost, lag) in enumerate(utterances, 1):
        tokens = [(text, shift + at, 0.5) for at, text in enumerate(texts)]
        late = times(number + 1, now + len(texts), *tokens)
        if timely:
            words += stream.take(times(number, now, *tokens))
        if lost:
            words += stream.take(Lost("cut", 1.0, 0))
        for at, text in enumerate(texts, 1):
            # Only whole words are confirmed before the rest of their utterance.
            piece = text if at == 1 else f" {text}"
            whole = at == len(texts)
            words += stream.take(Confirmed(number, piece, now, now + 1, whole, offset=int(now + 1)))
            now += 1
            written = max(written, int(now) - lag)
            words += stream.take(Written(written))
            assert all(word.end <= written for word in words)
        if not timely:
            words += stream.take(late)
        expected += [letter for text in texts for word in split_words(text) for letter in word.text]
    words += stream.finish()

    letters = [c for word in words for c in word.text if c.isalnum()]
    assert letters == [c for c in expected if c.isalnum()]
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= now for edge in edges)


TOKENS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 5), st.floats(-2, 9), st.floats(-1, 3)), max_size=4
)
# The pieces of an utterance, what becomes of it, and after which piece which times come, for which utterance.
SPOKEN = st.lists(
    st.tuples(
        st.lists(st.text("ab二1,.", min_size=1, max_size=5), min_size=1, max_size=4),
        st.sampled_from(["whole", "whole", "lost", "dropped"]),
        st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1), TOKENS), max_size=4),
        st.integers(0, 3),
    ),
    max_size=5,
)


@properties
@given(SPOKEN)
def test_whatever_happens(
    utterances: list[tuple[list[str], str, list[tuple[int, int, list[tuple[int, int, float, float]]]], int],],
) -> None:
    """Any split of the text into tokens, times that are late, repeated, fall or are missing, losses, resets.

    Every confirmed word appears once, in order; times neither fall nor overlap nor exceed the written audio.
    """
    stream = WordStream()
    words: list[Word] = []
    expected: list[str] = []
    now = written = 0
    for number, (pieces, end, messages, lag) in enumerate(utterances, 1):
        text = " ".join(pieces)
        start = now
        for at, piece in enumerate(pieces):
            for _, late, tokens in (each for each in messages if each[0] == at):
                cut = [(text[i : i + size], begins, lasts) for i, size, begins, lasts in tokens]
                words += stream.take(times(number + late, float(start), *cut))
            last = at == len(pieces) - 1
            if end == "lost" and last:
                words += stream.take(Lost("cut", 1.0, 0))
            if end == "dropped" and last:
                words += stream.take(Dropped(number, number, len(piece)))
                break
            confirmed = f" {piece}" if at else piece
            words += stream.take(Confirmed(number, confirmed, now, now + 1, last, offset=now + 1))
            expected += [letter for letter in piece if letter.isalnum()]
            now += 1
            written = max(written, now - lag)
            words += stream.take(Written(written))
            assert all(word.end <= written for word in words)
    words += stream.finish()

    assert [letter for word in words for letter in word.text if letter.isalnum()] == expected
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= now for edge in edges)
