"""The Unicode data behind the sentence rule."""

from __future__ import annotations

import sys
import unicodedata

from lmnt_cli.core.text.sentence_data import ALSO_WORDS, CLDR, CLOSERS, TERMINALS, WIDE, characters
from tests.tools.each import each


def test_characters() -> None:
    """Ranges are written as in a regular expression's class."""
    assert characters("ab-dx") == "abcdx"
    assert characters("\U0001f600-\U0001f602") == "\U0001f600\U0001f601\U0001f602"


def test_closing_punctuation() -> None:
    """The closers are those in Pe, Pf and Pi known to this Python's Unicode."""
    known = {
        chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code)) in ("Pe", "Pf", "Pi")
    }

    assert known <= set(characters(CLOSERS))
    assert all(unicodedata.category(each) in ("Pe", "Pf", "Pi", "Cn") for each in characters(CLOSERS))


@each("terminal", "!.?։؟۔।॥။።។‼⁇…;")
def test_terminals_of_many_scripts(terminal: str) -> None:
    """Sentence_Terminal covers the world's scripts; those without spaces are separate."""
    assert terminal in characters(TERMINALS + WIDE) or terminal == ";"


@each("terminal", "。！？｡．")
def test_wide_terminals(terminal: str) -> None:
    """Terminals of East Asian scripts need no white space after them."""
    assert terminal in characters(WIDE)
    assert terminal not in characters(TERMINALS)


def test_suppressions() -> None:
    """Every entry of CLDR contains a full stop; languages and counts are those of CLDR 46.1."""
    entries = {language: data.replace("\n", " ").split(", ") for language, data in CLDR.items()}

    assert {language: len(found) for language, found in entries.items()} == {
        "de": 241, "en": 151, "es": 164, "fr": 82, "it": 45, "pt": 172, "ru": 18,
    }  # fmt: skip


def test_also_words_are_among_them() -> None:
    """Every abbreviation listed as also a word is one of CLDR's in some language."""
    known = {word.strip().rstrip(".,").casefold() for data in CLDR.values() for word in data.split()}

    assert set(ALSO_WORDS.split()) - known == set()
