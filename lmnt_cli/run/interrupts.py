"""What signals mean to a run: an end, a stop and its continuation, or that what is being said is dropped."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import anyio

from ..errors import Killed


ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


class Interrupts:
    """What a run does about signals. `stop` and `resume` are for the programs it has started.

    `drop` drops what is being said and says whether anything was; `drops_first` says whether SIGINT is meant
    so now, while something is being said.
    """

    def __init__(
        self,
        *,
        drop: Callable[[], bool],
        drops_first: Callable[[], bool],
        stop: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        self._drop = drop
        self._drops_first = drops_first
        self._stop = stop
        self._resume = resume

    async def watch(self) -> None:
        """Obey signals. Raises Killed for one that ends the run."""
        ending = not_ignored(*ENDING)
        others = not_ignored("SIGTSTP", "SIGCONT", "SIGUSR2")
        try:
            with anyio.open_signal_receiver(*ending, *others) as signals:
                async for number in signals:
                    self._obey(number)
        except NotImplementedError:
            return  # Windows: Ctrl-C ends the process without us

    def _obey(self, number: signal.Signals) -> None:
        if number == signal.SIGCONT:
            self._resume()
        elif number == signal.SIGTSTP:
            self._stop_with_us(number)
        elif number == signal.SIGUSR2:
            self._drop()
        elif number == signal.SIGINT and self._drops_first() and self._drop():
            return
        else:
            # A second one kills at once, whatever we are doing about the first.
            signal.signal(number, signal.SIG_DFL)
            raise Killed(number)

    def _stop_with_us(self, number: signal.Signals) -> None:
        self._stop()
        ours = signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        # Here we have been continued.
        signal.signal(number, ours)


def not_ignored(*names: str) -> list[signal.Signals]:
    """Those of these signals that this system has and that were not ignored when we started."""
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return [number for number in signals if signal.getsignal(number) is not signal.SIG_IGN]
