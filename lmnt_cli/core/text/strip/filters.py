"""What `--strip` takes out of the text, before it is cut into utterances."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Strip(enum.Enum):
    """A kind of thing that is not to be spoken."""

    MARKDOWN = "markdown"
    EMOJI = "emoji"


@dataclass(frozen=True)
class Stripped:
    """What is not spoken: so many `characters` of all that were `read`.

    `unclosed` is the block that the text ends in, as its user calls it, if that is not spoken and not closed.
    """

    characters: int
    read: int
    unclosed: str | None = None


class Filter(Protocol):
    """A filter for text in any pieces. What it returns does not depend on where they are cut."""

    def feed(self, text: str) -> str:
        """Take more text; return what is known to be spoken."""
        ...

    def finish(self) -> str:
        """End the text; return what was still held."""
        ...


class Stripper:
    """The filters of a run, one after the other.

    `given` and `kept` count the characters before and after them.
    """

    def __init__(self, kinds: Iterable[Strip]) -> None:
        self.given = self.kept = 0
        self._markdown = None
        self._filters: list[Filter] = []
        # Imported late: most runs strip nothing. Markdown goes first: it knows what is a list and what code.
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
        """The block that the text has not closed so far."""
        return self._markdown.unclosed if self._markdown is not None else None

    @property
    def stripped(self) -> int:
        """How many characters were taken out, or are still held."""
        return self.given - self.kept

    def feed(self, text: str) -> str:
        """Take more text; return what is known to be spoken."""
        self.given += len(text)
        for each in self._filters:
            text = each.feed(text)
        self.kept += len(text)
        return text

    def finish(self) -> str:
        """End the text; return what was still held."""
        text = ""
        for each in self._filters:
            text = each.feed(text) + each.finish()
        self.kept += len(text)
        return text
