"""The figures of `--stats`: `lmnt_cli.core.figures.statistics`."""

from __future__ import annotations

from lmnt_cli.core.figures.snapshot import Figures
from lmnt_cli.core.figures.statistics import Statistics, figure_lines
from lmnt_cli.core.session.happenings import (
    Attempt,
    Confirmed,
    Connected,
    Dropped,
    Happening,
    Lost,
    Ready,
    Sound,
    TextSent,
)


RUN = Figures(
    began=True,
    confirmed_bytes=12,
    dropped_bytes=0,
    audio_bytes=96_000,
    audio_seconds=2.0,
    first_sound=0.25,
    speed=4.0,
    resumed=0,
    replaced=0,
)


def figures(*happenings: tuple[float, Happening], cuts: bool = False) -> dict[str, float | int | None]:
    statistics = Statistics(100.0, cuts=cuts)
    for at, happening in happenings:
        statistics.take(happening, 100.0 + at)
    return statistics.figures(RUN, 110.0)


def test_a_run() -> None:
    """Times count from the start, waits from an utterance's first text to its first sound."""
    found = figures(
        (0.0, Attempt(1, 4)),
        (0.1, Connected("lily", "mp3", 24000)),
        (0.2, Ready("req_1", 1)),
        (0.3, TextSent(1, "Grüße. ")),
        (0.4, TextSent(1, "Ja.")),
        (0.8, Sound(1, 0.0)),
        (0.9, Sound(1, 0.0)),
        (1.0, Confirmed(1, "Grüße. Ja.", 0.0, 1.0, whole=True)),
        (2.0, TextSent(2, "Nein.")),
        (2.2, Sound(2, 1.0)),
        (2.4, Confirmed(2, "Nein.", 1.0, 2.0, whole=True)),
    )

    assert found == {
        "text_characters": 15,
        "text_bytes": 17,
        "stripped_characters": 0,
        "text_utterances": 2,
        "audio_seconds": 2.0,
        "audio_bytes": 96_000,
        "connected_after": 0.1,
        "ready_after": 0.2,
        "first_sound_after_text": 0.25,
        "first_sound_after_start": 0.8,
        "utterance_wait_median": 0.35,
        "utterance_wait_longest": 0.5,
        "speed": 4.0,
        "sessions": 1,
        "attempts": 1,
        "words_twice": 0,
        "wall_time": 10.0,
    }


def test_text_sent_again_counts_once() -> None:
    """Text sent again counts once; its words that had sounded may be heard twice."""
    again = (
        (0.0, TextSent(1, "One two three.")),
        (0.1, Sound(1, 0.0)),
        (0.2, Confirmed(1, "One", 0.0, 0.3, whole=False)),
        (0.3, Lost("cut", 0.5, 11)),
        (1.0, TextSent(1, " two three.")),
        (1.5, Confirmed(1, " two three.", 0.3, 1.0, whole=True)),
    )
    in_a_pipe, in_a_file = figures(*again), figures(*again, cuts=True)

    assert (in_a_pipe["text_characters"], in_a_pipe["text_bytes"]) == (14, 14)
    assert in_a_pipe["words_twice"] == 2
    assert in_a_file["words_twice"] == 0


def test_dropped_text_is_not_sent_again() -> None:
    """A reset settles the text sent: a connection lost later owes nothing of it."""
    found = figures(
        (0.0, TextSent(1, "One.")),
        (0.1, Sound(1, 0.0)),
        (0.2, Dropped(1, 1, 4)),
        (0.3, Lost("cut", 0.5, 0)),
    )

    assert (found["text_characters"], found["words_twice"]) == (4, 0)


def test_what_is_not_known() -> None:
    """A run without sound has no times for it, and its block omits them."""
    found = figures((0.0, Attempt(1, 1)))

    assert found["utterance_wait_median"] is None
    assert not any(line.startswith("utterance wait") for line in figure_lines(found))


def test_block() -> None:
    """The block has one name, value and unit per line, in columns."""
    assert figure_lines({"text_bytes": 17, "audio_seconds": 2.0, "speed": 4.0, "ready_after": None}) == [
        "text bytes     17",
        "audio seconds  2.0 s",
        "speed          4.0 × real time",
    ]
