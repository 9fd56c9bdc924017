"""Tasks that run together: one error of several, and a bell that wakes one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup

from .errors import Killed, ReaderLeft, SayError


@asynccontextmanager
async def together() -> AsyncIterator[TaskGroup]:
    """Open a task group that raises a single error; of several, the most important one."""
    try:
        async with anyio.create_task_group() as tasks:
            yield tasks
    except BaseExceptionGroup as group:
        raise _weightiest(group) from group


def _weightiest(group: BaseExceptionGroup[BaseException]) -> BaseException:
    for kind in (Killed, ReaderLeft, SayError):
        found: BaseException | None = group.subgroup(kind)
        while isinstance(found, BaseExceptionGroup):
            found = found.exceptions[0]
        if found is not None:
            return found
    return group


class Bell:
    """Wakes one waiting task. A ring with no task waiting wakes the next one that waits."""

    def __init__(self) -> None:
        self._event = anyio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        await self._event.wait()
        self._event = anyio.Event()
