"""How long to wait before the next attempt, and how many there are (contract, 2 and 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.session.backoff import Attempts
from tests.tools.strategies import properties


def test_doubles_up_to_a_limit() -> None:
    """Waits double from half a second to eight."""
    attempts = Attempts(10)

    assert [attempts.failed(None, 0.0) for _ in range(7)] == [0.5, 1, 2, 4, 8, 8, 8]


@pytest.mark.parametrize(("spread", "share"), [(0.0, 1.0), (0.5, 0.875), (1.0, 0.75)])
def test_jitter(spread: float, share: float) -> None:
    """Up to a quarter is taken off by chance, so that clients do not come back together."""
    attempts = Attempts(3)

    assert attempts.failed(None, spread) == 0.5 * share


@pytest.mark.parametrize("seconds", [0.001, 1.0, 60.0])
def test_retry_after(seconds: float) -> None:
    """The wait that the service asks for is honoured up to 60 s."""
    assert Attempts(3).failed(seconds, 0.5) == seconds


@pytest.mark.parametrize("seconds", [0.0, -1.0, 60.1, float("inf"), float("nan")])
def test_unreasonable_retry_after(seconds: float) -> None:
    """Other wishes are not."""
    assert Attempts(3).failed(seconds, 0.0) == 0.5


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_number_of_attempts(retries: int) -> None:
    """`--retry N` allows N further attempts after a failed one."""
    attempts = Attempts(retries)
    made = 0
    while attempts.more:
        attempts.failed(None, 0.0)
        made += 1

    assert made == retries


def test_success_starts_again() -> None:
    """The count, and the wait, start again."""
    attempts = Attempts(1)
    attempts.failed(None, 0.0)

    attempts.succeeded()

    assert attempts.more
    assert attempts.failed(None, 0.0) == 0.5


@properties
@given(st.integers(0, 2000), st.floats(0, 1), st.none() | st.floats())
def test_always_a_wait(failures: int, spread: float, retry_after: float | None) -> None:
    """However often it fails and whatever is asked for, the wait is a moment, and a minute at most."""
    attempts = Attempts(1)
    for _ in range(failures):
        attempts.failed(None, spread)

    assert 0 < attempts.failed(retry_after, spread) <= 60
