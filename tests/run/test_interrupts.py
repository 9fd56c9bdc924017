"""What signals mean to a run: an end, a stop, or that what is being said is dropped (contract, 7)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import anyio
import pytest

from lmnt_cli.errors import Killed
from lmnt_cli.run.interrupts import ENDING, Interrupts, not_ignored
from lmnt_cli.speak import together
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _handlers_come_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR2)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Run:
    """What signals do to a run: `said` is what drop answers, one after the other."""

    def __init__(self, *said: bool, interactive: bool = True) -> None:
        self.said = list(said)
        self.dropped = anyio.Event()
        self.told: list[str] = []
        self.signals = Interrupts(
            drop=self.drop,
            drops_first=lambda: interactive,
            stop=lambda: self.told.append("stop"),
            resume=lambda: self.told.append("resume"),
        )

    def drop(self) -> bool:
        self.dropped.set()
        return self.said.pop(0)

    async def after(self, *numbers: signal.Signals) -> int | None:
        """Which signal ended the run, after these were sent one by one; None if none did."""
        try:
            with anyio.fail_after(LIMIT):
                async with together() as tasks:
                    tasks.start_soon(self.signals.watch)
                    await anyio.wait_all_tasks_blocked()
                    for number in numbers:
                        self.dropped = anyio.Event()
                        os.kill(os.getpid(), number)
                        await self.dropped.wait()
                    tasks.cancel_scope.cancel()
        except Killed as error:
            return error.signal
        return None


async def test_interrupts_end_what_nobody_types() -> None:
    """Where nobody types, SIGINT is the end, whatever is being said."""
    assert await Run(True, interactive=False).after(signal.SIGINT) == signal.SIGINT


async def test_the_first_interrupt_drops() -> None:
    """While something is being said, an interrupt drops it; one in silence ends."""
    run = Run(True, True, False)

    assert await run.after(signal.SIGINT, signal.SIGINT, signal.SIGINT) == signal.SIGINT
    assert run.said == []


async def test_a_second_end_is_not_held_up() -> None:
    """From the first signal that ends, the next one of its kind kills at once."""
    await Run(interactive=False).after(signal.SIGTERM)

    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


async def test_dropping_from_outside() -> None:
    """SIGUSR2 drops what is being said, and never ends."""
    run = Run(True, False, interactive=False)

    assert await run.after(signal.SIGUSR2, signal.SIGUSR2) is None
    assert run.said == []


async def test_ignored_signals_stay_ignored() -> None:
    """What was ignored at the start is not ours to obey."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    assert signal.SIGINT not in not_ignored(*ENDING)
    assert signal.SIGTERM in not_ignored(*ENDING)
    assert not_ignored("SIGNOWHERE") == []
