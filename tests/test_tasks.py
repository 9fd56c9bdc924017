"""Errors of several tasks, and bells: `lmnt_cli.tasks`."""

from __future__ import annotations

import anyio
import pytest

from lmnt_cli.errors import ConnectionLost, Killed, OutputError, ReaderLeft, UsageError
from lmnt_cli.tasks import Bell, together
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio


async def raise_(error: BaseException) -> None:
    """Raise this at once."""
    raise error


async def raise_all(errors: list[BaseException]) -> None:
    """Raise all of these, each in its own task."""
    async with together() as tasks:
        for error in errors:
            tasks.start_soon(raise_, error)


async def raise_group(error: BaseException) -> None:
    """Raise this in a group."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(raise_, error)


async def raise_nested(error: BaseException) -> None:
    """Raise this in a group inside a group."""
    async with together() as tasks:
        tasks.start_soon(raise_group, error)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([UsageError("x")], UsageError),
        ([OutputError("x"), Killed(2)], Killed),
        ([ReaderLeft(), OutputError("x"), ConnectionLost("x")], ReaderLeft),
        ([ReaderLeft(), Killed(15)], Killed),
        ([ValueError("x"), ConnectionLost("x")], ConnectionLost),
    ],
)
async def test_several_errors_at_once(errors: list[BaseException], expected: type[BaseException]) -> None:
    """Of several errors, the most important is raised, not a group: signal, reader, error."""
    with pytest.raises(expected):
        await raise_all(errors)


async def test_errors_from_within() -> None:
    """Nested groups become a single error too."""
    with pytest.raises(ConnectionLost):
        await raise_nested(ConnectionLost("x"))


async def test_bell() -> None:
    """A ring with no task waiting is kept, and wakes one wait."""
    bell = Bell()
    bell.ring()
    bell.ring()

    with anyio.fail_after(LIMIT):
        await bell.wait()
    with anyio.move_on_after(0.01) as scope:
        await bell.wait()
    assert scope.cancelled_caught
