"""What follows a failed session: another attempt, a wait for text, or the end.

Unconfirmed text is sent again, so no word is lost; if that is impossible, the final error reports it.
"""

from __future__ import annotations

from ...errors import ConnectionLost, RetriableError
from ..audio.track import Track
from ..value import value
from . import failures
from .ledger import Ledger
from .protocol import SpeechProtocol


_FIRST = 0.5
_LONGEST = 8.0
# A longer wait requested by the service is not honoured. The official SDKs have the same limit.
_LONGEST_ASKED = 60.0


class Attempts:
    """Counts consecutive failures."""

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self.failures = 0

    @property
    def more(self) -> bool:
        """Whether one more attempt may be made."""
        return self.failures < self._retries

    def count_failure(self, retry_after: float | None, spread: float) -> float:
        """Count a failure; return the seconds to wait, given a random `spread` from 0 to 1."""
        wait = min(_LONGEST, _FIRST * 2.0 ** min(self.failures, 10)) * (1 - 0.25 * spread)
        self.failures += 1
        if retry_after is not None and 0 < retry_after <= _LONGEST_ASKED:
            wait = retry_after
        return wait

    def restart(self) -> None:
        """Reset the count."""
        self.failures = 0


@value
class Retry:
    """Make another attempt after `after` seconds."""

    after: float


@value
class AwaitText:
    """Make another attempt when text arrives: nothing is owed until then."""


NextStep = Retry | AwaitText


class Recovery:
    """Counts attempts and decides whether to make another.

    `was_ready` is whether a session was ever ready, `times` how many were resumed. `attempts` is how many may
    fail in a row, `why` the reason for the last failure, and `next_attempt_at` when the next one is due.
    """

    def __init__(self, ledger: Ledger, track: Track, retries: int, service: str, *, allowed: bool) -> None:
        self.was_ready = False
        self.times = 0
        self.attempts = retries + 1
        self.next_attempt_at = 0.0
        self.why = ""
        self._ledger = ledger
        self._track = track
        self._attempts = Attempts(retries)
        self._excused = False
        self._service = service
        self._allowed = allowed

    @property
    def attempt(self) -> int:
        """The number of the current attempt, from 1, counted since the last progress."""
        return self._attempts.failures + 1

    def note_progress(self) -> None:
        """Reset the count of failures because more text was confirmed."""
        self._attempts.restart()
        self._excused = False

    def recover(self, error: RetriableError, spread: float, protocol: SpeechProtocol, now: float) -> NextStep:
        """Count a failure and decide what follows, given a random `spread` from 0 to 1.

        Raises the final error if no further attempt is made.
        """
        self.why = error.why
        if self._was_idle(error):
            self._excused = True
            return AwaitText()
        obstacle = self._obstacle() if self.was_ready else None
        if not error.transient or obstacle is not None or not self._attempts.more:
            if not self.was_ready:
                raise failures.after_attempts(error, self.attempt)
            final = failures.given_up(error, self._service, protocol, self._ledger)
            if error.transient and obstacle is not None:
                final.hint = f"could not resume: {obstacle}"
            raise final from error
        if protocol.ready:
            self.times += 1
        wait = self._attempts.count_failure(error.retry_after, spread)
        self.next_attempt_at = now + wait
        return Retry(wait)

    def _was_idle(self, error: RetriableError) -> bool:
        """Return whether a session was lost while it owed nothing, which does not count as a failure.

        Text may have been read at the same moment but not sent. That is excused once until more text is
        confirmed, so that a service that always closes at once is not called forever.
        """
        if not self.was_ready or not isinstance(error, ConnectionLost):
            return False
        return self._ledger.nothing_owed or (self._ledger.nothing_sent_owed and not self._excused)

    def _obstacle(self) -> str | None:
        if not self._allowed:
            return "--on-drop fail"
        if not self._ledger.resumable:
            return "more than 1 MiB of text is unconfirmed"
        if not self._track.joinable:
            return "webm audio cannot be continued by another session"
        return None
