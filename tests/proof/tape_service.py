"""A double that speaks a tape: a real WebSocket server whose audio encodes each spoken word.

It speaks early, once there is context, and at flush and finish. It gives word times as the service does
(protocol.md, 9: from 0 after each flush or reset, words, spaces and punctuation, without gaps). It cuts the
connection after any message of either side. One server serves many rehearsals at once, told apart by
`?case=`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.proof.tape import TAPES, Tape
from tests.proof.tape_speech import Chunk, Speech


QUIET = logging.getLogger("tape service")
QUIET.disabled = True


@dataclass(frozen=True)
class Fault:
    """The connection is cut after the message with this number, counting both sides over all sessions.

    `kind`: reset, eof (it ends without a close), a close code, stall (nothing is read or sent for a moment,
    then reset), silence (for ever), error (an internal_server_error), busy (reset, and the next handshake is
    refused with 503), or what another program does to which file (nothing is cut then; see `meddling`).
    """

    behind: int
    kind: str


@dataclass(frozen=True)
class Plan:
    """How the service behaves in one rehearsal.

    `times` states when word times are sent: none, before or after their audio, twice after it, counted from
    each chunk (as in API 1.1), late (after flush_complete), or zero (before their audio, all at 0). `tokens`
    are words, fine (words are split at inner punctuation) or spoken (numbers in words). It speaks after
    `context` whole words. `sizes` are those of the audio messages, repeated. `leads` are the ticks of silence
    at the start of the utterances of a session. `begin` precedes the first audio of a session, if it differs
    from the tape's. The flush with number `mute` is answered without its audio, by `mute_with` only.
    """

    times: str = "after"
    tokens: str = "words"
    faults: tuple[Fault, ...] = ()
    context: int = 5
    sizes: tuple[int, ...] = (1009, 331, 2048, 97, 1, 640)
    leads: tuple[int, ...] = (3,)
    begin: bytes | None = None
    repeats_header: bool = False
    mute: int = 0
    mute_with: bytes = b""


class Cut(Exception):
    """The connection was cut, as planned."""


@dataclass
class Rehearsal:
    """The result of a plan: `messages` counts those of both sides over all sessions, `faults` the cuts made.

    `refused` is what the client sent that the service would not accept.
    """

    plan: Plan
    messages: int = 0
    sessions: int = 0
    faults: list[Fault] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    sizes: Any = None  # an endless iterator over those of the plan
    busy: int = 0
    flushes: int = 0
    meddle: Callable[[str, str], object] = lambda doing, file: None

    def __post_init__(self) -> None:
        self.sizes = itertools.cycle(self.plan.sizes)

    def due(self, kind: str) -> Fault | None:
        """Count a message of this kind; return the fault after it, if the plan has one."""
        self.messages += 1
        self.kinds.append(kind)
        return next((fault for fault in self.plan.faults if fault.behind == self.messages), None)


class TapeService:
    """The server. `rehearse` starts a case; `address` is where a program finds it."""

    def __init__(self) -> None:
        self.port = 0
        self._rehearsals: dict[str, Rehearsal] = {}

    def rehearse(self, plan: Plan) -> tuple[Rehearsal, str]:
        """Start a new case; return the host, port and query that identify it."""
        name = str(len(self._rehearsals))
        rehearsal = self._rehearsals[name] = Rehearsal(plan)
        return rehearsal, f"127.0.0.1:{self.port}/?case={name}"

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._handle,
            "127.0.0.1",
            0,
            process_request=self._upgrade,
            compression=None,
            ping_interval=None,
            close_timeout=2,
            max_size=2**24,
            logger=QUIET,
            backlog=512,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._server.connections:
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    def _of(self, path: str) -> Rehearsal:
        return self._rehearsals[parse_qs(urlsplit(path).query)["case"][0]]

    async def _upgrade(self, connection: ServerConnection, request: Request) -> Response | None:
        rehearsal = self._of(request.path)
        if rehearsal.busy:
            rehearsal.busy -= 1
            headers = Headers({"Content-Length": "0", "Connection": "close"})
            return Response(503, HTTPStatus(503).phrase, headers, b"")
        return None

    async def _handle(self, connection: ServerConnection) -> None:
        assert connection.request
        rehearsal = self._of(connection.request.path)
        rehearsal.sessions += 1
        try:
            await _Session(rehearsal, connection).run()
        except (Cut, ConnectionClosed):
            pass


class _Session:
    """One connection: reads one message at a time, and answers each before reading the next."""

    def __init__(self, rehearsal: Rehearsal, connection: ServerConnection) -> None:
        self._case = rehearsal
        self._connection = connection
        self._times = "none"
        self._late: list[list[dict[str, Any]]] = []
        self._nonces: set[int] = set()
        self._wordless = False  # whether a flush without a word was received, valid only at the end of input
        self._tape: Tape
        self._speech: Speech

    async def run(self) -> None:
        await self._take_init(json.loads(await self._receive()))
        await self._send(json.dumps({"type": "ready", "request_id": f"req_{self._case.sessions}"}))
        while True:
            message = json.loads(await self._receive())
            match message["type"]:
                case "text":
                    if self._wordless:
                        self._case.refused.append("text after a flush without a word")
                    self._speech.add(message["text"])
                    await self._say(self._speech.early(self._case.plan.context))
                case "flush":
                    await self._flush(message["nonce"])
                case "finish":
                    await self._say(self._speech.rest())
                    await self._say_late()
                    await self._connection.close(1000)
                    return

    async def _take_init(self, init: dict[str, Any]) -> None:
        plan = self._case.plan
        tape = TAPES[init["format"]]
        begin = tape.begin if plan.begin is None else plan.begin
        self._times = plan.times if init.get("return_timestamps") else "none"
        self._speech = Speech(tape, self._case.sessions, plan.leads, begin, plan.tokens)
        self._speech.repeats_header = plan.repeats_header

    async def _flush(self, nonce: int) -> None:
        if nonce in self._nonces:
            self._case.refused.append(f"nonce {nonce} came twice")
        self._nonces.add(nonce)
        if self._wordless:
            self._case.refused.append("a flush without a word before the last")
        self._wordless = not self._speech.has_words
        chunks = self._speech.rest()
        self._case.flushes += 1
        if self._case.flushes == self._case.plan.mute:
            self._case.faults.append(Fault(self._case.messages, "mute"))
            await self._send(self._case.plan.mute_with)
        else:
            await self._say(chunks)
        await self._send(json.dumps({"type": "flush_complete", "nonce": nonce}))
        await self._say_late()

    async def _say(self, chunks: list[Chunk]) -> None:
        for chunk in chunks:
            origin = chunk.tokens[0].start if self._times == "chunk" else 0.0
            times = [
                {"text": token.text, "start": token.start - origin, "duration": token.duration}
                for token in chunk.tokens
            ]
            if self._times == "zero":
                await self._send_times([{**time, "start": 0, "duration": 0} for time in times])
            if self._times == "before":
                await self._send_times(times)
            await self._send_audio(chunk.audio)
            for _ in range({"after": 1, "chunk": 1, "twice": 2}.get(self._times, 0)):
                await self._send_times(times)
            if self._times == "late":
                self._late.append(times)

    async def _say_late(self) -> None:
        for times in self._late:
            await self._send_times(times)
        self._late.clear()

    async def _send_times(self, times: list[dict[str, Any]]) -> None:
        await self._send(json.dumps({"type": "timestamps", "timestamps": times}))

    async def _send_audio(self, audio: bytes) -> None:
        position = 0
        while position < len(audio):
            size = next(self._case.sizes)
            await self._send(audio[position : position + size])
            position += size

    async def _receive(self) -> str | bytes:
        message = await self._connection.recv()
        await self._cut_if_due(message)
        return message

    async def _send(self, message: str | bytes) -> None:
        await self._connection.send(message)
        await self._cut_if_due(message)

    async def _cut_if_due(self, message: str | bytes) -> None:
        fault = self._case.due("audio" if isinstance(message, bytes) else json.loads(message)["type"])
        if fault is None:
            return
        self._case.faults.append(fault)
        match fault.kind:
            case "eof":
                self._connection.transport.close()
            case "reset":
                self._reset()
            case "busy":
                self._case.busy += 1
                self._reset()
            case "stall":
                self._connection.transport.pause_reading()
                await asyncio.sleep(0.03)  # the fault itself
                self._reset()
            case "silence":
                self._connection.transport.pause_reading()
                await self._connection.wait_closed()
            case "error":
                error = {"type": "internal_server_error", "message": "something went wrong"}
                await self._connection.send(
                    json.dumps({"type": "error", "error": error, "request_id": "req_e"})
                )
                await self._connection.close(1002)
            case doing if " " in doing:
                self._case.meddle(*doing.split())
                return
            case code:
                await self._connection.close(int(code))
        raise Cut

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self._connection.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
        self._connection.transport.abort()
