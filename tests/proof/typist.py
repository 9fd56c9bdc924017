"""The source that types the text of a rehearsal, and when."""

from __future__ import annotations

import asyncio

from lmnt_cli.core.conversation import Conversation
from lmnt_cli.core.session.happenings import Connected, Happening, Lost


BLOCK = 23  # bytes per block of a dribble, which splits words and characters


class Line:
    """The state of the connection to the service: up from `init` until it is lost."""

    def __init__(self) -> None:
        self.is_up = False

    def take(self, happening: Happening) -> None:
        """Take a happening."""
        if isinstance(happening, Connected | Lost):
            self.is_up = isinstance(happening, Connected)


def blocks(text: bytes, typing: str) -> list[bytes]:
    """Return the text as typed: all at once, in a dribble that splits words, or in turns."""
    match typing:
        case "at once":
            return [text]
        case "dribble":
            return [text[at : at + BLOCK] for at in range(0, len(text), BLOCK)]
        case _:
            return [block + b"\n\n" for block in text.split(b"\n\n")]


class Typist:
    """A source of text. In turns, each utterance is typed when the last was heard, or the connection lost."""

    def __init__(self, text: bytes, typing: str, conversation: Conversation, line: Line) -> None:
        self._conversation = conversation
        self._line = line
        self._typing = typing
        self._blocks = blocks(text, typing)

    async def read(self) -> bytes:
        """Return the next block, b"" at the end."""
        if self._typing == "dribble":
            await asyncio.sleep(0.002)  # the speed of typing, which is part of the case
        while self._blocks and self._typing in ("turns", "after drops") and not self._heard:
            await asyncio.sleep(0.002)
        return self._blocks.pop(0) if self._blocks else b""

    @property
    def _heard(self) -> bool:
        """Return whether everything typed was heard, or if required, the connection lost."""
        lost = self._typing == "turns" or not self._line.is_up
        return self._conversation.nothing_owed and lost

    @property
    def first(self) -> bytes:
        """Return the first block."""
        return self._blocks[0]

    def rest(self) -> bytes:
        """Return what was not read."""
        return b"".join(self._blocks)
