"""The ways to do the job: ours, and three that others would choose."""

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
    """A program that reads text and writes audio; with `messages` it reads the protocol's own messages."""

    name: str
    command: tuple[str, ...]
    messages: bool = False

    def to(self, base_url: str) -> tuple[str, ...]:
        """Return the command for a service; only websocat is told by an argument."""
        if self.name != "websocat":
            return self.command
        return (*self.command, base_url.replace("http", "ws", 1) + "/v1/ai/speech/stream")

    def spoken(self, text: bytes) -> bytes:
        """Return what stands for a piece of text on standard input."""
        return _lines({"type": "text", "text": text.decode()}) if self.messages else text

    @property
    def preamble(self) -> int:
        """How many bytes come before the audio: `ready`, in a line."""
        return len(READY) + 1 if self.messages else 0

    @property
    def around(self) -> int:
        """How many bytes are written with each message that are no audio: a frame's head, a line's end."""
        return {"websocat": 1, "raw": 4}.get(self.name, 0)

    @property
    def opening(self) -> bytes:
        """What is to be written first."""
        first = {"X-API-Key": "k" * 20, "lmnt-version": "1.2", "voice": "lily", "format": "mp3"}
        return _lines(first) if self.messages else b""

    @property
    def ending(self) -> bytes:
        """What is to be written last."""
        return _lines({"type": "finish"}) if self.messages else b""

    def whole(self, text: bytes) -> bytes:
        """Return a whole standard input."""
        return self.opening + self.spoken(text) + self.ending


def _lines(message: dict[str, str]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def all_ways(ours: str, others: Sequence[str]) -> list[Way]:
    """Return the ways that are here; `others` are further versions of ours as NAME=PROGRAM."""
    ways = [Way("ours", (ours,))]
    for other in others:
        name, _, program = other.partition("=")
        ways.append(Way(name, (program,)))
    ways.append(Way("bare", (sys.executable, str(HERE / "bare.py"))))
    ways.append(Way("sdk", (sys.executable, str(HERE / "with_sdk.py"))))
    if found := shutil.which("websocat") or shutil.which("websocat", path=Path(sys.executable).parent):
        # Its own Close would end the session before the audio came.
        ways.append(Way("websocat", (found, "--no-close", "--buffer-size", "131072"), messages=True))
    return ways


RAW = Way("raw", (sys.executable, "-I", "-S", str(HERE / "raw.py")))
