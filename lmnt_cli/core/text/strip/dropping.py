"""Blocks that are not spoken, dropped as they arrive: fenced code, a model's thoughts, comments.

Each holds no more text than is needed to recognise the end of the block.
"""

from __future__ import annotations

import re
from typing import Protocol

from .containers import Containers


# Anything longer is neither a tag nor the beginning of a line that ends a fence.
_LONGEST = 1000


class Block(Protocol):
    """A block that is being dropped. `name` is its name for users."""

    name: str

    @property
    def ended(self) -> bool: ...

    def drop(self, text: str, at: int) -> int:
        """Drop the block's text from `at` on; return where the text continues.

        If the block has not ended, the text from there on waits for more.
        """
        ...


class Fence:
    """Fenced code: up to a line of at least as many marks, or the end of its container."""

    name = "code block"

    def __init__(self, marks: str, containers: Containers) -> None:
        self.ended = False
        self._containers = containers
        self._end = re.compile(f"{marks[0]}{{{len(marks)},}}+[ \t]*+\n")
        self._end_begins = re.compile(f"{marks[0]}*+[ \t]*+\\Z")
        # The rest of the first line names the language.
        self._at_line_begin = False

    def drop(self, text: str, at: int) -> int:
        """Drop code, line by line."""
        while at < len(text):
            if self._at_line_begin:
                entry = self._containers.enter(text, at)
                may_wait = len(text) - at <= _LONGEST
                if not entry.character and may_wait:
                    return at
                if entry.matched < len(self._containers):
                    self.ended = True
                    return at
                if entry.indent < 4 and (match := self._end.match(text, entry.at)):
                    self.ended = True
                    return match.end()
                if self._end_begins.match(text, entry.at) and may_wait:
                    return at
            end = text.find("\n", at) + 1
            self._at_line_begin = end > 0
            at = end or len(text)
        return at


class Element:
    """An HTML element with its contents, including nested elements of the same name."""

    def __init__(self, name: str) -> None:
        self.name = f"<{name}>"
        self.ended = False
        self._depth = 1
        self._tag = re.compile(rf"<(/?){name}(?:\s[^<>]*+)?+>", re.IGNORECASE)

    def drop(self, text: str, at: int) -> int:
        """Drop everything up to the end tag."""
        while match := self._tag.search(text, at):
            at = match.end()
            self._depth += -1 if match[1] else 1
            if not self._depth:
                self.ended = True
                return at
        last = text.rfind("<", max(at, len(text) - _LONGEST))
        return last if last >= 0 and ">" not in text[last:] else len(text)


class Comment:
    """An HTML comment."""

    name = "comment"

    def __init__(self) -> None:
        self.ended = False

    def drop(self, text: str, at: int) -> int:
        """Drop everything up to the end of the comment."""
        end = text.find("-->", at)
        if end < 0:
            return max(at, len(text) - 2)
        self.ended = True
        return end + 3
