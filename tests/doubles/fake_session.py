"""One connection of the double, as seen by the service: messages, text to be spoken, and its end.

Fields change under the service's `changed`, in its event loop's thread; tests wait for them in theirs.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.doubles.fake_rules import REQUEST_ID, Refused, check_init, parsed
from tests.tools.limits import LIMIT


if TYPE_CHECKING:
    from tests.doubles.behaviours import Behaviour
    from tests.doubles.fake_service import FakeService

RIFF_HEADER = struct.pack(
    "<4sI4s4sIHHIIHH4sI", b"RIFF", 2**32 - 1, b"WAVE", b"fmt ", 16, 7, 1, 8000, 8000, 1, 8, b"data", 2**32 - 1
)


@dataclass(frozen=True)
class Entry:
    """One message of a transcript; `who` is client, service or note, `at` is monotonic seconds."""

    at: float
    who: str
    message: Any


class Session:
    """One connection as seen by the service: what was sent, what is still to be spoken, how it ended."""

    def __init__(self, service: FakeService, connection: ServerConnection, behaviour: Behaviour) -> None:
        self.service = service
        self.connection = connection
        self.behaviour = behaviour
        self.transcript: list[Entry] = []
        self.init: dict[str, Any] | None = None
        self.texts: list[str] = []
        self.flushes: list[int] = []
        self.utterances: list[str] = []
        self.finished = False
        self.ended: str | None = None
        self.faults: list[str] = []
        self.answered = 0
        self.audio_sent = 0
        self.pongs = 0
        self._unspoken: list[str] = []
        self._nonces: set[int] = set()
        self._header_sent = False
        self._deaf = False
        self._silent = False
        self._work: asyncio.Queue[tuple[str, str, int]] = asyncio.Queue()

    @property
    def text(self) -> str:
        """All the text received so far."""
        return "".join(self.texts)

    # For tests: waiting.

    def wait(self, question: Callable[[], object], what: str, limit: float = LIMIT) -> None:
        """Return as soon as `question()` is true. After `limit` seconds, fail and show the transcript."""
        with self.service.changed:
            if not self.service.changed.wait_for(question, limit):
                raise AssertionError(f"the service waited {limit} s in vain for {what}\n{self}")

    def wait_text(self, text: str, limit: float = LIMIT) -> None:
        """Return when the text received so far is exactly `text`."""
        self.wait(lambda: self.text == text, f"the text {text!r}", limit)

    def wait_flushes(self, count: int, limit: float = LIMIT) -> None:
        self.wait(lambda: len(self.flushes) >= count, f"{count} flushes", limit)

    def wait_finish(self, limit: float = LIMIT) -> None:
        self.wait(lambda: self.finished, "finish", limit)

    def wait_audio(self, count: int, limit: float = LIMIT) -> None:
        """Return when at least `count` bytes of audio were passed to the socket."""
        self.wait(lambda: self.audio_sent >= count, f"{count} bytes of audio sent", limit)

    def wait_pongs(self, count: int, limit: float = LIMIT) -> None:
        self.wait(lambda: self.pongs >= count, f"{count} pings answered", limit)

    def wait_end(self, limit: float = LIMIT) -> str:
        self.wait(lambda: self.ended, "the end of the connection", limit)
        assert self.ended
        return self.ended

    # For behaviours, in the thread of the event loop.

    async def told(self, gate: str) -> None:
        """Wait until the test opens the gate with this name."""
        await self.service.gate(gate).acquire()

    async def send(self, message: str | bytes | list[bytes], **fields: Any) -> None:
        """Send a message of this type with these fields, or audio (a list is sent in fragments)."""
        if isinstance(message, str):
            fields = {"type": message, **fields}
            await self.send_raw(json.dumps(fields))
            return
        await self.connection.send(message)
        size = len(message) if isinstance(message, bytes) else sum(map(len, message))
        with self.service.changed:
            self.audio_sent += size
            self._note("service", b"%d bytes of audio" % size)

    async def send_raw(self, message: str) -> None:
        self._note("service", message)
        await self.connection.send(message)

    async def speak(self, text: str) -> None:
        """Send the audio of a text: nothing without words; the format's header first."""
        if not any(character.isalnum() for character in text):
            return
        audio = self.behaviour.audio(text)
        if self.init and self.init.get("format") == "ulaw":
            if not self._header_sent or self.behaviour.repeats_header:
                audio = RIFF_HEADER + audio
            self._header_sent = True
        size = self.behaviour.frame
        for start in range(0, len(audio), size):
            await self.send(audio[start : start + size])
            await asyncio.sleep(0)  # otherwise a send that need not wait would starve the reader

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self._note("service", f"close {code} {reason}".rstrip())
        await self.connection.close(code, reason)

    async def fail(self, kind: str, message: str, code: int = 1002, **fields: Any) -> None:
        """Send an error message, followed at once by the close."""
        await self.send("error", error={"type": kind, "message": message}, request_id=REQUEST_ID, **fields)
        await self.close(code)

    def cut(self, *, reset: bool = False) -> None:
        """End the TCP connection without a close: what was sent still arrives, unless it is reset."""
        self._note("note", "the service drops the line")
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
            self.connection.transport.abort()
        else:
            self._silent = True
            self.connection.transport.write_eof()

    def stop_reading(self) -> None:
        """Read nothing more from the socket: no messages, no pings, no close."""
        self._deaf = True  # the library would resume reading as soon as its own queue is empty
        self.connection.transport.pause_reading()

    # For the service.

    async def run(self) -> None:
        tasks = [asyncio.create_task(self._speak())]
        if self.behaviour.ping is not None:
            tasks.append(asyncio.create_task(self._ping(self.behaviour.ping)))
        try:
            await self._listen()
        except Refused as refusal:
            self._fault(str(refusal))
            await self.fail(refusal.kind, str(refusal))
        except ConnectionClosed:
            pass
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._end()

    async def _listen(self) -> None:
        await self._take_init(await self.connection.recv())
        self._queue("init", 0)
        while not self._deaf:
            await self._take(parsed(await self.connection.recv()))
        await self.connection.wait_closed()

    async def _take_init(self, first: str | bytes) -> None:
        init = parsed(first)
        self._note("client", init)
        check_init(init, self.service.key)
        with self.service.changed:
            self.init = init
            self.service.changed.notify_all()

    async def _take(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if self.finished:
            raise Refused("invalid_request_error", f"{kind} after finish")
        self._note("client", message)
        if kind == "text":
            await self._take_text(message)
        elif kind in ("flush", "reset"):
            await self._take_command(kind, message)
        elif kind == "finish":
            with self.service.changed:
                self.finished = True
                self.service.changed.notify_all()
            self._queue("finish", 0)
        else:
            raise Refused("invalid_request_error", f"type: {kind!r} is not a message of this protocol")

    async def _take_text(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        if not isinstance(text, str):
            raise Refused("invalid_request_error", "text: Input should be a valid string")
        self._unspoken.append(text)
        with self.service.changed:
            self.texts.append(text)
            self.service.changed.notify_all()
        if self.behaviour.at_once:
            self._queue("text", 0)

    async def _take_command(self, kind: str, message: dict[str, Any]) -> None:
        nonce = message.get("nonce")
        if type(nonce) is not int:
            raise Refused("invalid_request_error", "nonce: Input should be a valid integer")
        if nonce in self._nonces:
            raise Refused("invalid_request_error", f"nonce: {nonce} was used before")
        self._nonces.add(nonce)
        if kind == "reset":
            self._unspoken.clear()
        else:
            with self.service.changed:
                self.flushes.append(nonce)
                self.service.changed.notify_all()
        self._queue(kind, nonce)

    def _queue(self, kind: str, nonce: int) -> None:
        text = "".join(self._unspoken)
        self._unspoken.clear()
        if kind in ("flush", "finish"):
            self.utterances.append(text)
        self._work.put_nowait((kind, text, nonce))

    async def _speak(self) -> None:
        """Answer in the order of the requests, while reading continues."""
        while True:
            kind, text, nonce = await self._work.get()
            try:
                if kind == "init":
                    await self.behaviour.greet(self)
                else:
                    await self.behaviour.answer(self, kind, text, nonce)
                    self.answered += kind == "flush"
                if self._silent:
                    return
            except ConnectionClosed:
                return

    async def _ping(self, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await (await self.connection.ping())
            with self.service.changed:
                self.pongs += 1
                self.service.changed.notify_all()

    def _note(self, who: str, message: Any) -> None:
        with self.service.changed:
            self.transcript.append(Entry(time.monotonic(), who, message))
            self.service.changed.notify_all()

    def _fault(self, what: str) -> None:
        self.faults.append(what)
        self._note("note", f"the client is at fault: {what}")

    def _end(self) -> None:
        protocol = self.connection.protocol
        if protocol.close_rcvd is None:
            ended = (
                "client gone" if protocol.close_sent is None else f"service closed {protocol.close_sent.code}"
            )
        elif protocol.close_rcvd_then_sent:
            ended = f"client closed {protocol.close_rcvd.code}"
        else:
            assert protocol.close_sent
            ended = f"service closed {protocol.close_sent.code}"
        self._note("note", ended)
        with self.service.changed:
            self.ended = ended
            self.service.changed.notify_all()

    def __str__(self) -> str:
        """Return the transcript, with milliseconds since its first line and long messages shortened."""
        begin = self.transcript[0].at if self.transcript else 0.0
        lines = [f"{(e.at - begin) * 1000:8.1f} {e.who:8}{_short(e.message)}" for e in self.transcript]
        if len(lines) > 60:
            lines[40:-20] = [f"         … {len(lines) - 60} more …"]
        return "\n".join(lines)


def _short(message: Any) -> str:
    text = message.decode() if isinstance(message, bytes) else str(message)
    return text if len(text) <= 160 else f"{text[:150]}… ({len(text)} characters)"
