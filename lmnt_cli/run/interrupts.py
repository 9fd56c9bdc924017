"""Decide what a signal does to a run: end it, stop and continue it, or drop the speech in progress."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Protocol

from ..errors import Killed


class Signals(Protocol):
    """The owner of the process's signals."""

    async def wait(self) -> signal.Signals: ...
    def forgive(self) -> None: ...
    def end_by(self, number: signal.Signals) -> None: ...
    def stop_process(self) -> None: ...


class Interrupts:
    """Acts on signals for a run.

    `stop` and `resume` stop and continue the programs it has started. `drop` drops the speech in progress and
    returns whether there was any. `drops_first` returns whether SIGINT means `drop` while there is speech.
    """

    def __init__(
        self,
        signals: Signals,
        *,
        drop: Callable[[], bool],
        drops_first: Callable[[], bool],
        stop: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        self._signals = signals
        self._drop = drop
        self._drops_first = drops_first
        self._stop = stop
        self._resume = resume

    async def watch(self) -> None:
        """Act on signals. Raises Killed for one that ends the run."""
        while True:
            self._obey(await self._signals.wait())

    def _obey(self, number: signal.Signals) -> None:
        match number.name:
            case "SIGCONT":
                self._resume()
            case "SIGTSTP":
                self._stop()
                self._signals.stop_process()
                # We were continued, or the kernel did not stop us, and then no SIGCONT follows.
                self._resume()
            case "SIGUSR2":
                self._drop()
            case "SIGINT" if self._drops_first() and self._drop():
                self._signals.forgive()
            case _:
                self._signals.end_by(number)
                raise Killed(number)
