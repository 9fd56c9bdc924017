"""What follows a failed session: an attempt, a wait, or the end (contract, 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.audio.track import Track
from lmnt_cli.core.session.ledger import LIMIT, Ledger
from lmnt_cli.core.session.messages import Ready
from lmnt_cli.core.session.protocol import SpeechProtocol
from lmnt_cli.core.session.recovery import Attempts, Recovery, Retry
from lmnt_cli.core.session.requests import Init
from lmnt_cli.errors import ConnectError, ConnectionLost, ExitCode, RetriableError, SayError, ServiceError
from tests.tools.each import each
from tests.tools.strategies import properties
from tests.tools.wire import wire


def protocol(*, ready: bool) -> SpeechProtocol:
    """Return the protocol of a failed session, ready or not."""
    session = SpeechProtocol()
    session.send(Init("key", "lily", "mp3", 24000))
    if ready:
        session.receive_message(wire(Ready("req_1")))
    return session


class Case:
    """A conversation that failed, reduced to what decides the next step."""

    def __init__(
        self,
        *,
        owed: str = "word",
        was_ready: bool = True,
        retries: int = 3,
        allowed: bool = True,
        audio_format: AudioFormat = AudioFormat.MP3,
        audio: bytes = b"",
    ) -> None:
        self.ledger = Ledger()
        self.ledger.add([owed[at : at + 4000] for at in range(0, len(owed), 4000)])
        while self.ledger.take_next():
            pass
        track = Track(audio_format, 24000)
        track.feed(audio)
        self.recovery = Recovery(self.ledger, track, retries, "here", allowed=allowed)
        self.recovery.was_ready = was_ready

    def wait(self, error: RetriableError) -> float | None:
        """Return the seconds to the next attempt, or None to wait for text."""
        step = self.recovery.recover(error, 0.0, protocol(ready=self.recovery.was_ready), 0.0)
        return step.after if isinstance(step, Retry) else None

    def end(self, error: RetriableError) -> SayError:
        """Return the final error, if there is no other attempt."""
        with pytest.raises(SayError) as raised:
            self.wait(error)
        return raised.value


LOST = ConnectionLost("connection to here lost")


def test_another_attempt() -> None:
    """After a drop there is another attempt, and the waits grow."""
    case = Case()

    assert [case.wait(LOST), case.wait(LOST), case.wait(LOST)] == [0.5, 1.0, 2.0]
    assert case.end(LOST).code is ExitCode.CUT_OFF
    assert case.recovery.times == 3


def test_progress() -> None:
    """Once more text is confirmed, the count of failures restarts."""
    case = Case(retries=1)
    case.wait(LOST)
    case.recovery.note_progress()

    assert case.wait(LOST) == 0.5


@each("owed", ["", " \n", "---"])
def test_nothing_owed(owed: str) -> None:
    """A drop with nothing owed does not count as a failure: the next session waits for text."""
    case = Case(owed=owed, retries=0)

    assert case.wait(LOST) is None
    assert case.wait(LOST) is None


def test_text_that_was_read_at_the_moment_of_an_idle_drop() -> None:
    """A drop with only unsent text does not count; a service that always drops at once is excused once."""
    case = Case(owed="", retries=0)
    case.ledger.add(["word"])

    assert case.wait(LOST) is None
    assert case.end(LOST).code is ExitCode.CUT_OFF
    case = Case(owed="", retries=0)
    case.ledger.add(["word"])
    case.wait(LOST)
    case.recovery.note_progress()
    assert case.wait(LOST) is None


@each("owed", ["", "word"])
def test_an_error_of_the_service_is_no_idle_drop(owed: str) -> None:
    """A request that the service refused stays refused, owed or not."""
    error = ServiceError("authentication_error", "Invalid API key")

    assert Case(owed=owed).end(error) is error


@each("kind", ["rate_limit_error", "internal_server_error"])
def test_limits_pass(kind: str) -> None:
    """Rate limits and service errors are retried; at the end they determine the exit status."""
    case = Case(retries=1)
    error = ServiceError(kind, "later")

    assert case.wait(error) == 0.5
    assert case.end(error).code is error.code


@each("was_ready", [True, False])
def test_no_connection(was_ready: bool) -> None:
    """Without any session the exit status is 5; after a session that was ready, it is 6."""
    case = Case(was_ready=was_ready, retries=0)
    error = case.end(ConnectError("could not connect to here: connection refused"))

    assert error.code is (ExitCode.CUT_OFF if was_ready else ExitCode.CONNECT)
    assert "connection refused" in error.message


def test_not_allowed() -> None:
    """With `--on-drop fail` every drop is final and says so; connecting is still retried."""
    error = Case(allowed=False).end(LOST)

    assert error.code is ExitCode.CUT_OFF
    assert "--on-drop fail" in str(error.hint)
    assert Case(allowed=False, was_ready=False).wait(ConnectError("no")) == 0.5


def test_too_much_owed() -> None:
    """More than 1 MiB of unconfirmed text is not available: the run ends rather than leave a gap."""
    error = Case(owed="word " * (LIMIT // 4)).end(LOST)

    assert error.code is ExitCode.CUT_OFF
    assert "1 MiB" in str(error.hint)


@each(("audio", "joins"), [(b"", True), (b"\x1a\x45", False)])
def test_webm(audio: bytes, joins: bool) -> None:
    """WebM cannot be resumed after its first byte."""
    case = Case(audio_format=AudioFormat.WEBM, audio=audio)

    if joins:
        assert case.wait(LOST) == 0.5
    else:
        assert "webm" in str(case.end(LOST).hint)


def test_retry_after() -> None:
    """The requested wait is honoured."""
    assert Case().wait(ConnectError("x", status=503, retry_after=9.0)) == 9.0


# The length of waits and the number of attempts.


def test_doubles_up_to_a_limit() -> None:
    """Waits double from half a second to eight."""
    attempts = Attempts(10)

    assert [attempts.count_failure(None, 0.0) for _ in range(7)] == [0.5, 1, 2, 4, 8, 8, 8]


@each(("spread", "share"), [(0.0, 1.0), (0.5, 0.875), (1.0, 0.75)])
def test_jitter(spread: float, share: float) -> None:
    """Waits are randomly shortened by up to a quarter, so that clients do not return all at once."""
    attempts = Attempts(3)

    assert attempts.count_failure(None, spread) == 0.5 * share


@each("seconds", [0.001, 1.0, 60.0])
def test_reasonable_retry_after(seconds: float) -> None:
    """A wait that the service requests is honoured up to 60 s."""
    assert Attempts(3).count_failure(seconds, 0.5) == seconds


@each("seconds", [0.0, -1.0, 60.1, float("inf"), float("nan")])
def test_unreasonable_retry_after(seconds: float) -> None:
    """Other requested waits are ignored."""
    assert Attempts(3).count_failure(seconds, 0.0) == 0.5


@each("retries", [0, 1, 3])
def test_number_of_attempts(retries: int) -> None:
    """`--retry N` allows N further attempts after a failed one."""
    attempts = Attempts(retries)
    made = 0
    while attempts.more:
        attempts.count_failure(None, 0.0)
        made += 1

    assert made == retries


def test_success_starts_again() -> None:
    """After progress, the count and the wait start again."""
    attempts = Attempts(1)
    attempts.count_failure(None, 0.0)

    attempts.restart()

    assert attempts.more
    assert attempts.count_failure(None, 0.0) == 0.5


@properties
@given(st.integers(0, 2000), st.floats(0, 1), st.none() | st.floats())
def test_always_a_wait(failures: int, spread: float, retry_after: float | None) -> None:
    """After any failures and any request, the wait is positive and at most a minute."""
    attempts = Attempts(1)
    for _ in range(failures):
        attempts.count_failure(None, spread)

    assert 0 < attempts.count_failure(retry_after, spread) <= 60
