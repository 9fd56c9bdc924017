"""The text that a filter has at hand, how far it is read, and what of it is spoken."""

from __future__ import annotations

import re

from .inline import LONGEST
from .patterns import pattern


class Stream:
    """Text in pieces, with a place in it. `at` is where reading continues."""

    def __init__(self) -> None:
        self.text = ""
        self.at = 0
        self._spoken: list[str] = []

    def add(self, text: str) -> None:
        """Take more text; what is read already is forgotten."""
        self.text = self.text[self.at :] + text
        self.at = 0

    def say(self, text: str) -> None:
        """Note what is spoken."""
        self._spoken.append(text)

    def take_spoken(self) -> str:
        """Return what was spoken since the last call."""
        spoken = "".join(self._spoken)
        self._spoken.clear()
        return spoken

    # A mark is looked for in so many characters only, whether they have come at once or not.

    def look(self, name: str) -> re.Match[str] | None:
        """Return the match of this pattern here."""
        return pattern(name).match(self.text, self.at, self.at + LONGEST + 1)

    def may_be(self, name: str) -> bool:
        """Return whether what is at hand may become a match of this pattern."""
        if len(self.text) - self.at > LONGEST:
            return False
        return pattern(f"{name} begins").match(self.text, self.at) is not None
