"""Words are looked up in text that is never parsed: `lmnt_cli.local.speech.lexicon`."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hibari.tts import ASSETS
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.local.speech import accents
from lmnt_cli.local.speech.lexicon import SortedLexicon
from tests.tools.strategies import properties


# Letters, and the names of parts of speech, which are found both as words and within entries.
_WORDS = st.text("abAB'é你", min_size=1, max_size=6) | st.sampled_from(["NOUN", "VERB", "DEFAULT", "None"])
_ENTRIES = st.text("abə", max_size=6) | st.dictionaries(
    st.sampled_from(["NOUN", "VERB", "DEFAULT", "None"]), st.text("abə", max_size=6), min_size=1, max_size=4
)


def lexicon(entries: dict[str, object]) -> SortedLexicon:
    ordered = dict(sorted(entries.items()))
    return SortedLexicon(json.dumps(ordered, separators=(",", ":"), ensure_ascii=False).encode())


@properties
@given(st.dictionaries(_WORDS, _ENTRIES, max_size=200), st.lists(_WORDS, max_size=20))
def test_every_word(entries: dict[str, object], others: list[str]) -> None:
    """What is found of a word is what the object has, whatever stands around it."""
    looked_in = lexicon(entries)

    for word in [*entries, *others]:
        assert looked_in.get(word) == entries.get(word)


@pytest.mark.parametrize(
    "word", ["", '"', "\\", "{", "}", ",", ':"', '","', "\ud800", "DEFAULT", "zzz", "\0"]
)
def test_what_is_no_word(word: str) -> None:
    """Nothing is found of what is no name in it, even if its letters stand there."""
    many = {f"word{number:04}": {"DEFAULT": "a,b", "NOUN": ""} for number in range(500)}

    assert lexicon(dict(many)).get(word) is None


@pytest.mark.parametrize("name", ["us_gold", "us_silver", "gb_gold", "gb_silver"])
def test_the_lexicons_of_hibari(name: str) -> None:
    """Those that are known are sorted and without escapes, and thousands of words are found in each."""
    file = Path(ASSETS, f"lexicon_{name}.json.gz")
    text = gzip.decompress(file.read_bytes())
    entries = json.loads(text)
    if accents._end(file) not in accents._SORTED:
        pytest.skip("another version of hibari, whose lexicons are parsed")
    looked_in = SortedLexicon(text)
    objects = [word for word, entry in entries.items() if isinstance(entry, dict)]
    some = random.Random(1).sample(list(entries), 2000)

    assert list(entries) == sorted(entries)
    assert b"\\" not in text
    for word in [*objects, *some, *list(entries)[:3], *list(entries)[-3:]]:
        assert looked_in.get(word) == entries[word]
    for word in some:
        assert looked_in.get(word + "x") == entries.get(word + "x")
