"""The one owner of the process's signals, from our first line to the last.

What a signal that ends (SIGINT, SIGTERM, SIGHUP) does depends on what there is to keep:

    starting   nothing yet: it kills at once
    holding    a file, a player, a session: it is noted, and the run obeys it when it looks (`wait`)
    ending     the run is over and puts things in order: the first is noted, the second leaves at once

From the first one noted the process has `_LIMIT` seconds, whatever the run is doing: then the run is
abandoned, which keeps what can be kept without waiting, and the process dies of the signal. Handlers are
Python's own, so they also run while the event loop is busy. A signal that was ignored at start (nohup, & in a
script) stays ignored.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable

from .exit import die_of


# Importing typing's own costs more than all that is loaded before the signals are ours.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from types import FrameType

    import anyio

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
# Seconds from a signal that ends to the end, at most; the contract promises one.
_LIMIT = 0.7
# A wake-up that is missed costs this much, in seconds.
_TICK = 0.1


class Signals:
    """Made in the first line of the program; `killed` is the signal that it is to die of, if any."""

    def __init__(self) -> None:
        """Take the signals over: until something is there to keep, one that ends kills at once."""
        self.killed: signal.Signals | None = None
        self._ending = not_ignored(*ENDING)
        self._noted: deque[signal.Signals] = deque()
        self._abandon: Callable[[], None] = _nothing
        self._hurried_by: signal.Signals | None = None  # the one that started the clock
        self._over = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell: anyio.Event | None = None
        # Process 1 is killed by no default action.
        default = _die if os.getpid() == 1 else signal.SIG_DFL
        for number in self._ending:
            signal.signal(number, default)
        for number in not_ignored("SIGUSR2"):
            signal.signal(number, _ignore)  # not SIG_IGN, which players would inherit
        if hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    def hold(self) -> None:
        """From here on there is something to keep: signals are noted."""
        for number in (*self._ending, *not_ignored("SIGUSR2", "SIGTSTP", "SIGCONT")):
            signal.signal(number, self._note)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._time_is_up)
        if hasattr(signal, "SIGPIPE"):
            # A socket whose peer has gone must be an error, not our death; the audio's reader is watched.
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def on_abandon(self, abandon: Callable[[], None]) -> None:
        """Set what is done before the process dies in a hurry, in a signal handler: it must not wait."""
        self._abandon = abandon

    async def wait(self) -> signal.Signals:
        """Return the next signal noted. To be waited for by one task at a time."""
        # Imported here: the program's first line makes us, and help and usage errors need no event loop.
        import asyncio

        import anyio

        self._loop = asyncio.get_running_loop()
        while True:
            self._bell = anyio.Event()
            if self._noted:
                return self._noted.popleft()
            # A handler may run just before the loop goes to sleep: then nobody rings.
            with anyio.move_on_after(_TICK):
                await self._bell.wait()

    def forgive(self) -> None:
        """The signal that `wait` returned last ends nothing after all: stop its clock."""
        self._hurried_by = next((number for number in self._noted if number in self._ending), None)
        self._set_timer(0.0 if self._hurried_by is None else _LIMIT)

    def end_by(self, number: signal.Signals) -> None:
        """The process is to die of this signal, once things are in order: another one leaves at once."""
        self.killed = number

    def stop_process(self) -> None:
        """Stop, as SIGTSTP asks. Returns when continued; or at once, where the kernel lets nobody stop us.

        It ignores the stop of an orphaned process group (a session's leader, a container's first process):
        nobody would be there to continue it.
        """
        noting = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, noting)

    def run_over(self) -> None:
        """The run has ended, and the rest is bounded. A signal noted and not yet obeyed is obeyed now."""
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
    """Return those of these signals that this system has and that are not ignored."""
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return [number for number in signals if signal.getsignal(number) is not signal.SIG_IGN]


def _nothing() -> None:
    pass


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass


def _die(number: int, _frame: FrameType | None) -> None:
    die_of(number)
