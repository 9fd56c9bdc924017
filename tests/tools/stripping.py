"""Feed filters in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lmnt_cli.core.text.strip.filters import Filter


def filtered(new: Callable[[], Filter], pieces: Iterable[str]) -> str:
    """Return what a new filter leaves of text that arrives in these pieces."""
    each = new()
    return "".join(map(each.feed, pieces)) + each.finish()


def pieces_of(text: str, size: int) -> list[str]:
    """Return the text in pieces of this size."""
    return [text[at : at + size] for at in range(0, len(text), size)]
