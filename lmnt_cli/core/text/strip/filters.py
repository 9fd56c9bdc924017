"""The filters of `--strip`, which clean the text before it is cut into utterances."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Strip(enum.Enum):
    """A kind of content that is not spoken."""

    MARKDOWN = "markdown"
    EMOJI = "emoji"


class Stripped(NamedTuple):
    """The amount of text removed: `characters` of the characters `read`.

    `unclosed` is the name for users of the dropped block in which the text ended, if it was not closed.
    """

    characters: int
    read: int
    unclosed: str | None = None


class Filter(Protocol):
    """A filter for text in pieces. The result does not depend on where they are cut."""

    def feed(self, text: str) -> str:
        """Take more text; return the text certain to be spoken."""
        ...

    def pause(self) -> str:
        """Return the words held while no text has come for long; marks stay held or are dropped."""
        ...

    def finish(self) -> str:
        """End the text; return what was still held."""
        ...


class Stripper:
    """The filters of a run, applied one after another.

    `given` and `kept` count the characters before and after them.
    """

    def __init__(self, kinds: Iterable[Strip]) -> None:
        self.given = self.kept = 0
        self._markdown = None
        self._filters: list[Filter] = []
        # Imported late: most runs strip nothing. Markdown goes first, because it recognises lists and code.
        chosen = set(kinds)
        if Strip.MARKDOWN in chosen:
            from .blocks import Markdown

            self._markdown = Markdown()
            self._filters.append(self._markdown)
        if Strip.EMOJI in chosen:
            from .emoji import Emoji

            self._filters.append(Emoji())

    @property
    def unclosed(self) -> str | None:
        """The name for users of the block that has not been closed yet, if any."""
        return self._markdown.unclosed if self._markdown is not None else None

    @property
    def stripped(self) -> int:
        """How many characters were removed or are still held."""
        return self.given - self.kept

    def feed(self, text: str) -> str:
        """Take more text; return the text certain to be spoken."""
        self.given += len(text)
        for each in self._filters:
            text = each.feed(text)
        self.kept += len(text)
        return text

    def pause(self) -> str:
        """Return the words held while no text has come for long."""
        text = ""
        for each in self._filters:
            text = each.feed(text) + each.pause()
        self.kept += len(text)
        return text

    def finish(self) -> str:
        """End the text; return what was still held."""
        text = ""
        for each in self._filters:
            text = each.feed(text) + each.finish()
        self.kept += len(text)
        return text
