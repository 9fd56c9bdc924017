"""Placement of the words of the text in the audio, by the service's word times.

The service's tokens are not always the words of the text: it may spell out a number, split a word, or join
two. Subtitles show the text, so tokens only contribute their times. Text and tokens are compared by their
letters and digits alone. Where they diverge, the nearest point at which they agree again is found; the words
up to it share the time in between in proportion to their length.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence

from ..value import value
from .wording import Written


# How far to search when text and tokens diverge: in tokens, and in letters of the text.
_TOKENS_AHEAD = 12
_LETTERS_AHEAD = 120
# A token this long is sufficient evidence by itself; a shorter one needs the next token to agree as well.
_LANDMARK = 5


@value
class TimedToken:
    """A token of the service, with its times in seconds of the written audio."""

    text: str
    start: float
    end: float


@value
class Word:
    """A word as sent, and when it is heard, in seconds of the written audio.

    `spaced` is whether a space separates it from the previous word, `closes` whether it ends a sentence or
    its utterance.
    """

    text: str
    start: float
    end: float
    utterance: int
    spaced: bool = True
    closes: bool = False


def place_words(
    words: Sequence[Written], tokens: Sequence[TimedToken], start: float, end: float, utterance: int
) -> list[Word]:
    """Return every word with its times, in order, within the audio from `start` to `end`.

    Times never decrease and never overlap. Without usable tokens the words share the audio by their length.
    """
    letters = [letters_of(word.text) for word in words]
    offsets = [0]
    for each in letters:
        offsets.append(offsets[-1] + len(each))
    known = _known_times("".join(letters), offsets, tokens, start, end)
    placed: list[Word] = []
    for number, word in enumerate(words):
        first = _time_at(known, offsets[number], starts=True)
        last = max(first, _time_at(known, offsets[number + 1], starts=False))
        placed.append(Word(word.text, first, last, utterance, word.spaced, word.ends_sentence))
    return placed


@value
class _Known:
    """Letters `first` to `last` of the text are heard from `start` to `end`."""

    first: int
    last: int
    start: float
    end: float


def _known_times(
    text: str, offsets: Sequence[int], tokens: Sequence[TimedToken], start: float, end: float
) -> list[_Known]:
    """Return the ranges whose times are known and the unknown ones between them, in order."""
    found: list[_Known] = []
    position = 0
    heard = start
    for first, last, token in _matches(text, offsets, [(letters_of(each.text), each) for each in tokens]):
        begins = min(max(token.start, heard), end)
        ends = min(max(token.end, begins), end)
        if first > position:
            found.append(_Known(position, first, heard, begins))
        found.append(_Known(first, last, begins, ends))
        position, heard = last, ends
    if position < len(text) or not found:
        found.append(_Known(position, max(len(text), 1), heard, max(heard, end)))
    return found


def _matches(
    text: str, offsets: Sequence[int], tokens: Sequence[tuple[str, TimedToken]]
) -> list[tuple[int, int, TimedToken]]:
    """Return which letters of the text each token corresponds to; tokens without any are left out."""
    spoken = [(letters, token) for letters, token in tokens if letters]
    found: list[tuple[int, int, TimedToken]] = []
    position = number = 0
    while number < len(spoken) and position < len(text):
        letters, token = spoken[number]
        if not text.startswith(letters, position):
            nearby = [each for each, _ in spoken[number : number + _TOKENS_AHEAD + 1]]
            ahead = _agreement(text, offsets, position, nearby)
            if ahead is None:
                number += 1
                continue
            skipped, position = ahead
            number += skipped
            letters, token = spoken[number]
        found.append((position, position + len(letters), token))
        position += len(letters)
        number += 1
    return found


def _agreement(
    text: str, offsets: Sequence[int], position: int, spoken: Sequence[str]
) -> tuple[int, int] | None:
    """Return how many tokens to skip and where the text agrees again; None if it does not nearby."""
    best: tuple[int, int, int] | None = None
    word = bisect_right(offsets, position) - 1
    for skipped, letters in enumerate(spoken[:_TOKENS_AHEAD]):
        for number in range(word, len(offsets)):
            start = offsets[number]
            if start - position > _LETTERS_AHEAD or (best and start - position + skipped >= best[0]):
                break
            if start < position or not letters or not text.startswith(letters, start):
                continue
            follows = spoken[skipped + 1] if skipped + 1 < len(spoken) else ""
            if len(letters) >= _LANDMARK or text.startswith(follows, start + len(letters)):
                best = (start - position + skipped, skipped, start)
                break
    return None if best is None else best[1:]


def _time_at(known: Sequence[_Known], offset: int, *, starts: bool) -> float:
    """Return the time at a letter's edge. A word at the border of two ranges starts in the later one."""
    low, high = 0, len(known) - 1
    while low < high:
        middle = (low + high) // 2
        if offset > known[middle].last or (starts and offset == known[middle].last):
            low = middle + 1
        else:
            high = middle
    stretch = known[low]
    share = (offset - stretch.first) / (stretch.last - stretch.first)
    return stretch.start + min(1.0, share) * (stretch.end - stretch.start)


def letters_of(text: str) -> str:
    """Return the letters and digits of a text in a form that can be compared."""
    # Nearly all tokens are ASCII, and often nothing but letters.
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    if folded.isalnum():
        return folded
    return "".join(filter(str.isalnum, folded))
