"""JSON as the program writes it, for people and programs alike: events, lists, subtitles."""

from __future__ import annotations

import json
import re


# Characters that a terminal acts on or that change the direction of the text after them, and surrogates,
# which UTF-8 cannot encode. JSON itself only escapes the first 32 characters.
_UNSAFE = "[\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


def to_json(content: object, *, indent: int | None = None) -> str:
    """Return JSON text in one line unless indented; letters are not escaped, terminal controls are."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(content, ensure_ascii=False, separators=separators, indent=indent)
    if text.isascii() and "\x7f" not in text:
        return text
    # Outside strings JSON is ASCII, so every match is inside one, where it can be escaped.
    return re.sub(_UNSAFE, lambda found: f"\\u{ord(found[0]):04x}", text)
