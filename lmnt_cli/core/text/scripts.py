"""Scripts that are written without spaces between words."""

from __future__ import annotations


# Thai and Lao, Burmese, Khmer, Chinese and Japanese with their punctuation. Not a regular expression:
# compiling it would add two milliseconds to every start.
_SPACELESS = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u2e80", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\uff00", "\uffef"),
    ("\U00020000", "\U0003ffff"),
)
_FIRST = _SPACELESS[0][0]


def is_spaceless(character: str) -> bool:
    """Return whether a word may end after this character without a space."""
    return character >= _FIRST and any(first <= character <= last for first, last in _SPACELESS)
