"""Record all signals of the process, from its start to its end; `interrupts` decides what they do.

The effect of a fatal signal (SIGINT, SIGTERM, SIGHUP) depends on what there is to keep:

    starting   nothing yet: it kills the process at once
    holding    a file, a player, a session: it is recorded, and the run acts on it (see `wait`)
    ending     the run is over and cleaning up: the first is recorded, the second ends the process at once

After the first recorded signal the process has `_LIMIT` seconds, whatever the run is doing. Then the run is
abandoned, which keeps what can be kept without waiting, and the process ends with the signal. The handlers
are set with `signal.signal`, so they run even while the event loop is busy. A signal that was ignored at
start (nohup, & in a script) stays ignored.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable

from .exit import die_of


# Importing typing takes longer than everything else that is imported before signals are handled.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from types import FrameType

    import anyio

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
# Maximum time from a fatal signal to the end of the process, in seconds. The manual promises one second.
_LIMIT = 0.7
# The delay caused by a missed wake-up, in seconds.
_TICK = 0.1


class Signals:
    """The signals of the process. `killed` is the signal that the process has to end with, if any."""

    def __init__(self) -> None:
        """Install the handlers. Until `hold` is called, a fatal signal kills the process at once."""
        self.killed: signal.Signals | None = None
        self._ending = not_ignored(*ENDING)
        self._noted: deque[signal.Signals] = deque()
        self._abandon: Callable[[], None] = _nothing
        self._hurried_by: signal.Signals | None = None  # the one that started the clock
        self._over = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell: anyio.Event | None = None
        # A default action does not kill process 1.
        default = _die if os.getpid() == 1 else signal.SIG_DFL
        for number in self._ending:
            signal.signal(number, default)
        for number in not_ignored("SIGUSR2"):
            signal.signal(number, _ignore)  # not SIG_IGN, which players would inherit
        if hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    def hold(self) -> None:
        """Record signals from now on, because there is something to keep."""
        for number in (*self._ending, *not_ignored("SIGUSR2", "SIGTSTP", "SIGCONT")):
            signal.signal(number, self._note)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._time_is_up)
        if hasattr(signal, "SIGPIPE"):
            # Writing to a closed socket must raise an error and not kill us. The writer watches its reader.
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def on_abandon(self, abandon: Callable[[], None]) -> None:
        """Set the function to call before the process is ended by force.

        It is called in a signal handler and must not wait.
        """
        self._abandon = abandon

    async def wait(self) -> signal.Signals:
        """Return the next recorded signal. Only one task at a time may wait."""
        # Imported here because this class is created first thing, and --help needs no event loop.
        import asyncio

        import anyio

        self._loop = asyncio.get_running_loop()
        while True:
            self._bell = anyio.Event()
            if self._noted:
                return self._noted.popleft()
            # A handler may run just before the loop goes to sleep, and the event is then not noticed.
            with anyio.move_on_after(_TICK):
                await self._bell.wait()

    def forgive(self) -> None:
        """Stop the clock started by the signal that `wait` returned last, which does not end the run."""
        self._hurried_by = next((number for number in self._noted if number in self._ending), None)
        self._set_timer(0.0 if self._hurried_by is None else _LIMIT)

    def end_by(self, number: signal.Signals) -> None:
        """End the process with this signal after cleaning up. Another fatal signal ends it at once."""
        self.killed = number

    def stop_process(self) -> None:
        """Stop the process with SIGTSTP; return when it is continued.

        Returns at once in an orphaned process group (a session leader, the first process of a container),
        which the kernel does not stop because no shell could continue it.
        """
        noting = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, noting)

    def run_over(self) -> None:
        """Note that the run has ended. A recorded signal that the run has not acted on takes effect now."""
        self._over = True
        self.killed = self.killed or self._hurried_by
        for number in not_ignored("SIGTSTP", "SIGCONT"):
            signal.signal(number, signal.SIG_DFL)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        received = signal.Signals(number)
        if received in self._ending:
            if self.killed is not None:
                self._leave(self.killed)
            if self._hurried_by is None:
                self._hurried_by = received
                self._set_timer(_LIMIT)
            if self._over:
                self.killed = received
        self._noted.append(received)
        if self._loop is not None and self._bell is not None and not self._over:
            self._loop.call_soon_threadsafe(self._bell.set)

    def _time_is_up(self, _number: int, _frame: FrameType | None) -> None:
        if self._hurried_by is not None:
            self._leave(self.killed or self._hurried_by)

    def _leave(self, number: signal.Signals) -> None:
        self._set_timer(0.0)
        try:
            self._abandon()
        finally:
            die_of(number)

    @staticmethod
    def _set_timer(seconds: float) -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, seconds)


def not_ignored(*names: str) -> list[signal.Signals]:
    """Return those of the named signals that exist on this system and are not ignored."""
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return [number for number in signals if signal.getsignal(number) is not signal.SIG_IGN]


def _nothing() -> None:
    pass


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass


def _die(number: int, _frame: FrameType | None) -> None:
    die_of(number)
