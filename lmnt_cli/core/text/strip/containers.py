"""The block quotes and list items that contain a line of Markdown (CommonMark, 5)."""

from __future__ import annotations

from ...value import value


# Deeper nesting is treated as this deep.
_DEEPEST = 100
_QUOTE = 0


@value
class Entry:
    """The beginning of a line: `matched` containers continue, then `indent` columns, then `character`.

    `at` is the position of `character`, which is "" if the text ends before it.
    """

    at: int
    matched: int
    indent: int
    character: str


class Containers:
    """The open containers, from the outside in."""

    def __init__(self) -> None:
        # The columns by which the contents of a list item are indented; 0 for a block quote.
        self._widths: list[int] = []

    def __len__(self) -> int:
        return len(self._widths)

    def open_quote(self) -> None:
        """Begin a block quote inside all others."""
        self._open(_QUOTE)

    def open_item(self, width: int) -> None:
        """Begin a list item inside all others; its contents are indented by `width` columns."""
        self._open(width)

    def _open(self, width: int) -> None:
        if len(self._widths) < _DEEPEST:
            self._widths.append(width)

    def close(self, matched: int) -> None:
        """End all but the first `matched`."""
        del self._widths[matched:]

    def enter(self, text: str, at: int) -> Entry:
        """Read the beginning of the line at `at`: white space, and the marks of quotes that continue."""
        matched = indent = 0
        after_mark = False
        while True:
            while at < len(text) and text[at] in " \t":
                # One space after the mark of a quote belongs to it.
                indent += 0 if after_mark else 1 if text[at] == " " else 4 - indent % 4
                after_mark = False
                at += 1
            character = text[at : at + 1]
            while matched < len(self._widths):
                width = self._widths[matched]
                if width == _QUOTE or (character != "\n" and indent < width):
                    break
                indent = max(indent - width, 0)
                matched += 1
            in_quote = matched < len(self._widths) and self._widths[matched] == _QUOTE
            if not (in_quote and character == ">" and indent < 4):
                return Entry(at, matched, indent, character)
            matched += 1
            indent = 0
            after_mark = True
            at += 1
