"""Looks words up in a lexicon of 90,000 entries without parsing it, by bisecting its sorted JSON text.

Parsing it takes as long as starting the rest of the service. A lookup takes 30 µs.
"""

from __future__ import annotations

import functools
import json
from typing import Any


# The range of text to parse after bisecting, in bytes. An entry has about 30.
_SHORT = 1000
# The longest entry whose value is an object, in bytes.
_LONGEST = 1000
# How many lookups are cached, since text repeats its words.
_REMEMBERED = 8192


class SortedLexicon:
    """A lexicon in a JSON object without white space whose names are sorted and contain no escapes.

    Values are strings or short objects of strings. The caller must know that the text has this form.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.get = functools.lru_cache(_REMEMBERED)(self._get)

    def _get(self, word: str) -> Any:
        """Return the entry of a word, or None if it has none."""
        name = word.encode(errors="replace")
        # Each is the position of an entry's first quote or of the last brace.
        low, high = 1, len(self._text) - 1
        while high - low > _SHORT:
            middle = self._next_entry((low + high) // 2)
            if middle >= high:
                break
            if self._text[middle + 1 : self._text.index(b'"', middle + 1)] <= name:
                low = middle
            else:
                high = middle
        entries: dict[str, Any] = json.loads(b"{%b}" % self._text[low:high].rstrip(b","))
        return entries.get(word)

    def _next_entry(self, position: int) -> int:
        """Return where the next entry begins, or the end of the text."""
        text = self._text
        comma = text.find(b',"', position)
        end = len(text) - 1
        if comma < 0:
            return end
        closing = text.find(b"}", comma, comma + _LONGEST)
        if 0 <= closing < end and text.find(b"{", comma, closing) < 0:
            # The comma is inside the value of an entry.
            comma = text.find(b',"', closing)
        return end if comma < 0 else comma + 1
