"""A function in a thread: its result, its failure, and what happens to both once abandoned."""

from __future__ import annotations

import asyncio
import threading

import anyio
import pytest

from lmnt_cli.errors import ConnectError
from lmnt_cli.io.background import Background
from tests.tools.limits import LIMIT


class Failed(Exception):
    """Raised by a function."""


def fail() -> int:
    raise Failed


def test_wait() -> None:
    """`wait` returns the result of the function, or raises its failure."""
    assert Background(lambda: 7).wait(LIMIT) == 7
    with pytest.raises(Failed):
        Background(fail).wait(LIMIT)


@pytest.mark.anyio
@pytest.mark.parametrize("soon", [True, False])
async def test_result(soon: bool) -> None:
    """`result` does the same on an event loop, whether the function has already ended or not."""
    gate = threading.Event()
    running = Background(lambda: gate.wait(LIMIT) and 7)
    failing = Background(lambda: gate.wait(LIMIT) and fail())
    if soon:
        gate.set()
        await anyio.sleep(0.05)
    else:
        asyncio.get_running_loop().call_later(0.05, gate.set)
    with anyio.fail_after(LIMIT):
        assert await running.result() == 7
        with pytest.raises(Failed):
            await failing.result()


def test_whether_it_has_ended() -> None:
    """`has_ended` waits up to a limit, and changes nothing."""
    gate = threading.Event()
    running = Background(lambda: gate.wait(LIMIT))
    assert not running.has_ended(0.01)
    gate.set()

    assert running.has_ended(LIMIT)
    assert running.wait(LIMIT) is True


def test_left_behind() -> None:
    """A result that comes too late is discarded."""
    gate, discarded = threading.Event(), threading.Event()
    running = Background(lambda: gate.wait(LIMIT), lambda _: discarded.set())
    with pytest.raises(TimeoutError):
        running.wait(0.01)
    assert not discarded.is_set()
    gate.set()

    assert discarded.wait(LIMIT)


@pytest.mark.anyio
async def test_cancelled() -> None:
    """The result of a cancelled wait is discarded."""
    gate, discarded = threading.Event(), threading.Event()
    running = Background(lambda: gate.wait(LIMIT), lambda _: discarded.set())
    with anyio.move_on_after(0.01):
        await running.result()
    gate.set()

    assert await asyncio.to_thread(discarded.wait, LIMIT)


def test_abandoned_with_a_result() -> None:
    """A result that is available and was never taken is discarded once."""
    discarded: list[int] = []
    running = Background(lambda: 7, discarded.append)
    running._ended.wait(LIMIT)
    running.abandon()
    running.abandon()

    assert discarded == [7]


def test_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system gives us no thread, ConnectError is raised."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(ConnectError):
        Background(lambda: 7)
