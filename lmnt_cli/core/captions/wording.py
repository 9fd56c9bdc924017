"""Text split into the words that subtitles show, as sent.

A word includes its punctuation: closing marks belong to the word before them, an opening quote or bracket to
the word after it. In scripts written without spaces each character is a word, with its combining marks,
because a line may break after any of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from ..text.flush_rules import FlushRule, boundaries_of, ends_in
from ..text.scripts import is_spaceless
from ..value import value


_OPENING = ("Ps", "Pi")
_COMBINING = ("Mn", "Mc", "Me", "Cf")


@value
class Written:
    """A word of the text. `spaced` is whether a space separates it from the previous word."""

    text: str
    spaced: bool
    ends_sentence: bool = False


def split_words(text: str) -> list[Written]:
    """Return the words of one utterance, in order; empty if the text has no letters or digits."""
    splitter = _Splitter()
    ends = _sentence_ends(text)
    # ASCII letters and digits in a row stay together, so they are fed together. Compiled when first used.
    for run in re.finditer(r"[0-9A-Za-z]+|.", text, re.DOTALL):
        splitter.feed(run[0])
        if run.end() in ends:
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
    """Builds words from characters, or rows of ASCII letters and digits, in time linear in the text.

    Marks directly after a word belong to it. Marks after a space are loose until the next character: a letter
    makes them the beginning of its word; another space makes them the end of the previous word, unless they
    are opening brackets or quotes.
    """

    def __init__(self) -> None:
        self._words: list[Written] = []  # those that cannot change any more
        self._word = _Word(spaced=False)  # the last one, empty before the first
        self._loose: list[str] = []
        self._loose_opens = True  # whether the loose marks are opening brackets or quotes only
        self._loose_spaced = False
        self._gap = False  # whether a space follows the last word or mark

    def feed(self, character: str) -> None:
        if character.isspace():
            self._settle_loose()
            self._gap = True
        elif character.isalnum():
            self._add_letters(character)
        elif unicodedata.category(character) in _COMBINING:
            self._extend(character)
        elif self._gap or self._loose or not self._word.pieces or self._begins_anew(character):
            if not self._loose:
                self._loose_spaced = self._gap and bool(self._word.pieces)
                self._loose_opens = True
            self._loosen(character)
            self._gap = False
        else:
            self._word.add(character)

    def end_sentence(self) -> None:
        """Mark the last word as the end of a sentence."""
        self._settle_loose()
        self._word.ends_sentence = True

    def finish(self) -> list[Written]:
        """Return all words; loose marks belong to the last."""
        if not self._word.pieces:
            return []
        if self._loose:
            self._word.add(" " * self._loose_spaced + "".join(self._loose).rstrip())
        return [*self._words, self._word.written]

    def _add_letters(self, letters: str) -> None:
        """Continue the current word, or begin the next with the loose marks before it."""
        joins = self._word.pieces and not self._gap and not self._loose
        if joins and not self._word.is_spaceless and not is_spaceless(letters):
            self._word.add(letters)
            return
        spaced = self._loose_spaced if self._loose else self._gap and bool(self._word.pieces)
        if self._word.pieces:
            self._words.append(self._word.written)
        self._word = _Word(spaced=spaced)
        loose = "".join(self._loose)
        # After marks of a script without spaces a word is complete with its first letter.
        taken = 1 if any(map(is_spaceless, loose)) else len(letters)
        self._word.add(loose + letters[:taken])
        self._loose.clear()
        self._gap = self._loose_spaced = False
        if taken < len(letters):
            self._add_letters(letters[taken:])

    def _begins_anew(self, character: str) -> bool:
        return unicodedata.category(character) in _OPENING and self._word.is_spaceless

    def _extend(self, mark: str) -> None:
        if self._loose or not self._word.pieces:
            self._loosen(mark)
        else:
            self._word.add(mark)

    def _loosen(self, mark: str) -> None:
        self._loose.append(mark)
        self._loose_opens = self._loose_opens and unicodedata.category(mark) in _OPENING

    def _settle_loose(self) -> None:
        """Decide at white space: loose marks end the word before, unless they only open."""
        if not self._loose:
            return
        if self._word.pieces and not self._loose_opens:
            self._word.add(" " * self._loose_spaced + "".join(self._loose))
            self._loose.clear()
            self._loose_spaced = False
        elif self._loose[-1] != " ":
            self._loose.append(" ")


@dataclass
class _Word:
    """A word that may still grow."""

    spaced: bool
    ends_sentence: bool = False
    is_spaceless: bool = False
    pieces: list[str] = field(default_factory=list)

    def add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.is_spaceless = self.is_spaceless or (not piece.isascii() and any(map(is_spaceless, piece)))

    @property
    def written(self) -> Written:
        return Written("".join(self.pieces), self.spaced, self.ends_sentence)
