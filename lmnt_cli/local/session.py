"""One speech session: from the first message to the close.

Two tasks. The listener receives for as long as the peer is there, whatever else happens: it answers pings,
sees a Close, and puts requests into the script. The speaker does what the script says next, and is the one
that sends.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from .dialects import Dialect, decode, open_session
from .faults import Faults
from .ids import new_request_id
from .messages import ErrorType, Init, Refused, Reset
from .outlet import Outlet
from .script import Cleared, Done, Flushed, Say, Script
from .speaker import Speaker
from .studio import Studio
from .voices import VOICES
from .websocket import Closed, WebSocket


log = logging.getLogger(__name__)

# Text waiting to be spoken, in characters. Beyond it we stop reading until some has been spoken.
MOST_HELD = 16 * 2**20


@dataclass(frozen=True)
class Access:
    """Who may open a session: `key` None means that any key will do, but not none."""

    key: str | None = None

    def check(self, key: str) -> None:
        """Raise `Refused` if this key opens nothing."""
        if not key:
            raise Refused(ErrorType.AUTHENTICATION, "Missing API key")
        if self.key is not None and key != self.key:
            raise Refused(ErrorType.AUTHENTICATION, "Invalid API key")


async def hold_session(socket: WebSocket, studio: Studio, access: Access, faults: Faults) -> None:
    """Hold a session on an accepted connection, until the peer has closed or gone."""
    first = await socket.receive()
    if first is None:
        return
    outlet = Outlet(socket, faults)
    request_id = new_request_id()
    dialect, init = open_session(first)
    try:
        if isinstance(init, Refused):
            raise init
        access.check(init.key)
        if init.voice not in VOICES:
            raise Refused(ErrorType.NOT_FOUND, f"Voice '{init.voice}' not found.")
        await outlet.message(dialect.ready(request_id))
        await Session(dialect, init, socket, outlet, studio).run()
    except Closed:
        pass
    except Refused as refused:
        await _refuse(socket, outlet, dialect.error(refused, request_id), faults.error_code)
    except Exception:
        log.exception("a session failed")
        failure = Refused(ErrorType.INTERNAL, "Internal server error")
        await _refuse(socket, outlet, dialect.error(failure, request_id), 1011)


async def _refuse(socket: WebSocket, outlet: Outlet, error: str, code: int) -> None:
    with suppress(Closed):
        await outlet.message(error)
        await outlet.close(code)
    while await socket.receive() is not None:
        pass


class Session:
    """A session that has been accepted."""

    def __init__(
        self, dialect: Dialect, init: Init, socket: WebSocket, outlet: Outlet, studio: Studio
    ) -> None:
        self._dialect = dialect
        self._init = init
        self._socket = socket
        self._outlet = outlet
        self._studio = studio
        self._script = Script()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._interrupted = asyncio.Event()

    async def run(self) -> None:
        """Listen and speak until the peer is gone. Raises `Refused` for a request that makes no sense."""
        speaker = asyncio.create_task(self._speak())
        listener = asyncio.create_task(self._listen())
        try:
            await asyncio.wait({speaker, listener}, return_when=asyncio.FIRST_COMPLETED)
            if speaker.done():
                speaker.result()
            await listener
        finally:
            for task in (speaker, listener):
                task.cancel()
            await asyncio.gather(speaker, listener, return_exceptions=True)

    async def _listen(self) -> None:
        while (message := await self._socket.receive()) is not None:
            for request in self._dialect.requests(decode(message)):
                self._script.take(request)
                if isinstance(request, Reset):
                    self._interrupted.set()
            self._news.set()
            while self._script.held > MOST_HELD:
                self._room.clear()
                await self._room.wait()

    async def _speak(self) -> None:
        init = self._init
        encoder = await self._studio.encoder(init.format, init.sample_rate)
        speaker = Speaker(self._dialect, init, encoder, self._outlet, self._studio, self._interrupted)
        while True:
            act = self._script.next()
            self._room.set()
            match act:
                case None:
                    self._news.clear()
                    await self._news.wait()
                case Say(text):
                    await speaker.say(text)
                case Flushed(nonce):
                    await speaker.end_utterance()
                    await self._outlet.message(self._dialect.flushed(nonce))
                case Cleared(nonce):
                    self._interrupted.clear()
                    await speaker.drop()
                    await self._outlet.message(self._dialect.cleared(nonce))
                case Done():
                    await speaker.end_utterance()
                    await self._outlet.close(1000)
                    return
