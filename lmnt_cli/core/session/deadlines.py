"""How long the service may be silent: the time limits of one session.

Silence counts only while something is owed to us and while we read. A writer that is silent, a model that
thinks, is never an error.
"""

from __future__ import annotations


# A check that comes later than this, in seconds, says that nobody was there to make it.
_ASLEEP = 2.0


class Deadlines:
    """The clocks of one session; all times in seconds on the caller's steady clock."""

    def __init__(self, connect_limit: float, limit: float, now: float) -> None:
        self._connect_limit = connect_limit
        self._limit = limit
        self._began_at = now
        self._heard_at: float | None = None
        self._owed_since: float | None = None
        self._ping_sent_at: float | None = None
        self.paused = False
        self._checked_at = now

    def message_received(self, now: float, *, still_owed: bool) -> None:
        """Take note of a message; `still_owed` says whether an answer is outstanding after it."""
        self._heard_at = now
        if not still_owed:
            self._owed_since = None

    def answer_awaited(self, now: float) -> None:
        """Take note that something was sent that must be answered."""
        if self._owed_since is None:
            self._owed_since = now

    def ping_sent(self, now: float) -> None:
        """Take note that a keep-alive ping went out."""
        self._ping_sent_at = now

    def pong_received(self) -> None:
        """Take note that it was answered."""
        self._ping_sent_at = None

    def pause(self) -> None:
        """Take note that nothing is read until `resume`."""
        self.paused = True

    def resume(self, now: float) -> None:
        """Take note that messages are read again: all silence so far is forgotten."""
        self.paused = False
        self.forget(now)

    def note_check(self, now: float) -> None:
        """Take note that the limits are checked, which is done several times a second.

        If that was long ago, we were stopped or the machine slept: it is not the service that was silent.
        """
        if now - self._checked_at > _ASLEEP:
            self.forget(now)
        self._checked_at = now

    def forget(self, now: float) -> None:
        """Forget all silence: nothing could have been read until now."""
        self._began_at = now
        if self._heard_at is not None:
            self._heard_at = now
        if self._ping_sent_at is not None:
            self._ping_sent_at = now

    def silent_for(self, now: float) -> float:
        """Return how many seconds something has been owed to us without a message; 0 if nothing is."""
        if self.paused or self._heard_at is None or self._owed_since is None:
            return 0.0
        return now - max(self._heard_at, self._owed_since)

    def never_ready(self, now: float) -> bool:
        """Return whether the session should be ready by now: any message of the service counts."""
        return not self.paused and self._heard_at is None and now - self._began_at >= self._connect_limit

    def overdue(self, now: float) -> str | None:
        """Return what has been awaited for too long, in words; None if nothing has."""
        if self.paused or self._heard_at is None:
            return None
        if self.silent_for(now) >= self._limit:
            return f"nothing came for {self._limit:g} s"
        if self._ping_sent_at is not None and now - max(self._heard_at, self._ping_sent_at) >= self._limit:
            return f"a ping was not answered for {self._limit:g} s"
        return None
