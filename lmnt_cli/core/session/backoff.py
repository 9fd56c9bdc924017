"""How long to wait before the next attempt, and how many attempts there are."""

from __future__ import annotations


_FIRST = 0.5
_LONGEST = 8.0
# A wait the service asks for is honoured up to this; the official SDKs have the same limit.
_LONGEST_ASKED = 60.0


class Attempts:
    """Counts failures in a row: `more` says whether another attempt is left after them."""

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self._failures = 0

    @property
    def more(self) -> bool:
        """Whether one more attempt may be made."""
        return self._failures < self._retries

    def failed(self, retry_after: float | None, spread: float) -> float:
        """Count a failure; return the seconds to wait, given a random `spread` from 0 to 1."""
        wait = min(_LONGEST, _FIRST * 2.0 ** min(self._failures, 10)) * (1 - 0.25 * spread)
        self._failures += 1
        if retry_after is not None and 0 < retry_after <= _LONGEST_ASKED:
            wait = retry_after
        return wait

    def succeeded(self) -> None:
        """Start the count again."""
        self._failures = 0
