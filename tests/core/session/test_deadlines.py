"""How long the service may be silent: while something is owed, and while we listen (contract, 2, 5)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.session.deadlines import Deadlines


HOUR = 3600.0


def silence(began: float = 100.0) -> Deadlines:
    """Limits as the program has them: 10 s to begin, 30 s while something is owed."""
    return Deadlines(10.0, 30.0, began)


def begun(at: float = 100.0) -> Deadlines:
    """A session whose `ready` has come."""
    limits = silence(at)
    limits.message_received(at, still_owed=False)
    return limits


def test_connect_limit() -> None:
    """The first message is waited for so long, from the start of the attempt."""
    limits = silence(100.0)

    assert not limits.never_ready(109.9)
    assert limits.never_ready(110.0)


def test_any_message_is_a_beginning() -> None:
    """Any message of the service counts."""
    limits = silence(100.0)
    limits.message_received(105.0, still_owed=False)

    assert not limits.never_ready(100.0 + HOUR)


def test_the_writer_may_be_silent() -> None:
    """With nothing owed, an hour's silence is no error."""
    limits = begun()

    assert limits.overdue(100.0 + HOUR) is None


def test_an_unanswered_flush() -> None:
    """What was asked is waited for so long."""
    limits = begun()
    limits.answer_awaited(200.0)

    assert limits.overdue(229.9) is None
    assert limits.overdue(230.0)


def test_silence_before_the_question_does_not_count() -> None:
    """The writer's silence is not charged to the service."""
    limits = begun(0.0)
    limits.answer_awaited(HOUR)

    assert limits.overdue(HOUR + 29.9) is None
    assert limits.overdue(HOUR + 30.0)


def test_words_to_wait() -> None:
    """What was waited for too long is told in words, with the limit."""
    limits = begun()
    limits.answer_awaited(100.0)

    assert "30 s" in str(limits.overdue(200.0))


def test_audio_breaks_the_silence() -> None:
    """While audio comes, an answer may take as long as it likes; silence is counted from the last message."""
    limits = begun()
    limits.answer_awaited(100.0)
    for second in range(100, 200, 10):
        limits.message_received(second, still_owed=True)

    assert limits.overdue(219.9) is None
    assert limits.overdue(220.0)


def test_more_questions_do_not_postpone_the_answer() -> None:
    """Asking again gives the service no more time for what it owes."""
    limits = begun()
    limits.answer_awaited(100.0)
    limits.answer_awaited(125.0)

    assert limits.overdue(130.0)


def test_an_answer_settles_it() -> None:
    """Once nothing is owed, silence may go on."""
    limits = begun()
    limits.answer_awaited(100.0)
    limits.message_received(101.0, still_owed=False)

    assert limits.overdue(100.0 + HOUR) is None
    limits.answer_awaited(100.0 + HOUR)
    assert limits.overdue(100.0 + HOUR + 30)


def test_an_unanswered_ping() -> None:
    """A ping is owed an answer too."""
    limits = begun()
    limits.ping_sent(200.0)

    assert limits.overdue(229.9) is None
    assert limits.overdue(230.0)
    limits.pong_received()
    assert limits.overdue(100.0 + HOUR) is None


def test_a_service_that_talks_is_not_silent() -> None:
    """While audio comes, a pong that waits behind it is no drop: the limit is one of silence."""
    limits = begun()
    limits.answer_awaited(200.0)
    limits.ping_sent(200.0)
    for second in range(201, 240):
        limits.message_received(second, still_owed=True)

    assert limits.overdue(240.0) is None


def test_a_pause_is_no_silence() -> None:
    """While we do not listen nothing is overdue, and all silence so far is forgotten afterwards."""
    limits = begun()
    limits.answer_awaited(100.0)
    limits.ping_sent(100.0)
    limits.pause()

    assert limits.overdue(100.0 + HOUR) is None
    limits.resume(100.0 + HOUR)
    assert limits.overdue(100.0 + HOUR + 29.9) is None
    assert limits.overdue(100.0 + HOUR + 30.0)


def test_a_pause_before_the_beginning() -> None:
    """Time in which nobody could listen is not charged to the connection either."""
    limits = silence(100.0)
    limits.pause()

    assert not limits.never_ready(100.0 + HOUR)
    limits.resume(100.0 + HOUR)
    assert not limits.never_ready(100.0 + HOUR + 1)


@pytest.mark.parametrize("before_ready", [True, False])
def test_questions_before_ready(before_ready: bool) -> None:
    """A flush may be asked for before `ready`; its silence is counted from when the session began."""
    limits = silence(100.0)
    if before_ready:
        limits.answer_awaited(101.0)
    limits.message_received(105.0, still_owed=True)
    limits.answer_awaited(105.0)

    assert limits.overdue(134.9) is None
    assert limits.overdue(135.0)
