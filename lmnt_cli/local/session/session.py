"""One speech session, from the first message to the close.

It has two tasks. The listener receives as long as the peer is connected, whatever else happens: it answers
pings, notices a Close, and adds requests to the agenda. The speaker carries out the steps of the agenda, and
is the only one that sends.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from ..access import AccessPolicy
from ..faults import Faults
from ..log import TEXT_LOGGER
from ..requests import ErrorType, Init, Refused, Reset, Text, new_request_id
from ..speech.voices import find_voice
from ..speech_stream import Chunk, SpeechStream
from ..workers import Workers
from .agenda import Agenda, AnswerFlush, AnswerReset, Close, Say
from .dialects import Dialect, decode, open_session
from .sending import Sender
from .websocket import SocketClosed, WebSocket


log = logging.getLogger(__name__)
text_log = logging.getLogger(TEXT_LOGGER)

# Unspoken text of a session, in characters. Beyond this nothing is received until some has been spoken.
MAX_HELD = 2**18


async def run_session(socket: WebSocket, workers: Workers, access: AccessPolicy, faults: Faults) -> None:
    """Run a session on an accepted connection, until the peer has closed or left."""
    first = await socket.receive()
    if first is None:
        return
    sender = Sender(socket, faults)
    request_id = new_request_id()
    dialect, init = open_session(first)
    del first  # up to a megabyte, otherwise kept for the whole session
    try:
        if isinstance(init, Refused):
            raise init
        access.check_key(init.key)
        find_voice(init.voice)
        log.info("%s: %s, version %s, %s", request_id, init.voice, dialect.name, init.format)
        await sender.greet(dialect.ready(request_id))
        await Session(dialect, init, socket, sender, workers, faults).run()
        log.info("%s: ended", request_id)
    except SocketClosed:
        log.info("%s: cut off", request_id)
        await _wait_for_close(socket)
    except Refused as refused:
        log.info("%s: %s: %s", request_id, refused.type, refused.message)
        await _refuse(socket, sender, dialect.error(refused, request_id), faults.error_close)
    except Exception:
        log.exception("%s: failed", request_id)
        failure = Refused(ErrorType.INTERNAL, "Internal server error")
        await _refuse(socket, sender, dialect.error(failure, request_id), 1011)
    finally:
        sender.cancel_late()


async def _refuse(socket: WebSocket, sender: Sender, error: str, code: int) -> None:
    with suppress(SocketClosed):
        await sender.send_message(error)
        await socket.close(code)
    await _wait_for_close(socket)


async def _wait_for_close(socket: WebSocket) -> None:
    # Closing TCP with unread data resets it, and the peer may lose the last messages.
    while await socket.receive() is not None:
        pass


class Session:
    """A session that has been accepted."""

    def __init__(
        self,
        dialect: Dialect,
        init: Init,
        socket: WebSocket,
        sender: Sender,
        workers: Workers,
        faults: Faults,
    ) -> None:
        self._dialect = dialect
        self._init = init
        self._socket = socket
        self._sender = sender
        self._workers = workers
        self._faults = faults
        self._agenda = Agenda(silent_reset=faults.silent_reset, strict_finish=faults.strict_finish)
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._interrupted = asyncio.Event()

    async def run(self) -> None:
        """Listen and speak until the peer has left. Raises `Refused` for an invalid request."""
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
        # The message is not bound to a name here: that would keep it while we wait for room.
        while self._take(await self._receive()):
            while self._agenda.held > MAX_HELD:
                self._room.clear()
                await self._room.wait()

    def _take(self, message: str | bytes | None) -> bool:
        """Add the requests in a message to the agenda; return False if there is no message."""
        if message is None:
            return False
        for request in self._dialect.decode_requests(decode(message)):
            if isinstance(request, Text):
                text_log.info("%r", request.text)
            self._agenda.add(request)
            if isinstance(request, Reset):
                self._interrupted.set()
        self._news.set()
        return True

    async def _receive(self) -> str | bytes | None:
        try:
            async with asyncio.timeout(self._faults.idle_close or None):
                return await self._socket.receive()
        except TimeoutError:
            await self._sender.close(1000)
            await _wait_for_close(self._socket)
            return None

    async def _speak(self) -> None:
        init = self._init
        voice = find_voice(init.voice)
        encoder = await self._workers.open_encoder(init.format, init.sample_rate)
        stream = SpeechStream(self._workers, encoder, voice, init.speed, self._interrupted)
        while True:
            step = self._agenda.take_next()
            self._room.set()
            match step:
                case None:
                    self._news.clear()
                    await self._news.wait()
                case Say(text):
                    await self._say(stream, text)
                case AnswerFlush(nonce):
                    await self._end_utterance(stream)
                    await self._sender.send_message(self._dialect.flush_complete(nonce))
                case AnswerReset(nonce):
                    self._interrupted.clear()
                    await stream.drop()
                    await self._renew(stream)
                    await self._sender.send_message(self._dialect.reset_complete(nonce))
                case Close():
                    await self._send(await stream.end_utterance())
                    if not self._faults.no_close:
                        await self._sender.close(1000)
                    return

    async def _say(self, stream: SpeechStream, text: str) -> None:
        if stream.is_empty:
            await self._sender.wait_for_first_sound(self._interrupted)
        async for chunk in stream.speak(text):
            await self._send(chunk)

    async def _end_utterance(self, stream: SpeechStream) -> None:
        was_empty = stream.is_empty
        chunk = await stream.end_utterance()
        all_said = self._agenda.held == 0
        if chunk is not None:
            await self._send(chunk, all_said)
        elif self._dialect.times_first and self._init.timestamps and all_said:
            # Clients of generation 1 read times and audio in pairs, and only learn from them that all is
            # spoken.
            await self._sender.send_message(self._dialect.timestamps((), True))
            await self._sender.send_audio([b""], 0.0, self._interrupted)
        if not was_empty:
            await self._renew(stream)

    async def _send(self, chunk: Chunk | None, all_said: bool = False) -> None:
        """Send a chunk and its times, in the order of the dialect."""
        if chunk is None:
            return
        tokens = chunk.tokens if self._dialect.cumulative else chunk.tokens_from_chunk_start()
        # If times and audio come in pairs, an empty list completes one; otherwise it is useless.
        wanted = self._init.timestamps and (tokens or self._dialect.times_first)
        times = self._dialect.timestamps(tokens, all_said) if wanted else None
        if times is not None and self._dialect.times_first:
            await self._sender.send_message(times)
        await self._sender.send_audio(chunk.pieces, chunk.seconds, self._interrupted)
        if times is not None and not self._dialect.times_first:
            await self._sender.send_times(times)

    async def _renew(self, stream: SpeechStream) -> None:
        """Start a new stream, if so set."""
        if self._faults.new_stream:
            encoder = await self._workers.open_encoder(self._init.format, self._init.sample_rate)
            stream.replace_encoder(encoder)
