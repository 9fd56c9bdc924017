"""Messages and audio being sent: `lmnt_cli.local.session.sending`, with a socket that records them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from lmnt_cli.local.faults import Faults
from lmnt_cli.local.requests import Refused
from lmnt_cli.local.session.sending import Sender
from lmnt_cli.local.session.websocket import SocketClosed, WebSocket


class Memory:
    """A socket that records what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, message: str | bytes) -> None:
        self.sent.append(message)

    async def close(self, code: int, reason: str = "") -> None:
        self.sent.append((code, reason))

    def abort(self) -> None:
        self.sent.append("cut")


def sent(use: Callable[[Sender], Awaitable[None]], **faults: Any) -> list[Any]:
    """Return what a sender with these faults sends when used like this; an error that ends it comes last."""

    async def run() -> list[Any]:
        socket = Memory()
        try:
            await asyncio.wait_for(use(Sender(cast(WebSocket, socket), Faults(**faults))), 10)
        except (Refused, SocketClosed) as error:
            socket.sent.append(type(error).__name__)
        return socket.sent

    return asyncio.run(run())


def never() -> asyncio.Event:
    return asyncio.Event()


async def speak(sender: Sender) -> None:
    await sender.greet("ready")
    await sender.send_audio([b"abc", b"de"], 0.1, never())
    await sender.send_audio([b"fg"], 0.1, never())


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ({}, ["ready", b"abcde", b"fg"]),
        ({"frame_bytes": 2}, ["ready", b"ab", b"cd", b"e", b"fg"]),
        ({"frame_bytes": 1}, ["ready", b"a", b"b", b"c", b"d", b"e", b"f", b"g"]),
        ({"frame_bytes": 9}, ["ready", b"abcde", b"fg"]),
        ({"empty_frames": 1}, ["ready", b"", b"abcde", b"", b"fg"]),
        ({"empty_frames": 2, "frame_bytes": 2}, ["ready", b"", b"ab", b"cd", b"", b"e", b"fg"]),
        ({"no_ready": True}, [b"abcde", b"fg"]),
        ({"close_after": 0}, [(1011, ""), "SocketClosed"]),
        (
            {"close_after": 1, "close_code": 4000, "close_reason": "so"},
            ["ready", b"abcde", (4000, "so"), "SocketClosed"],
        ),
        ({"cut_after": 1}, ["ready", b"abcde", "cut", "SocketClosed"]),
        ({"error": "rate_limit_error"}, ["Refused"]),
        ({"error": "rate_limit_error", "error_after": 2}, ["ready", b"abcde", b"fg", "Refused"]),
    ],
)
def test_what_is_sent(faults: dict[str, Any], expected: list[Any]) -> None:
    """Each fault occurs at its place, and nothing follows an end."""
    assert sent(speak, **faults) == expected


def test_an_interruption_stops_between_pieces() -> None:
    """A piece that has begun is sent whole, so that no sample or frame is cut."""

    async def use(sender: Sender) -> None:
        interrupted = asyncio.Event()
        interrupted.set()
        await sender.send_audio([b"abc", b"def"], 0.1, interrupted)

    assert sent(use, frame_bytes=2) == [b"ab", b"c"]


def test_unknown_messages_and_fields() -> None:
    """Each message is preceded by one of an unknown type, and has an unknown field."""

    async def use(sender: Sender) -> None:
        await sender.send_message(json.dumps({"type": "ready"}))
        await sender.send_message(None)

    first, second = map(json.loads, sent(use, unknown_messages=True))
    assert first["type"] == "weather"
    assert second.keys() == {"type", "unknown_field"}


def test_late_times_are_bounded() -> None:
    """Late times do not accumulate: beyond a thousand, audio waits for one of them."""

    async def use(sender: Sender) -> None:
        waiting = asyncio.create_task(flood(sender))
        for _ in range(50):
            await asyncio.sleep(0)
        assert len([task for task in asyncio.all_tasks() if not task.done()]) < 1010
        waiting.cancel()
        sender.cancel_late()

    async def flood(sender: Sender) -> None:
        for _ in range(5000):
            await sender.send_times("{}")

    assert sent(use, late_times=60.0) == []


def test_a_close_waits_for_late_times() -> None:
    """No late times are lost."""

    async def use(sender: Sender) -> None:
        await sender.send_times("late")
        await sender.send_audio([b"a"], 0.1, never())
        await sender.close(1000)

    assert sent(use, late_times=0.01) == [b"a", "late", (1000, "")]


def test_pace_spreads_audio_over_time() -> None:
    """A second of audio at ten times real time, in ten frames, takes at least 0.09 s."""

    async def use(sender: Sender) -> None:
        start = asyncio.get_running_loop().time()
        await sender.send_audio([b"0123456789"], 1.0, never())
        assert asyncio.get_running_loop().time() - start >= 0.089

    assert len(sent(use, pace=10.0, frame_bytes=1)) == 10
