"""What signals mean to a run: an end, a stop and its continuation, or dropping what is being said."""

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
    """Obeys signals for a run. `stop` and `resume` are for the programs it has started.

    `drop` drops what is being said and returns whether anything was; `drops_first` answers whether SIGINT
    means that, while something is being said.
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
        """Obey signals. Raises Killed for one that ends the run."""
        while True:
            self._obey(await self._signals.wait())

    def _obey(self, number: signal.Signals) -> None:
        match number.name:
            case "SIGCONT":
                self._resume()
            case "SIGTSTP":
                self._stop()
                self._signals.stop_process()
                # Continued, or never stopped: no SIGCONT comes then.
                self._resume()
            case "SIGUSR2":
                self._drop()
            case "SIGINT" if self._drops_first() and self._drop():
                self._signals.forgive()
            case _:
                self._signals.end_by(number)
                raise Killed(number)
