"""Messages are printed when they would be sent: `lmnt_cli.preview`. See tests/program/test_dry_run.py."""

from __future__ import annotations

import json

import anyio
import pytest

from lmnt_cli.core.preview import Preview
from lmnt_cli.core.session.requests import Init
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.preview import NO_KEY, print_preview
from lmnt_cli.settings import TextSettings


class Typist:
    """Types a line, and the rest once the flush for the pause was printed."""

    def __init__(self, printed: pytest.CaptureFixture[bytes]) -> None:
        self._printed = printed
        self._blocks = [b"One", b" two"]
        self.seen = b""

    async def read(self) -> bytes:
        while self._blocks == [b" two"] and b"flush" not in self.seen:
            self.seen += self._printed.readouterr().out
            await anyio.sleep(0.01)
        return self._blocks.pop(0) if self._blocks else b""


def test_a_pause(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A flush for a pause is printed during the pause."""
    typist = Typist(capfdbinary)
    text = TextSettings(None, (), FlushRule.NEVER, flush_idle=0.05, strip=(), max_chars=None, save=False)
    preview = Preview(Init(NO_KEY, "lily", "mp3", 24000), FlushRule.NEVER, 0.05)
    figures = anyio.run(print_preview, preview, typist, text)
    lines = (typist.seen + capfdbinary.readouterr().out).splitlines()

    assert [json.loads(line)["type"] for line in lines] == [
        *("init", "text", "flush", "text", "flush", "finish")
    ]
    assert figures == "7 characters, 6 messages, 2 utterances"
