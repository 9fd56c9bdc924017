"""How long the service may be silent: the time limits of one session.

Silence counts only while an answer is owed to us and while we read. A writer that pauses or a model that
thinks is never an error.
"""

from __future__ import annotations


# If this many seconds pass between two checks, nobody was there to make them.
_ASLEEP = 2.0


class Deadlines:
    """The timers of one session. All times are in seconds on the caller's steady clock."""

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
        """Record a message; `still_owed` is whether an answer is outstanding after it."""
        self._heard_at = now
        if not still_owed:
            self._owed_since = None

    def answer_awaited(self, now: float) -> None:
        """Record that a message was sent that must be answered."""
        if self._owed_since is None:
            self._owed_since = now

    def ping_sent(self, now: float) -> None:
        """Record that a keep-alive ping was sent."""
        self._ping_sent_at = now

    def pong_received(self) -> None:
        """Record that the ping was answered."""
        self._ping_sent_at = None

    def pause(self) -> None:
        """Record that nothing is read until `resume`."""
        self.paused = True

    def resume(self, now: float) -> None:
        """Record that messages are read again; earlier silence does not count."""
        self.paused = False
        self.forget(now)

    def note_check(self, now: float) -> None:
        """Record that the limits are checked now, which happens several times a second.

        If the last check was long ago, we were stopped or the machine was asleep: the service was not silent.
        """
        if now - self._checked_at > _ASLEEP:
            self.forget(now)
        self._checked_at = now

    def forget(self, now: float) -> None:
        """Forget all silence: nothing could be read until now."""
        self._began_at = now
        if self._heard_at is not None:
            self._heard_at = now
        if self._ping_sent_at is not None:
            self._ping_sent_at = now

    def silent_for(self, now: float) -> float:
        """Return how many seconds an answer has been owed without any message; 0 if none is owed."""
        if self.paused or self._heard_at is None or self._owed_since is None:
            return 0.0
        return now - max(self._heard_at, self._owed_since)

    def never_ready(self, now: float) -> bool:
        """Return whether the session is too late to become ready. Any message from the service counts."""
        return not self.paused and self._heard_at is None and now - self._began_at >= self._connect_limit

    def overdue(self, now: float) -> str | None:
        """Return a description of what has been outstanding for too long, or None."""
        if self.paused or self._heard_at is None:
            return None
        if self.silent_for(now) >= self._limit:
            return f"nothing received for {self._limit:g} s"
        if self._ping_sent_at is not None and now - max(self._heard_at, self._ping_sent_at) >= self._limit:
            return f"no answer to a ping for {self._limit:g} s"
        return None
