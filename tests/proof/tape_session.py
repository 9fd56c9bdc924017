"""One connection of the tape's service, without a task or a queue, because the proof opens thousands.

The library enforces RFC 6455. All answers to a message are sent in the turn in which it arrived.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
from collections.abc import Callable
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from tests.proof.plans import Fault, Rehearsal
from tests.proof.tape import TAPES
from tests.proof.tape_speech import Chunk, Speech, times_message


QUIET = logging.getLogger("tape service")
QUIET.disabled = True
_CLOSES_WITHIN = 2.0  # seconds until a close that is not answered ends
_STALL = 0.03  # seconds, the fault itself
_MESSAGES = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class Cut(Exception):
    """The connection was cut, as planned."""


class TapeSession(asyncio.Protocol):
    """One connection. Each message is answered before the next is taken.

    `find` returns the rehearsal that a path belongs to; `everyone` holds the connections that are open.
    """

    def __init__(self, find: Callable[[str], Rehearsal], everyone: set[TapeSession]) -> None:
        self._find = find
        self._everyone = everyone
        self._websocket = ServerProtocol(max_size=2**24, logger=QUIET)
        self._is_over = False  # whether nothing more is answered
        self._times = "none"
        self._late: list[Chunk] = []
        self._nonces: set[int] = set()
        self._wordless = False  # whether a flush without a word was received, valid only at the end of input
        self._transport: asyncio.Transport
        self._case: Rehearsal
        self._speech: Speech | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._everyone.add(self)

    def connection_lost(self, exception: Exception | None) -> None:
        self._everyone.discard(self)

    def data_received(self, data: bytes) -> None:
        self._websocket.receive_data(data)
        try:
            for event in self._websocket.events_received():
                if isinstance(event, Request):
                    self._upgrade(event)
                elif isinstance(event, Frame) and event.opcode in _MESSAGES and not self._is_over:
                    self._take(event)
        except Cut:
            self._is_over = True
        self._write()

    def eof_received(self) -> None:
        self._websocket.receive_eof()
        self._write()

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def _upgrade(self, request: Request) -> None:
        self._case = self._find(request.path)
        if self._case.busy:
            self._case.busy -= 1
            headers = Headers({"Content-Length": "0", "Connection": "close"})
            response = Response(503, HTTPStatus(503).phrase, headers, b"")
        else:
            response = self._websocket.accept(request)
            self._case.sessions += 1
        self._websocket.send_response(response)

    def _take(self, frame: Frame) -> None:
        if frame.opcode is not Opcode.TEXT or not frame.fin:
            self._case.refused.append(f"a frame that is no whole text message: {frame}")
            raise Cut
        message = json.loads(bytes(frame.data))
        kind = message["type"]
        self._cut_if_due(kind)
        if self._speech is None:
            self._take_init(message)
            return
        match kind:
            case "text":
                if self._wordless:
                    self._case.refused.append("text after a flush without a word")
                self._speech.add(message["text"])
                self._say(self._speech.early(self._case.plan.context))
            case "flush":
                self._flush(self._speech, message["nonce"])
            case "finish":
                self._say(self._speech.rest())
                self._say_late()
                self._close(1000)
                raise Cut

    def _take_init(self, init: dict[str, Any]) -> None:
        plan = self._case.plan
        tape = TAPES[init["format"]]
        begin = tape.begin if plan.begin is None else plan.begin
        self._times = plan.times if init.get("return_timestamps") else "none"
        self._speech = Speech(tape, self._case.sessions, plan.leads, begin, plan.tokens)
        self._speech.repeats_header = plan.repeats_header
        self._send("ready", json.dumps({"type": "ready", "request_id": f"req_{self._case.sessions}"}))

    def _flush(self, speech: Speech, nonce: int) -> None:
        if nonce in self._nonces:
            self._case.refused.append(f"nonce {nonce} came twice")
        self._nonces.add(nonce)
        if self._wordless:
            self._case.refused.append("a flush without a word before the last")
        self._wordless = not speech.has_words
        chunks = speech.rest()
        self._case.flushes += 1
        if self._case.flushes == self._case.plan.mute:
            self._case.faults.append(Fault(self._case.messages, "mute"))
            self._send_audio(self._case.plan.mute_with)
        else:
            self._say(chunks)
        self._send("flush_complete", json.dumps({"type": "flush_complete", "nonce": nonce}))
        self._say_late()

    def _say(self, chunks: list[Chunk]) -> None:
        for chunk in chunks:
            if self._times in ("zero", "before"):
                self._send_times(chunk)
            position = 0
            while position < len(chunk.audio):
                size = next(self._case.sizes)
                self._send_audio(chunk.audio[position : position + size])
                position += size
            for _ in range({"after": 1, "chunk": 1, "twice": 2}.get(self._times, 0)):
                self._send_times(chunk)
            if self._times == "late":
                self._late.append(chunk)

    def _say_late(self) -> None:
        for chunk in self._late:
            self._send_times(chunk)
        self._late.clear()

    def _send_times(self, chunk: Chunk) -> None:
        self._send("timestamps", times_message(chunk, self._times))

    def _send_audio(self, audio: bytes) -> None:
        self._websocket.send_binary(audio)
        self._cut_if_due("audio")

    def _send(self, kind: str, message: str) -> None:
        self._websocket.send_text(message.encode())
        self._cut_if_due(kind)

    def _write(self) -> None:
        """Send what the library has to send; an empty block of it is the end of the stream."""
        blocks = self._websocket.data_to_send()
        if self._transport.is_closing():
            return
        if data := b"".join(blocks):
            self._transport.write(data)
        if b"" in blocks:
            self._transport.write_eof()

    def _cut_if_due(self, kind: str) -> None:
        """Count a message, and cut the connection if that is planned after it. Raises Cut then."""
        fault = self._case.due(kind)
        if fault is None:
            return
        self._case.faults.append(fault)
        self._write()
        match fault.kind:
            case "eof":
                self._transport.close()
            case "reset":
                self._reset()
            case "busy":
                self._case.busy += 1
                self._reset()
            case "stall":
                self._transport.pause_reading()
                asyncio.get_running_loop().call_later(_STALL, self._reset)
            case "silence":
                self._transport.pause_reading()
            case "error":
                error = {"type": "internal_server_error", "message": "something went wrong"}
                message = {"type": "error", "error": error, "request_id": "req_e"}
                self._websocket.send_text(json.dumps(message).encode())
                self._close(1002)
            case doing if " " in doing:
                self._case.meddle(*doing.split())
                return
            case code:
                self._close(int(code))
        raise Cut

    def _close(self, code: int) -> None:
        self._websocket.send_close(code)
        asyncio.get_running_loop().call_later(_CLOSES_WITHIN, self._transport.abort)

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        if not self._transport.is_closing():
            self._transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
            self._transport.abort()
