"""The next thing to speak or answer: `lmnt_cli.local.session.agenda`."""

from __future__ import annotations

import pytest

from lmnt_cli.local.requests import Finish, Flush, Refused, Reset, Text
from lmnt_cli.local.session.agenda import Agenda, AnswerFlush, AnswerReset, Close, Say


def acts(agenda: Agenda) -> list[object]:
    """Return all steps possible now."""
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
    """Incomplete text is spoken at the flush, whose answer follows the last of it."""
    agenda = scripted(Text("One. Two"))

    assert acts(agenda) == [Say("One.")]
    agenda.add(Flush(7))
    agenda.add(Text("Three"))
    assert acts(agenda) == [Say(" Two"), AnswerFlush(7)]
    agenda.add(Finish())
    assert acts(agenda) == [Say("Three"), Close()]


def test_flushes_queue_and_are_answered_in_order() -> None:
    """Several flushes may be outstanding, even with nothing to speak."""
    agenda = scripted(Text("a"), Flush(1), Flush(2), Text("b"), Flush(-3))

    assert acts(agenda) == [Say("a"), AnswerFlush(1), AnswerFlush(2), Say("b"), AnswerFlush(-3)]


def test_a_reset_drops_all_text_and_answers_what_is_pending_first() -> None:
    """Flushes before a reset are answered before it, a finish after it."""
    agenda = scripted(Text("a"), Flush(1), Text("b"), Flush(2), Text("c"), Finish(), Reset(3))

    assert acts(agenda) == [AnswerFlush(1), AnswerFlush(2), AnswerReset(3), Close()]
    assert agenda.held == 0


def test_resets_queue_too() -> None:
    """A second reset before the answer to the first keeps both answers in order."""
    assert acts(scripted(Text("a"), Flush(1), Reset(2), Reset(3), Text("b"), Flush(4))) == [
        AnswerFlush(1),
        AnswerReset(2),
        AnswerReset(3),
        Say("b"),
        AnswerFlush(4),
    ]


def test_a_silent_reset_answers_only_itself() -> None:
    """With `silent_reset` a pending flush is not answered, the alternative where the protocol is unknown."""
    assert acts(scripted(Text("a"), Flush(1), Reset(2), silent_reset=True)) == [AnswerReset(2)]


def test_nothing_follows_finish() -> None:
    """Text and flushes after finish are ignored, or refused with `strict_finish`."""
    agenda = scripted(Text("a"), Finish(), Text("b"), Flush(1), Finish())

    assert acts(agenda) == [Say("a"), Close()]
    with pytest.raises(Refused, match="finish"):
        scripted(Finish(), Text("b"), strict_finish=True)


def test_a_flood_of_flushes_counts_as_text() -> None:
    """A flush counts towards the amount held, so that a flood of them without text is bounded."""
    assert scripted(*[Flush(nonce) for nonce in range(1000)]).held > 100_000
