"""A service that sends anything, for the real speaker over a real connection."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import anyio
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.conversation import Conversation
from lmnt_cli.core.session.requests import Init
from lmnt_cli.core.session.session import Limits
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.io.connection import open_connection
from lmnt_cli.io.route import route_to
from lmnt_cli.io.source import WordsSource
from lmnt_cli.speak import Pipeline


QUIET = logging.getLogger("nonsense service")
QUIET.disabled = True
READY = '{"type":"ready","request_id":"req_1"}'


@dataclass(frozen=True)
class Script:
    """What is sent after `ready` (text, audio, or raw bytes on the socket), and how the connection ends."""

    messages: tuple[str | bytes | tuple[str, bytes], ...]
    end: str


class Silent:
    """A writer that discards everything."""

    backlog = unsettled = 0

    def put(self, chunk: bytes) -> None:
        """Discard it."""

    def cut(self, offset: int) -> None:
        """Do nothing."""

    async def drained(self) -> None:
        """Return at once."""

    async def watch(self) -> None:
        """Wait forever: nothing ever fails."""
        await anyio.sleep_forever()


async def converse(scripts: list[Script]) -> list[BaseException | None]:
    """Speak to all of them at once; return what each conversation raised."""
    async with serve(
        partial(_follow, scripts),
        "127.0.0.1",
        0,
        compression=None,
        ping_interval=None,
        close_timeout=1,
        logger=QUIET,
    ) as server:
        port = server.sockets[0].getsockname()[1]
        urls = [f"ws://127.0.0.1:{port}/{number}" for number in range(len(scripts))]
        return await asyncio.gather(*map(_speak, urls), return_exceptions=True)


async def _follow(scripts: list[Script], connection: ServerConnection) -> None:
    assert connection.request
    script = scripts[int(connection.request.path[1:])]
    with suppress(ConnectionClosed):
        await connection.recv()
        await connection.send(READY)
        for message in script.messages:
            if isinstance(message, tuple):
                connection.transport.write(message[1])
            elif isinstance(message, str):
                await connection.send(message.encode(errors="replace"), text=True)
            else:
                await connection.send(message)
        if script.end == "close":
            await connection.close()
    if script.end == "reset":
        connection.transport.abort()
    connection.transport.close()


async def _speak(url: str) -> None:
    conversation = Conversation(
        Init("key", "lily", "pcm_s16le", 8000, return_timestamps=True),
        FlushRule.NEWLINE,
        Limits(connect=5, silence=1, retries=0),
        AudioFormat.PCM_S16LE,
        service="nonsense",
    )
    await Pipeline(
        conversation,
        WordsSource(b"One two three.\nFour five.\nSix.\n"),
        partial(open_connection, route_to(url), timeout=5),
        Silent(),
        can_cut=False,
        clock=time.monotonic,
        show=lambda now: None,
    ).speak()
