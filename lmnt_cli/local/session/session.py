"""One speech session: from the first message to the close.

Two tasks. The listener receives for as long as the peer is there, whatever else happens: it answers pings,
sees a Close, and puts requests into the script. The speaker does what the script says next, and is the one
that sends.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from ..access import Access
from ..faults import Faults
from ..ids import new_request_id
from ..requests import ErrorType, Init, Refused, Reset, Text
from ..speech.voices import find_voice
from ..speech_stream import Chunk, Speaker
from ..workers import Studio
from .agenda import Cleared, Done, Flushed, Say, Script
from .dialects import Dialect, decode, open_session
from .sending import Outlet
from .websocket import Closed, WebSocket


log = logging.getLogger(__name__)
text_log = logging.getLogger("lmnt_cli.local.text")

# Text waiting to be spoken, in characters. Beyond it we stop reading until some has been spoken.
MOST_HELD = 16 * 2**20


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
        find_voice(init.voice)
        log.info("%s: %s, version %s, %s", request_id, init.voice, dialect.name, init.format)
        await outlet.begin(dialect.ready(request_id))
        await Session(dialect, init, socket, outlet, studio, faults).run()
        log.info("%s: ended", request_id)
    except Closed:
        log.info("%s: cut off", request_id)
        await _wait_for_close(socket)
    except Refused as refused:
        log.info("%s: %s: %s", request_id, refused.type, refused.message)
        await _refuse(socket, outlet, dialect.error(refused, request_id), faults.error_close)
    except Exception:
        log.exception("%s: failed", request_id)
        failure = Refused(ErrorType.INTERNAL, "Internal server error")
        await _refuse(socket, outlet, dialect.error(failure, request_id), 1011)
    finally:
        outlet.abandon()


async def _refuse(socket: WebSocket, outlet: Outlet, error: str, code: int) -> None:
    with suppress(Closed):
        await outlet.message(error)
        await socket.close(code)
    await _wait_for_close(socket)


async def _wait_for_close(socket: WebSocket) -> None:
    # Closing TCP with something unread resets it, and the peer may lose what we sent last.
    while await socket.receive() is not None:
        pass


class Session:
    """A session that has been accepted."""

    def __init__(
        self,
        dialect: Dialect,
        init: Init,
        socket: WebSocket,
        outlet: Outlet,
        studio: Studio,
        faults: Faults,
    ) -> None:
        self._dialect = dialect
        self._init = init
        self._socket = socket
        self._outlet = outlet
        self._studio = studio
        self._faults = faults
        self._script = Script(silent_reset=faults.silent_reset, strict_finish=faults.strict_finish)
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._interrupted = asyncio.Event()

    async def run(self) -> None:
        """Listen and speak until the peer is gone. Raises `Refused` for a request that makes no sense."""
        speaking = asyncio.create_task(self._speak())
        listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait({speaking, listening}, return_when=asyncio.FIRST_COMPLETED)
            if speaking.done():
                speaking.result()
            await listening
        finally:
            for task in (speaking, listening):
                task.cancel()
            await asyncio.gather(speaking, listening, return_exceptions=True)

    async def _listen(self) -> None:
        while (message := await self._receive()) is not None:
            for request in self._dialect.requests(decode(message)):
                if isinstance(request, Text):
                    text_log.info("%r", request.text)
                self._script.take(request)
                if isinstance(request, Reset):
                    self._interrupted.set()
            self._news.set()
            while self._script.held > MOST_HELD:
                self._room.clear()
                await self._room.wait()

    async def _receive(self) -> str | bytes | None:
        try:
            async with asyncio.timeout(self._faults.idle_close or None):
                return await self._socket.receive()
        except TimeoutError:
            await self._outlet.close(1000)
            await _wait_for_close(self._socket)
            return None

    async def _speak(self) -> None:
        init = self._init
        voice = find_voice(init.voice)
        encoder = await self._studio.encoder(init.format, init.sample_rate)
        speaker = Speaker(self._studio, encoder, voice, init.speed, self._interrupted)
        while True:
            act = self._script.next()
            self._room.set()
            match act:
                case None:
                    self._news.clear()
                    await self._news.wait()
                case Say(text):
                    await self._say(speaker, text)
                case Flushed(nonce):
                    await self._end_utterance(speaker)
                    await self._outlet.message(self._dialect.flushed(nonce))
                case Cleared(nonce):
                    self._interrupted.clear()
                    await speaker.drop()
                    await self._renew(speaker)
                    await self._outlet.message(self._dialect.cleared(nonce))
                case Done():
                    await self._send(await speaker.end_utterance())
                    if not self._faults.no_close:
                        await self._outlet.close(1000)
                    return

    async def _say(self, speaker: Speaker, text: str) -> None:
        if speaker.is_silent:
            await self._outlet.pause(self._interrupted)
        async for chunk in speaker.say(text):
            await self._send(chunk)

    async def _end_utterance(self, speaker: Speaker) -> None:
        was_silent = speaker.is_silent
        chunk = await speaker.end_utterance()
        all_said = self._script.held == 0
        if chunk is not None:
            await self._send(chunk, all_said)
        elif self._dialect.times_first and self._init.timestamps and all_said:
            # Its clients read times and audio in pairs, and are told only there that all has been said.
            await self._outlet.message(self._dialect.times((), True))
            await self._outlet.audio([b""], 0.0, self._interrupted)
        if not was_silent:
            await self._renew(speaker)

    async def _send(self, chunk: Chunk | None, all_said: bool = False) -> None:
        """Send a chunk and its times, in the order of the dialect."""
        if chunk is None:
            return
        tokens = chunk.tokens if self._dialect.cumulative else chunk.tokens_from_start()
        # Where they come in pairs with audio, an empty list is one of a pair; elsewhere it says nothing.
        wanted = self._init.timestamps and (tokens or self._dialect.times_first)
        times = self._dialect.times(tokens, all_said) if wanted else None
        if times is not None and self._dialect.times_first:
            await self._outlet.message(times)
        await self._outlet.audio(chunk.pieces, chunk.seconds, self._interrupted)
        if times is not None and not self._dialect.times_first:
            await self._outlet.times(times)

    async def _renew(self, speaker: Speaker) -> None:
        """Begin a new stream, where that was asked for."""
        if self._faults.new_stream:
            speaker.use(await self._studio.encoder(self._init.format, self._init.sample_rate))
