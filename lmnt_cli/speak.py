"""The task group of a run: text from the source to the service, audio from the service to the writer.

The pipeline waits and asks the conversation what to do. It uses no descriptor, socket or terminal directly,
only through the objects it is given. The order in which a run ends is decided here.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Protocol

import anyio
import anyio.lowlevel

from .core.conversation import Conversation
from .core.session.messages import Incoming
from .core.session.recovery import Retry
from .errors import RetriableError
from .tasks import Bell, together


# Bytes of received audio that may wait to be written: 11 minutes of PCM, an hour and a half of MP3.
MOST_AUDIO_HELD = 64 << 20
_PING_EVERY = 20.0
# How often limits are checked and the status line is drawn, in seconds.
_TICK = 0.1


class Source(Protocol):
    """Where text comes from."""

    async def read(self) -> bytes: ...


class Connection(Protocol):
    """An open connection to the service. `send` never waits; `accepts` and `drain` limit what it buffers."""

    @property
    def accepts(self) -> bool: ...
    def send(self, text: str) -> None: ...
    async def drain(self) -> None: ...
    async def receive(self) -> Incoming: ...
    async def ping(self) -> None: ...
    def abort(self) -> None: ...


class Writer(Protocol):
    """Where audio goes.

    `backlog` is the number of bytes waiting to be written; `unsettled` is the number that may still be lost,
    which includes what a player has read and not played.
    """

    @property
    def backlog(self) -> int: ...
    @property
    def unsettled(self) -> int: ...
    def put(self, chunk: bytes) -> None: ...
    def cut(self, offset: int) -> None: ...
    async def drained(self) -> None: ...
    async def watch(self) -> None: ...


class Pipeline:
    """One run. `show` is called ten times a second with the time.

    `can_cut` states that the writer can remove what it has written. `ahead` states that the messages for the
    first block of text are sent as the greeting of the first connection: the source returns that block
    without waiting, and no more is read until these messages were passed to `send`.
    """

    def __init__(
        self,
        conversation: Conversation,
        source: Source,
        connect: Callable[[], Awaitable[Connection]],
        writer: Writer,
        *,
        can_cut: bool,
        clock: Callable[[], float],
        show: Callable[[float], None],
        ahead: bool = False,
    ) -> None:
        self._conversation = conversation
        self._source = source
        self._connect = connect
        self._writer = writer
        self._can_cut = can_cut
        self._clock = clock
        self._show = show
        self._ahead = ahead
        self._may_send = Bell()
        self._may_read = Bell()
        self._over = Bell()
        self._connecting: anyio.CancelScope | None = None
        self._idle: Connection | None = None  # the connection on which nothing is being sent

    async def speak(self) -> None:
        """Speak the whole text; return when all audio is written. Raises SayError or ReaderLeft."""
        async with together() as tasks:
            tasks.start_soon(self._writer.watch)
            if self._ahead:
                self._conversation.read(await self._source.read(), self._clock())
            tasks.start_soon(self._read_text)
            tasks.start_soon(self._tick)
            await self._hold_sessions()
            await self._writer.drained()
            tasks.cancel_scope.cancel()

    def drop_speech(self) -> bool:
        """Drop the speech in progress; return False if there is none."""
        dropped = self._conversation.drop_speech()
        self._may_send.ring()
        self._end_if_finished()
        return dropped

    def _end_if_finished(self) -> None:
        """Stop connecting if no session is needed any more."""
        if self._connecting is not None and self._conversation.finished:
            self._connecting.cancel()

    async def _read_text(self) -> None:
        while not self._conversation.input_ended:
            while self._ahead or not self._conversation.wants_text:
                await self._may_read.wait()
            block = await self._source.read()
            if not block:
                break
            self._conversation.read(block, self._clock())
            self._send_at_once()
        if not self._conversation.input_ended:
            self._conversation.end_of_text()
        self._may_send.ring()
        self._end_if_finished()

    async def _tick(self) -> None:
        while True:
            now = self._clock()
            self._conversation.flush_if_idle(now)
            self._may_send.ring()
            self._show(now)
            await anyio.sleep(_TICK)

    async def _hold_sessions(self) -> None:
        while not self._conversation.finished:
            try:
                await self._hold_session()
            except RetriableError as error:
                await self._wait_after(error)

    async def _wait_after(self, error: RetriableError) -> None:
        """Wait until the next attempt is due. Raises the error if there is none."""
        step = self._conversation.recover(error, random.random(), self._clock())
        if isinstance(step, Retry):
            with anyio.move_on_after(step.after):
                while not self._conversation.finished:
                    await self._may_send.wait()
        while self._conversation.awaits_text:
            await self._may_send.wait()
        splice = self._conversation.splice(can_cut=self._can_cut)
        if splice.cut_to is not None:
            self._writer.cut(splice.cut_to)
        elif splice.filling:
            self._writer.put(splice.filling)

    async def _hold_session(self) -> None:
        self._conversation.begin(self._clock())
        connection: Connection | None = None
        try:
            with anyio.CancelScope() as self._connecting:
                connection = await self._connect()
            if connection is None:
                return  # cancelled: no session is needed any more
            # Any message counts as an answer to `init`, even one sent at once: so `init` goes out first. What
            # was sent ahead is accounted for in the same turn, before any more text is read.
            while connection.accepts and self._send_next(connection):
                pass
            self._read_on()
            await connection.drain()
            async with together() as tasks:
                tasks.start_soon(self._send, connection)
                tasks.start_soon(self._keep_alive, connection)
                tasks.start_soon(self._keep_limits)
                tasks.start_soon(self._receive, connection)
                await self._over.wait()
                tasks.cancel_scope.cancel()
        finally:
            self._read_on()
            if connection is not None:
                # Nothing is owed, or nothing more can be received: there is no close to wait for.
                connection.abort()

    def _read_on(self) -> None:
        """Read more text, whether or not some was sent ahead."""
        self._ahead = False
        self._may_read.ring()

    async def _send(self, connection: Connection) -> None:
        while not self._conversation.finished:
            sent = self._send_next(connection)
            await connection.drain()
            if not sent:
                self._idle = connection
                try:
                    await self._may_send.wait()
                finally:
                    self._idle = None
        self._over.ring()

    def _send_at_once(self) -> None:
        """Send in the turn of the event loop in which text was read; wake `_send` for what is left."""
        while self._idle is not None and self._idle.accepts:
            if not self._send_next(self._idle):
                return
        self._may_send.ring()

    def _send_next(self, connection: Connection) -> bool:
        """Send the next message; return False if none may be sent now."""
        message = self._conversation.next_message(self._clock(), self._writer.backlog, self._writer.unsettled)
        if message is None:
            return False
        self._may_read.ring()
        connection.send(message)
        return True

    async def _receive(self, connection: Connection) -> None:
        while not self._conversation.finished:
            # While messages are always available nothing below waits, and a cancellation would never arrive.
            await anyio.lowlevel.checkpoint_if_cancelled()
            if self._writer.backlog > MOST_AUDIO_HELD:
                await self._wait_for_the_reader()
            message = await connection.receive()
            audio = self._conversation.receive(message, self._clock())
            if audio:
                self._writer.put(audio)
            if not isinstance(message, bytes):
                # Audio allows more to be sent only by way of word times, and the next tick is soon enough.
                self._may_send.ring()
        self._over.ring()

    async def _wait_for_the_reader(self) -> None:
        self._conversation.pause()
        while self._writer.backlog > MOST_AUDIO_HELD // 2:
            await anyio.sleep(_TICK)
        self._conversation.resume(self._clock())

    async def _keep_alive(self, connection: Connection) -> None:
        while True:
            await anyio.sleep(_PING_EVERY)
            self._conversation.ping_sent(self._clock())
            await connection.ping()
            self._conversation.pong_received()

    async def _keep_limits(self) -> None:
        while True:
            self._conversation.check(self._clock())
            if self._conversation.finished:
                self._over.ring()
            await anyio.sleep(_TICK)
