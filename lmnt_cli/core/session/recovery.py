"""What becomes of a conversation whose session has failed: another attempt, a wait for text, or the end.

Text that is not confirmed is sent again, so no word is lost; where that is impossible, the end says so.
"""

from __future__ import annotations

from ...errors import ConnectionLost, RetriableError
from ..audio.track import Splice, Track
from . import failures
from .backoff import Attempts
from .ledger import Ledger
from .protocol import SpeechProtocol


class Recovery:
    """Counts attempts and decides.

    `was_ready` says that a session stood once, `times` how often one was resumed.
    """

    def __init__(self, ledger: Ledger, track: Track, retries: int, service: str, *, allowed: bool) -> None:
        self.was_ready = False
        self.times = 0
        self._ledger = ledger
        self._track = track
        self._attempts = Attempts(retries)
        self._service = service
        self._allowed = allowed

    def progressed(self) -> None:
        """More text was confirmed: the count of failures starts again."""
        self._attempts.succeeded()

    def wait_after(self, error: RetriableError, spread: float, protocol: SpeechProtocol) -> float | None:
        """The seconds to wait before another attempt, given a random `spread` from 0 to 1.

        None: nothing is owed, and a new session is needed only when text comes, if any does. Raises what the
        failure is told as, if there is no other attempt.
        """
        if self.was_ready and self._ledger.nothing_owed and isinstance(error, ConnectionLost):
            return None
        obstacle = self._obstacle() if self.was_ready else None
        if not error.transient or obstacle is not None or not self._attempts.more:
            if not self.was_ready:
                raise error
            final = failures.given_up(error, self._service, protocol, self._ledger)
            if error.transient and obstacle is not None:
                final.hint = f"it could not be resumed: {obstacle}"
            raise final from error
        if protocol.ready:
            self.times += 1
        return self._attempts.failed(error.retry_after, spread)

    def splice(self, *, can_cut: bool) -> Splice:
        """How the next session's audio is joined to what was written."""
        return self._track.splice(self._ledger.confirmed_to, can_cut=can_cut)

    def _obstacle(self) -> str | None:
        if not self._allowed:
            return "--on-drop fail"
        if not self._ledger.resumable:
            return "more than 1 MiB of text was not confirmed"
        if not self._track.joinable:
            return "webm cannot go on in another session"
        return None
