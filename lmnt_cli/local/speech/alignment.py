"""Computes the length of each written token from the lengths of the spoken ones.

They differ: "$5" is spoken "five dollars". Tokens are matched in order; where written and spoken ones differ,
the written ones share the length of the spoken ones in their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher


# Words (with their apostrophes, hyphens and decimal points), white space, and single other characters.
_TOKEN = re.compile(r"[^\W_]+(?:['’.,:\-][^\W_]+)*|\s+|[^\w\s]|_")


def split_tokens(text: str) -> list[str]:
    """Return the words, spaces and punctuation of a text; joined they are the text."""
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Return whether the token is spoken: it begins with a letter or digit."""
    return token[:1].isalnum()


def token_lengths(written: Sequence[str], spoken: Sequence[tuple[str, int]]) -> list[int]:
    """Return the length of each written token; their sum is that of the spoken ones."""
    result = [0] * len(written)
    here = [index for index, token in enumerate(written) if not token.isspace()]
    matcher = SequenceMatcher(
        None, [_key(written[index]) for index in here], [_key(text) for text, _ in spoken], autojunk=False
    )
    for _, start, end, first, last in matcher.get_opcodes():
        block = [length for _, length in spoken[first:last]]
        if end - start == last - first:
            for index, length in zip(here[start:end], block, strict=True):
                result[index] += length
        else:
            _share(
                result, written, here[start:end] or here[max(start - 1, 0) : start] or here[:1], sum(block)
            )
    return result


def _share(result: list[int], written: Sequence[str], indexes: Sequence[int], total: int) -> None:
    """Divide a length among written tokens by their letters: among the words if there are any."""
    takers = [index for index in indexes if is_word(written[index])] or indexes
    letters = sum(len(written[index]) for index in takers)
    done = 0
    shared = 0
    for index in takers:
        done += len(written[index])
        part = total * done // letters - shared
        result[index] += part
        shared += part


def _key(token: str) -> str:
    return token.lower().replace("’", "'").rstrip(".") or token
