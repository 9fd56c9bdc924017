"""The ways to do the job: ours, and three that others might choose."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.service import READY


HERE = Path(__file__).parent


@dataclass(frozen=True)
class Way:
    """A program that reads text and writes audio; with `messages`, it reads and writes protocol messages."""

    name: str
    command: tuple[str, ...]
    messages: bool = False

    def to(self, base_url: str) -> tuple[str, ...]:
        """Return the command for a service; only websocat takes it as an argument."""
        if self.name != "websocat":
            return self.command
        return (*self.command, base_url.replace("http", "ws", 1) + "/v1/ai/speech/stream")

    def spoken(self, text: bytes) -> bytes:
        """Return the form of a piece of text on standard input."""
        return _lines({"type": "text", "text": text.decode()}) if self.messages else text

    @property
    def preamble(self) -> int:
        """The number of bytes before the audio: `ready`, on a line."""
        return len(READY) + 1 if self.messages else 0

    @property
    def around(self) -> int:
        """The number of bytes written with each message that are not audio: a frame's head, a line's end."""
        return {"websocat": 1, "raw": 4}.get(self.name, 0)

    @property
    def opening(self) -> bytes:
        """The first bytes to write."""
        first = {"X-API-Key": "k" * 20, "lmnt-version": "1.2", "voice": "lily", "format": "mp3"}
        return _lines(first) if self.messages else b""

    @property
    def ending(self) -> bytes:
        """The last bytes to write."""
        return _lines({"type": "finish"}) if self.messages else b""

    def whole(self, text: bytes) -> bytes:
        """Return the whole standard input."""
        return self.opening + self.spoken(text) + self.ending


def _lines(message: dict[str, str]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def all_ways(ours: str, others: Sequence[str]) -> list[Way]:
    """Return the available ways; `others` are further versions of ours as NAME=PROGRAM."""
    ways = [Way("ours", (ours,))]
    for other in others:
        name, _, program = other.partition("=")
        ways.append(Way(name, (program,)))
    ways.append(Way("bare", (sys.executable, str(HERE / "bare.py"))))
    ways.append(Way("sdk", (sys.executable, str(HERE / "with_sdk.py"))))
    if found := shutil.which("websocat") or shutil.which("websocat", path=Path(sys.executable).parent):
        # Its own close frame would end the session before the audio arrives.
        ways.append(Way("websocat", (found, "--no-close", "--buffer-size", "131072"), messages=True))
    return ways


RAW = Way("raw", (sys.executable, "-I", "-S", str(HERE / "raw.py")))
