"""Text split into the words that subtitles show, as sent.

A word includes its punctuation: closing marks belong to the word before them, an opening quote or bracket to
the word after it. In scripts written without spaces each character is a word, with its combining marks,
because a line may break after any of them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ..text.flush_rules import FlushRule, boundaries_of, ends_in
from ..text.scripts import is_spaceless


_OPENING = ("Ps", "Pi")
_COMBINING = ("Mn", "Mc", "Me", "Cf")


@dataclass(frozen=True)
class Written:
    """A word of the text. `spaced` is whether a space separates it from the previous word."""

    text: str
    spaced: bool
    ends_sentence: bool = False


def split_words(text: str) -> list[Written]:
    """Return the words of one utterance, in order; empty if the text has no letters or digits."""
    splitter = _Splitter()
    ends = _sentence_ends(text)
    for offset, character in enumerate(text):
        splitter.feed(character)
        if offset + 1 in ends:
            splitter.end_sentence()
    return splitter.finish()


def _sentence_ends(text: str) -> set[int]:
    """Return the offsets at which a sentence ends, before the white space that follows it."""
    ends = set()
    for end in ends_in(boundaries_of(FlushRule.SENTENCE), text + "\n"):
        end = min(end, len(text))
        while end and text[end - 1].isspace():
            end -= 1
        ends.add(end)
    return ends


class _Splitter:
    """Builds words character by character.

    Marks directly after a word belong to it. Marks after a space are loose until the next character: a letter
    makes them the beginning of its word; another space makes them the end of the previous word, unless they
    are opening brackets or quotes.
    """

    def __init__(self) -> None:
        self._words: list[Written] = []
        self._loose = ""
        self._gap = False  # whether a space follows the last word or mark
        self._loose_spaced = False

    def feed(self, character: str) -> None:
        if character.isspace():
            self._settle_loose()
            self._gap = True
        elif character.isalnum():
            self._add_letter(character)
        elif unicodedata.category(character) in _COMBINING:
            self._extend(character)
        elif self._gap or self._loose or not self._words or self._begins_anew(character):
            if not self._loose:
                self._loose_spaced = self._gap and bool(self._words)
            self._loose += character
            self._gap = False
        else:
            self._append(character)

    def end_sentence(self) -> None:
        """Mark the last word as the end of a sentence."""
        self._settle_loose()
        if self._words:
            last = self._words[-1]
            self._words[-1] = Written(last.text, last.spaced, ends_sentence=True)

    def finish(self) -> list[Written]:
        """Return all words; loose marks belong to the last."""
        if self._loose and self._words:
            self._append(" " * self._loose_spaced + self._loose.rstrip())
        return self._words

    def _add_letter(self, character: str) -> None:
        joins = self._words and not self._gap and not self._loose
        if joins and not is_spaceless(character) and not self._is_spaceless_word():
            self._append(character)
            return
        spaced = self._loose_spaced if self._loose else self._gap and bool(self._words)
        self._words.append(Written(self._loose + character, spaced))
        self._loose = ""
        self._gap = self._loose_spaced = False

    def _begins_anew(self, character: str) -> bool:
        return unicodedata.category(character) in _OPENING and self._is_spaceless_word()

    def _is_spaceless_word(self) -> bool:
        return any(map(is_spaceless, self._words[-1].text))

    def _extend(self, mark: str) -> None:
        if self._loose or not self._words:
            self._loose += mark
        else:
            self._append(mark)

    def _settle_loose(self) -> None:
        if not self._loose:
            return
        if self._words and not all(unicodedata.category(mark) in _OPENING for mark in self._loose.strip()):
            self._append(" " * self._loose_spaced + self._loose)
            self._loose = ""
            self._loose_spaced = False
        elif not self._loose.endswith(" "):
            self._loose += " "

    def _append(self, marks: str) -> None:
        last = self._words[-1]
        self._words[-1] = Written(last.text + marks, last.spaced, last.ends_sentence)
