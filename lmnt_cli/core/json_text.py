"""JSON as the program writes it, for people and programs alike: events, lists, subtitles."""

from __future__ import annotations

import json
import re


# What a terminal would act on, what changes the direction of the text after it, and halves of surrogate
# pairs, which are no UTF-8. JSON itself escapes only the first 32 of them.
_UNSAFE = "[\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


def to_json(content: object, *, indent: int | None = None) -> str:
    """Return JSON text: letters as they are, nothing that a terminal acts on, in one line unless indented."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(content, ensure_ascii=False, separators=separators, indent=indent)
    if text.isascii() and "\x7f" not in text:
        return text
    # Outside strings JSON is ASCII, so whatever is found is within one, where it can be escaped.
    return re.sub(_UNSAFE, lambda found: f"\\u{ord(found[0]):04x}", text)
