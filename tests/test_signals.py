"""What signals mean to a run: an end, a continuation, or that what is being said is dropped (contract, 7)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import anyio
import anyio.lowlevel
import pytest

from lmnt_cli.errors import Killed
from lmnt_cli.signals import Signals, not_ignored


pytestmark = pytest.mark.anyio
LIMIT = 10.0
ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2, signal.SIGTSTP, signal.SIGCONT)


@pytest.fixture
def anyio_backend() -> str:
    """The program runs on asyncio."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Whatever a test does about signals ends with it."""
    before = {number: signal.getsignal(number) for number in ALL}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Program:
    """What signals act on: `says` is whether anything is being said, `typed` whether Ctrl-C drops it."""

    def __init__(self, *, says: bool = False, typed: bool = False) -> None:
        self.says = says
        self.did: list[str] = []
        self.signals = Signals(
            drop=self._drop,
            drops_first=lambda: typed,
            stop=lambda: self.did.append("stop"),
            go_on=lambda: self.did.append("go on"),
        )

    def _drop(self) -> bool:
        self.did.append("drop")
        said, self.says = self.says, False
        return said

    async def kill(self, *numbers: signal.Signals) -> None:
        """Send these while signals are watched, each once the one before was obeyed."""
        with anyio.fail_after(LIMIT):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self.signals.watch)
                for _ in range(5):
                    await anyio.lowlevel.checkpoint()
                for number in numbers:
                    done = len(self.did)
                    os.kill(os.getpid(), number)
                    while len(self.did) == done:
                        await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()


async def killed_by(program: Program, *numbers: signal.Signals) -> int:
    """The signal that the program dies of."""
    with pytest.raises(BaseExceptionGroup) as raised:
        await program.kill(*numbers)
    (error,) = raised.value.exceptions
    assert isinstance(error, Killed)
    return error.signal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_an_end(number: signal.Signals) -> None:
    """These end the run."""
    program = Program(says=True)

    assert await killed_by(program, number) == number
    assert program.did == []


async def test_first_ctrl_c() -> None:
    """Where text is typed, the first Ctrl-C drops what is being said, one with nothing being said ends."""
    program = Program(says=True, typed=True)

    assert await killed_by(program, signal.SIGINT, signal.SIGINT) == signal.SIGINT
    assert program.did == ["drop", "drop"]


async def test_term_is_no_ctrl_c() -> None:
    """Other ends are ends even there."""
    assert await killed_by(Program(says=True, typed=True), signal.SIGTERM) == signal.SIGTERM


@pytest.mark.parametrize("says", [True, False])
async def test_usr2(says: bool) -> None:
    """SIGUSR2 is the same reset from outside, and never an end."""
    program = Program(says=says)
    await program.kill(signal.SIGUSR2, signal.SIGUSR2)

    assert program.did == ["drop", "drop"]


async def test_continued() -> None:
    """Continued, what we started goes on with us."""
    program = Program()
    await program.kill(signal.SIGCONT)

    assert program.did == ["go on"]


async def test_ignored_at_start() -> None:
    """A signal that was ignored at start stays ignored."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    program = Program(says=True, typed=True)
    os_signals = not_ignored("SIGINT", "SIGTERM", "SIGNONSENSE")

    assert os_signals == [signal.SIGTERM]
    await program.kill(signal.SIGCONT)
    os.kill(os.getpid(), signal.SIGINT)
    assert program.did == ["go on"]
