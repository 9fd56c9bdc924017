"""Behaviours of the double: a class for each, and names for those that tests use often.

A behaviour affects a session only as the service could on the wire: send, close, cut, wait.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from tests.doubles.fake_rules import REQUEST_ID


if TYPE_CHECKING:
    from tests.doubles.fake_session import Session


class Behaviour:
    """The ideal service: `ready` at once, audio at each flush and at `finish`, then close 1000.

    `audio` makes the sound of a text (by default its UTF-8), sent in messages of `frame` bytes. `at_once`
    speaks each text message as it arrives. `waits` names the gates that the test has to open: ready, audio,
    flush_complete, close. `ping` is the interval of the service's own pings.
    """

    refusal: tuple[int, dict[str, str], bytes] | None = None

    def __init__(
        self,
        *,
        audio: Callable[[str], bytes] = str.encode,
        frame: int = 8192,
        at_once: bool = False,
        waits: Collection[str] = (),
        repeats_header: bool = False,
        ping: float | None = None,
    ) -> None:
        self.audio = audio
        self.frame = frame
        self.at_once = at_once
        self.waits = waits
        self.repeats_header = repeats_header
        self.ping = ping

    async def greet(self, session: Session) -> None:
        """Answer a valid `init`."""
        await self.wait(session, "ready")
        await session.send("ready", request_id=REQUEST_ID)

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        """Answer text, flush, reset or finish; `text` is what arrived since the last answer was requested."""
        if kind == "reset":
            await session.send("reset_complete", nonce=nonce)
            return
        await self.speak(session, text)
        if kind == "flush":
            await self.wait(session, "flush_complete")
            await session.send("flush_complete", nonce=nonce)
        elif kind == "finish":
            await self.wait(session, "close")
            await session.close(1000)

    async def speak(self, session: Session, text: str) -> None:
        await self.wait(session, "audio")
        await session.speak(text)

    async def wait(self, session: Session, gate: str) -> None:
        if gate in self.waits:
            await session.told(gate)


class Refuses(Behaviour):
    """Answers the upgrade with an HTTP status instead of a session."""

    def __init__(self, status: int, *, body: bytes = b"", **headers: str) -> None:
        super().__init__()
        self.refusal = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


class Fails(Behaviour):
    """Sends an error of this type, at `init`, or at the first flush or finish once audio has been sent."""

    def __init__(
        self, kind: str, message: str = "It cannot be done.", *, after_audio: bool = False, code: int = 1002
    ) -> None:
        super().__init__()
        self.kind = kind
        self.message = message
        self.after_audio = after_audio
        self.code = code

    async def greet(self, session: Session) -> None:
        if self.after_audio:
            await super().greet(session)
        else:
            await session.fail(self.kind, self.message, self.code)

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        await session.speak(text)
        await session.fail(self.kind, self.message, self.code)


class Says(Behaviour):
    """Sends this text message unchanged in place of the greeting, then closes with `code`, if any."""

    def __init__(self, message: str | dict[str, Any], code: int | None = None) -> None:
        super().__init__()
        self.message = message if isinstance(message, str) else json.dumps(message)
        self.code = code

    async def greet(self, session: Session) -> None:
        await session.send_raw(self.message)
        if self.code is not None:
            await session.close(self.code)


class HangsUp(Behaviour):
    """Leaves at the n-th flush or finish: half of its audio, then this close (None: end of TCP)."""

    def __init__(self, code: int | None, reason: str = "", *, at: int = 1, share: float = 0.5) -> None:
        super().__init__()
        self.code = code
        self.reason = reason
        self.at = at
        self.share = share

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        if kind == "flush" and session.answered + 1 < self.at:
            await super().answer(session, kind, text, nonce)
            return
        audio = self.audio(text)
        half = audio[: round(len(audio) * self.share)]
        for start in range(0, len(half), 65536):
            await session.send(half[start : start + 65536])
        if self.code is None:
            session.cut()
        else:
            await session.close(self.code, self.reason)


class LeavesAtOnce(Behaviour):
    """Closes before `ready`, with this code (None: TCP reset)."""

    def __init__(self, code: int | None) -> None:
        super().__init__()
        self.code = code

    async def greet(self, session: Session) -> None:
        if self.code is None:
            session.cut(reset=True)
        else:
            await session.close(self.code)


class LeavesWithText(Behaviour):
    """Sends no `ready` and drops the connection as soon as it has received text."""

    def __init__(self) -> None:
        super().__init__(at_once=True)

    async def greet(self, session: Session) -> None:
        return

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        session.cut(reset=True)


class Floods(Behaviour):
    """Once it has text, sends audio as fast as it is read: `total` bytes, or without end."""

    def __init__(self, total: float = float("inf")) -> None:
        super().__init__(at_once=True)
        self.total = total

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        while session.audio_sent < self.total:
            await session.send(bytes(65536))
            await asyncio.sleep(0)
        await super().answer(session, kind, text, nonce)


class Stalls(Behaviour):
    """Sends `ready`, then reads nothing more: no text, no ping, no close."""

    async def greet(self, session: Session) -> None:
        await super().greet(session)
        session.stop_reading()


class NeverCloses(Behaviour):
    """Speaks everything and keeps the connection open after `finish`."""

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        if kind == "finish":
            await session.speak(text)
        else:
            await super().answer(session, kind, text, nonce)


class NeverConfirms(Behaviour):
    """Speaks everything, answers no flush, and still closes 1000 after `finish`."""

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        await session.speak(text)
        if kind == "finish":
            await session.close(1000)


class GivesNoAudio(Behaviour):
    """Confirms everything and speaks nothing."""

    async def speak(self, session: Session, text: str) -> None:
        return


class SaysMore(Behaviour):
    """Speaks in fragments, with empty messages and unknown types and fields in between."""

    async def greet(self, session: Session) -> None:
        await session.send("ready", request_id=REQUEST_ID, region="moon")
        await session.send("weather", outlook="bright")

    async def speak(self, session: Session, text: str) -> None:
        audio = self.audio(text)
        await session.send(b"")
        await session.send("viseme", shapes=[1, 2, 3])
        if audio and text.strip():
            await session.send([audio[:1], b"", audio[1:]])


class SpeaksGeneration(Behaviour):
    """An older service without `ready`: generation 1 has extras before audio, generation 2 sends complete."""

    def __init__(self, generation: int, *, extras: bool = True) -> None:
        super().__init__(at_once=True)
        self.generation = generation
        self.extras = extras

    async def greet(self, session: Session) -> None:
        return

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        if self.generation == 1 and self.extras:
            durations = [{"text": text, "start": 0.0, "duration": 0.1}]
            await session.send_raw(json.dumps({"durations": durations, "buffer_empty": True}))
        await session.speak(text)
        if self.generation == 2:
            await session.send_raw(json.dumps({"complete": "flush", "nonce": nonce}))


BEHAVIOURS: dict[str, Behaviour] = {
    "speaks": Behaviour(),
    "speaks at once": Behaviour(at_once=True),
    "is ready when told": Behaviour(waits={"ready"}),
    "speaks when told": Behaviour(waits={"audio"}),
    "confirms when told": Behaviour(waits={"flush_complete"}),
    "closes when told": Behaviour(waits={"close"}),
    "repeats the header": Behaviour(repeats_header=True),
    "repeats the header in splinters": Behaviour(repeats_header=True, frame=7),
    "refuses the key": Fails("authentication_error", "Invalid API key"),
    "legacy string error": Says({"error": "Invalid API key"}, code=1002),
    "speaks generation 1": SpeaksGeneration(1),
    "speaks generation 1 without extras": SpeaksGeneration(1, extras=False),
    "speaks generation 2": SpeaksGeneration(2),
    "hangs up mid-word": HangsUp(1000),
    "drops the line mid-word": HangsUp(None),
    "1011 after audio": HangsUp(1011, "synthesis failed"),
    "leaves with the text": LeavesWithText(),
    "floods": Floods(),
    "stalls": Stalls(),
    "never closes": NeverCloses(),
    "never confirms": NeverConfirms(),
    "gives no audio": GivesNoAudio(),
    "says more": SaysMore(),
}
