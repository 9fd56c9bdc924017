"""The width of text on a terminal, in columns."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def cells(text: str) -> int:
    """Return the number of terminal columns that the text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=256)
def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int, ellipsis: str) -> str:
    """Return the text, truncated to `width` columns with an ellipsis if it is longer."""
    if cells(text) <= width:
        return text
    room, kept = width - len(ellipsis), 0
    while (room := room - _columns(text[kept])) >= 0:
        kept += 1
    return text[:kept] + ellipsis
