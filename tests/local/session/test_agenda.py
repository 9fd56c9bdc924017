"""What is spoken and answered next: `lmnt_cli.local.session.agenda`."""

from __future__ import annotations

import pytest

from lmnt_cli.local.requests import Finish, Flush, Refused, Reset, Text
from lmnt_cli.local.session.agenda import Agenda, AnswerFlush, AnswerReset, Close, Say


def acts(agenda: Agenda) -> list[object]:
    """All that can be done now."""
    found: list[object] = []
    while (step := agenda.take_next()) is not None:
        found.append(step)
    return found


def scripted(*requests: Text | Flush | Reset | Finish, **settings: bool) -> Agenda:
    agenda = Agenda(**settings)
    for request in requests:
        agenda.add(request)
    return agenda


def test_a_flush_speaks_the_rest_and_is_answered_after_it() -> None:
    """What was not complete is said at the flush, and its answer follows the last of it."""
    agenda = scripted(Text("One. Two"))

    assert acts(agenda) == [Say("One.")]
    agenda.add(Flush(7))
    agenda.add(Text("Three"))
    assert acts(agenda) == [Say(" Two"), AnswerFlush(7)]
    agenda.add(Finish())
    assert acts(agenda) == [Say("Three"), Close()]


def test_flushes_queue_and_are_answered_in_order() -> None:
    """Several may be outstanding, also with nothing to say."""
    agenda = scripted(Text("a"), Flush(1), Flush(2), Text("b"), Flush(-3))

    assert acts(agenda) == [Say("a"), AnswerFlush(1), AnswerFlush(2), Say("b"), AnswerFlush(-3)]


def test_a_reset_drops_all_text_and_answers_what_is_pending_first() -> None:
    """Flushes asked for before the reset are answered before it, a finish after it."""
    agenda = scripted(Text("a"), Flush(1), Text("b"), Flush(2), Text("c"), Finish(), Reset(3))

    assert acts(agenda) == [AnswerFlush(1), AnswerFlush(2), AnswerReset(3), Close()]
    assert agenda.held == 0


def test_resets_queue_too() -> None:
    """A second reset before the first was answered keeps both answers in order."""
    assert acts(scripted(Text("a"), Flush(1), Reset(2), Reset(3), Text("b"), Flush(4))) == [
        AnswerFlush(1),
        AnswerReset(2),
        AnswerReset(3),
        Say("b"),
        AnswerFlush(4),
    ]


def test_a_silent_reset_answers_only_itself() -> None:
    """The other reading of what is unknown."""
    assert acts(scripted(Text("a"), Flush(1), Reset(2), silent_reset=True)) == [AnswerReset(2)]


def test_nothing_follows_finish() -> None:
    """Text and flushes after it are ignored, or refused where that was asked for."""
    agenda = scripted(Text("a"), Finish(), Text("b"), Flush(1), Finish())

    assert acts(agenda) == [Say("a"), Close()]
    with pytest.raises(Refused, match="finish"):
        scripted(Finish(), Text("b"), strict_finish=True)


def test_a_flood_of_flushes_counts_as_text() -> None:
    """What waits is bounded by what is held, so flushes without text must weigh something."""
    assert scripted(*[Flush(nonce) for nonce in range(1000)]).held > 100_000
