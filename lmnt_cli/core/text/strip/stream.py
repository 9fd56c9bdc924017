"""The text available to a filter, how far it has been read, and the part of it that is spoken."""

from __future__ import annotations

import re

from .inline import LONGEST
from .patterns import pattern


class Stream:
    """Text that arrives in pieces, with a position in it: reading continues at `at`."""

    def __init__(self) -> None:
        self.text = ""
        self.at = 0
        self._spoken: list[str] = []

    def add(self, text: str) -> None:
        """Take more text; forget the text already read."""
        self.text = self.text[self.at :] + text
        self.at = 0

    def say(self, text: str) -> None:
        """Pass text on, to be spoken."""
        self._spoken.append(text)

    def take_spoken(self) -> str:
        """Return the text passed on since the last call."""
        spoken = "".join(self._spoken)
        self._spoken.clear()
        return spoken

    # A mark is only looked for in this many characters, whether or not they have arrived at once.

    def look(self, name: str) -> re.Match[str] | None:
        """Return the match of this pattern here."""
        return pattern(name).match(self.text, self.at, self.at + LONGEST + 1)

    def may_be(self, name: str) -> bool:
        """Return whether the text here may become a match of this pattern."""
        if len(self.text) - self.at > LONGEST:
            return False
        return pattern(f"{name} begins").match(self.text, self.at) is not None
