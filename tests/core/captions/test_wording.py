"""Text split into the words that subtitles show: `lmnt_cli.core.captions.wording`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.captions.wording import split_words
from tests.tools.each import each
from tests.tools.strategies import properties


@each(
    ("text", "words"),
    [
        ("Hello, world.", ["Hello,", "world."]),
        ('"Yes," she said — and (left)!', ['"Yes,"', "she", "said —", "and", "(left)!"]),
        ("« Oui. » Non.", ["« Oui. »", "Non."]),
        ("“Open quote” ‘again’", ["“Open", "quote”", "‘again’"]),
        ("— A dash first", ["— A", "dash", "first"]),
        ("minus -3.50 and 5%", ["minus", "-3.50", "and", "5%"]),
        ("foo(bar) x=y it's", ["foo(bar)", "x=y", "it's"]),
        ("a ( b )", ["a", "( b )"]),
        ("The end ...", ["The", "end ..."]),
        ("one\n\n  two", ["one", "two"]),
        ("你好，世界。「はい」と", ["你", "好，", "世", "界。", "「は", "い」", "と"]),
        ("iPhone手机 ok", ["iPhone", "手", "机", "ok"]),
        ("「ok」と", ["「o", "k」", "と"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("e\u0301tude", ["e\u0301tude"]),
        ("... !", []),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    """A word includes its marks; an opening mark belongs to the word after it."""
    assert [word.text for word in split_words(text)] == words


def test_spaces_between_words() -> None:
    """Only words separated by a space are joined with one."""
    assert [word.spaced for word in split_words("a b 你好 c")] == [False, True, True, False, True]


def test_ends_of_sentences() -> None:
    """The ends of sentences are those of the flush rule, not every full stop."""
    words = split_words("Mr. Smith paid 3.50. Then he left")

    assert [word.text for word in words if word.ends_sentence] == ["3.50."]


@properties
@given(st.text(max_size=200))
def test_nothing_is_lost(text: str) -> None:
    """The words contain every letter and digit of the text, in order; each has at least one."""
    words = split_words(text)

    assert [c for word in words for c in word.text if c.isalnum()] == [c for c in text if c.isalnum()]
    assert all(any(map(str.isalnum, word.text)) for word in words)
    if words:
        assert "".join("".join(word.text.split()) for word in words) == "".join(text.split())
