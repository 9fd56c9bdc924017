"""How long the service may be silent: while an answer is owed and while we listen (contract, 2, 5)."""

from __future__ import annotations

from lmnt_cli.core.session.deadlines import Deadlines
from tests.tools.each import each


HOUR = 3600.0


def silence(began: float = 100.0) -> Deadlines:
    """Return the program's limits: 10 s to begin, 30 s while an answer is owed."""
    return Deadlines(10.0, 30.0, began)


def begun(at: float = 100.0) -> Deadlines:
    """Return a session whose `ready` has arrived."""
    limits = silence(at)
    limits.message_received(at, still_owed=False)
    return limits


def test_connect_limit() -> None:
    """The first message may take the connect limit, from the start of the attempt."""
    limits = silence(100.0)

    assert not limits.never_ready(109.9)
    assert limits.never_ready(110.0)


def test_any_message_is_a_beginning() -> None:
    """Any message from the service counts as the first."""
    limits = silence(100.0)
    limits.message_received(105.0, still_owed=False)

    assert not limits.never_ready(100.0 + HOUR)


def test_the_writer_may_be_silent() -> None:
    """With nothing owed, an hour of silence is not an error."""
    limits = begun()

    assert limits.overdue(100.0 + HOUR) is None


def test_an_unanswered_flush() -> None:
    """An answer may take the silence limit."""
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
    """What was awaited too long is described in words, with the limit."""
    limits = begun()
    limits.answer_awaited(100.0)

    assert "30 s" in str(limits.overdue(200.0))


def test_audio_breaks_the_silence() -> None:
    """While audio arrives, an answer may take any time; silence is counted from the last message."""
    limits = begun()
    limits.answer_awaited(100.0)
    for second in range(100, 200, 10):
        limits.message_received(second, still_owed=True)

    assert limits.overdue(219.9) is None
    assert limits.overdue(220.0)


def test_more_questions_do_not_postpone_the_answer() -> None:
    """Another request does not give the service more time for what it already owes."""
    limits = begun()
    limits.answer_awaited(100.0)
    limits.answer_awaited(125.0)

    assert limits.overdue(130.0)


def test_an_answer_settles_it() -> None:
    """Once nothing is owed, silence may continue."""
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
    """While audio arrives, a pong queued after it is not a drop: the limit is one of silence."""
    limits = begun()
    limits.answer_awaited(200.0)
    limits.ping_sent(200.0)
    for second in range(201, 240):
        limits.message_received(second, still_owed=True)

    assert limits.overdue(240.0) is None


def test_a_pause_is_no_silence() -> None:
    """Nothing is overdue while we do not listen, and earlier silence is forgotten afterwards."""
    limits = begun()
    limits.answer_awaited(100.0)
    limits.ping_sent(100.0)
    limits.pause()

    assert limits.overdue(100.0 + HOUR) is None
    limits.resume(100.0 + HOUR)
    assert limits.overdue(100.0 + HOUR + 29.9) is None
    assert limits.overdue(100.0 + HOUR + 30.0)


def test_a_pause_before_the_beginning() -> None:
    """Time in which we could not listen is not charged to the connection either."""
    limits = silence(100.0)
    limits.pause()

    assert not limits.never_ready(100.0 + HOUR)
    limits.resume(100.0 + HOUR)
    assert not limits.never_ready(100.0 + HOUR + 1)


@each("before_ready", [True, False])
def test_questions_before_ready(before_ready: bool) -> None:
    """A flush may be sent before `ready`; its silence is counted from the start of the session."""
    limits = silence(100.0)
    if before_ready:
        limits.answer_awaited(101.0)
    limits.message_received(105.0, still_owed=True)
    limits.answer_awaited(105.0)

    assert limits.overdue(134.9) is None
    assert limits.overdue(135.0)
