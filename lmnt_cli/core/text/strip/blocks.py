"""Removes Markdown from a stream of text, line by line (CommonMark 0.31 and GFM).

Text without marks is passed on at once. A block that is not spoken leaves a blank line, so that the flush
rule sees the end of a paragraph.

Differences from CommonMark: indented code, and the contents of HTML blocks other than tags, are text; bullets
may be indented by any depth; `[label][ref]` is a link whether or not `ref` is defined; a link definition or a
tag must be on one line; see also `inline`, and `pause`.
"""

from __future__ import annotations

from .heads import Heads
from .lines import Lines
from .stream import Stream


class Markdown:
    """The filter for Markdown."""

    def __init__(self) -> None:
        self._stream = Stream()
        self._lines = Lines(self._stream)
        self._heads = Heads(self._stream, self._lines)

    @property
    def unclosed(self) -> str | None:
        """The name for users of the dropped block that has not been closed yet, if any."""
        return self._heads.dropped.name if self._heads.dropped is not None else None

    def feed(self, text: str) -> str:
        """Take more text; return the text certain to be spoken."""
        self._stream.add(text)
        while self._stream.at < len(self._stream.text) and self._step():
            pass
        return self._stream.take_spoken()

    def pause(self) -> str:
        """Return the words held while no text has come for long (--flush-idle).

        A pause shows no marks. Those that are open are dropped with what closes them: of `**very` the word is
        spoken, and `**` is dropped when it comes; a mark that is never closed is lost. Heads, tags, entities
        and addresses wait for their end; a row that begins with a pipe waits for the next row. Other rows are
        read as text, and so are labels at the beginning of a line.
        """
        spoken = ""
        if self._heads.dropped is None:
            if not self._heads.ended and not self._lines.holds_row:
                self._heads.pause()
                spoken = self.feed("")
            if self._heads.ended or self._lines.holds_row:
                self._lines.pause()
        return spoken + self.feed("")

    def finish(self) -> str:
        """End the text; return what was still held."""
        # Every mark is known by the end of its line. This line feed is not part of the text.
        spoken = self.feed("\n")
        if self._lines.holds_row:
            self._lines.release_row()
            spoken += self._stream.take_spoken()
        return spoken.removesuffix("\n")

    def _step(self) -> bool:
        """Read further; return False if that requires more text."""
        if self._heads.dropped is not None:
            return self._drop()
        if self._lines.holds_row:
            return self._lines.judge_row()
        if not self._heads.ended:
            return self._heads.read()
        ended = self._lines.read()
        if ended:
            self._heads.begin()
        return ended is not None

    def _drop(self) -> bool:
        block = self._heads.dropped
        assert block is not None, "checked by _step"
        self._stream.at = block.drop(self._stream.text, self._stream.at)
        if block.ended:
            self._heads.dropped = None
            self._heads.begin()
        return block.ended
