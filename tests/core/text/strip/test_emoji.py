"""Emoji are removed from a stream (contract, 13)."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.text.strip.emoji import Emoji
from tests.tools.each import each
from tests.tools.strategies import cut, places, properties
from tests.tools.stripping import filtered, pieces_of


CASES = {
    "pictograph": ("Hi 😀!", "Hi !"),
    "text style": ("a ☎ b ❤ c ✂ d", "a  b  c  d"),
    "with a selector": ("a ❤️ b ☎︎ c", "a  b  c"),
    "modifier": ("a 👍🏽 b", "a  b"),
    "joined": ("a 👨‍👩‍👧‍👦 b 👩🏾‍⚕️ c 🏳️‍🌈", "a  b  c "),
    "flags": ("a 🇩🇪🇫🇷 b 🏴󠁧󠁢󠁥󠁮󠁧󠁿 c", "a  b  c"),
    "keycaps": ("1️⃣ one #️⃣ 2⃣", " one  "),
    "joiners after a keycap": ("1\ufe0f\u20e3\u200d! #\u20e3\ufe0f.", "! ."),
    "joiners after a sign": ("\u203c\ufe0f\u200d! \u2194\ufe0f\ufe0f.", "! ."),
    "digits and signs": ("1 2 # * 3#4*", "1 2 # * 3#4*"),
    "letters' signs": ("© ® ™ ℹ ‼ ⁉", "© ® ™ ℹ ‼ ⁉"),
    "signs as emoji": ("a ‼️ b ↗️ c", "a  b  c"),
    "arrows": ("a → b ↔ c ⇒ d", "a → b ↔ c ⇒ d"),
    "joiner in a word": ("क्‍ष می‌خواهم", "क्‍ष می‌خواهم"),
    "accents": ("é ñ x̂", "é ñ x̂"),
    "at the end": ("a😀", "a"),
    "digit at the end": ("a 1", "a 1"),
    "many": ("😀" * 100 + "a", "a"),
}


@each("name", CASES)
@each("size", [1, 2, 3, 1 << 20])
def test_case(name: str, size: int) -> None:
    """Each case gives the same result whole and in pieces of any size."""
    text, expected = CASES[name]

    assert filtered(Emoji, pieces_of(text, size)) == expected


@properties
@given(st.lists(st.sampled_from("😀👍🏽‍️⃣🇩🇪1#*a©‼☎ "), max_size=20).map("".join), places)
def test_pieces_do_not_matter(text: str, where: list[int]) -> None:
    """The result does not depend on where the pieces end."""
    assert filtered(Emoji, cut(text, where)) == filtered(Emoji, [text])


@properties
@given(st.text(st.characters(exclude_categories=["So", "Sk", "Cs", "Cn", "Co"]), max_size=60))
def test_other_text_is_kept(text: str) -> None:
    """Text without symbols is unchanged, except for what turns a digit or a sign into an emoji."""
    text = text.translate({0xFE0E: None, 0xFE0F: None, 0x20E3: None})
    expected = "".join(each for each in text if unicodedata.category(each) not in ("So", "Sk"))

    assert filtered(Emoji, [text]) == expected


def test_only_what_may_be_a_keycap_waits() -> None:
    """A digit waits for the next character; letters and emoji do not."""
    emoji = Emoji()

    assert [emoji.feed(piece) for piece in ["a", "1", "2 ", "😀", "b"]] == ["a", "", "12 ", "", "b"]


def test_a_pause() -> None:
    """What might become a keycap is spoken in a pause; what makes it one is dropped when it comes."""
    emoji = Emoji()

    assert (emoji.feed("Room 5"), emoji.pause(), emoji.pause()) == ("Room ", "5", "")
    assert (emoji.feed("\ufe0f"), emoji.pause(), emoji.feed("\u20e3 and")) == ("", "", " and")
    assert (emoji.feed("\ufe0f5"), emoji.pause(), emoji.feed("6 ")) == ("\ufe0f", "5", "6 ")
