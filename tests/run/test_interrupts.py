"""A signal ends a run, stops it, or drops the speech in progress (contract, 7)."""

from __future__ import annotations

import signal

import anyio
import pytest

from lmnt_cli.errors import Killed
from lmnt_cli.run.interrupts import Interrupts


pytestmark = pytest.mark.anyio


class Run:
    """A run that gets these signals in order, and what it did about them."""

    def __init__(self, *numbers: signal.Signals, said: int = 0, interactive: bool = False) -> None:
        """`said` is how many times there is speech to drop."""
        self.done: list[str] = []
        self._numbers = list(numbers)
        self._said = said
        self._interactive = interactive

    async def wait(self) -> signal.Signals:
        if not self._numbers:
            await anyio.sleep_forever()
        return self._numbers.pop(0)

    def forgive(self) -> None:
        self.done.append("forgive")

    def end_by(self, number: signal.Signals) -> None:
        self.done.append(f"end by {number.name}")

    def stop_process(self) -> None:
        self.done.append("stop process")

    def drop(self) -> bool:
        self._said -= 1
        return self._said >= 0

    async def watched(self) -> int | None:
        """Return the signal that ended the run, None if none did."""
        interrupts = Interrupts(
            self,
            drop=self.drop,
            drops_first=lambda: self._interactive,
            stop=lambda: self.done.append("stop"),
            resume=lambda: self.done.append("resume"),
        )
        try:
            with anyio.move_on_after(0.05):
                await interrupts.watch()
        except Killed as error:
            return error.signal
        return None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_interrupts_end_what_nobody_types(number: signal.Signals) -> None:
    """If the text is not typed, a signal ends the run, whatever is being spoken."""
    run = Run(number, said=1)

    assert await run.watched() == number
    assert run.done == [f"end by {number.name}"]


async def test_the_first_interrupt_drops() -> None:
    """During speech an interrupt drops it; in silence it ends the run."""
    run = Run(*[signal.SIGINT] * 3, said=2, interactive=True)

    assert await run.watched() == signal.SIGINT
    assert run.done == ["forgive", "forgive", "end by SIGINT"]


async def test_only_an_interrupt_drops() -> None:
    """SIGTERM and SIGHUP end the run, even during speech and with typed text."""
    assert await Run(signal.SIGTERM, said=1, interactive=True).watched() == signal.SIGTERM


async def test_dropping_from_outside() -> None:
    """SIGUSR2 drops the speech, and never ends the run."""
    run = Run(signal.SIGUSR2, signal.SIGUSR2, said=1)

    assert await run.watched() is None
    assert run.done == []


async def test_stopped_and_continued() -> None:
    """Our child processes are stopped before us, and continued with or without a SIGCONT."""
    run = Run(signal.SIGTSTP)
    await run.watched()
    assert run.done == ["stop", "stop process", "resume"]

    run = Run(signal.SIGCONT)
    await run.watched()
    assert run.done == ["resume"]
