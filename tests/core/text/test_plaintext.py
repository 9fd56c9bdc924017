"""Bytes, cut anywhere, become the text that is spoken (contract, 3)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lmnt_cli.core.text.plaintext import PlainText
from tests.tools.strategies import cut, inputs, places, properties, texts


def read(pieces: list[bytes]) -> tuple[str, int]:
    """What these reads make, and how many bytes of it were not UTF-8."""
    plain = PlainText()
    text = "".join(map(plain.feed, pieces)) + plain.finish()
    return text, plain.replaced


TAIL = b" and on"

CASES = {
    "ascii": (b"plain words", "plain words", 0),
    "two bytes": ("Grüße".encode(), "Grüße", 0),
    "four bytes": ("a 😀 b".encode(), "a 😀 b", 0),
    "bom": (b"\xef\xbb\xbftext", "text", 0),
    "bom later": (b"a\xef\xbb\xbfb", "a\ufeffb", 0),
    "two boms": (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa", 0),
    "crlf": (b"a\r\nb", "a\nb", 0),
    "lone cr": (b"a\rb", "a\rb", 0),
    "cr cr lf": (b"a\r\r\nb", "a\r\nb", 0),
    "crlf around colour": (b"a\r\x1b[0m\nb", "a\nb", 0),
    "never utf-8": (b"a\xffb", "a\ufffdb", 1),
    "cut short": (b"a\xe2\x82b", "a\ufffdb", 1),
    "surrogate": (b"\xed\xa0\x80b", "\ufffd\ufffd\ufffdb", 3),
    "overlong": (b"\xc0\xafb", "\ufffd\ufffdb", 2),
    "nul": (b"a\x00b", "a\x00b", 0),
    "colour": (b"a \x1b[1;31mred\x1b[0m b", "a red b", 0),
    "cursor": (b"\x1b[2J\x1b[10;20Htop", "top", 0),
    "private mode": (b"\x1b[?25lhidden", "hidden", 0),
    "title, bel": (b"\x1b]0;a title\x07text", "text", 0),
    "title, st": (b"\x1b]0;a title\x1b\\text", "text", 0),
    "link": (b"\x1b]8;;http://a.b\x1b\\link\x1b]8;;\x1b\\.", "link.", 0),
    "character set": (b"\x1b(Btext", "text", 0),
    "two characters": (b"\x1b7text\x1b8", "text", 0),
    "eight-bit csi": (b"\xc2\x9b31mred", "red", 0),
    "escape in a row": (b"\x1b\x1b[0mtext", "text", 0),
    "title without end": (b"\x1b]0;title\nnext line", "0;title\nnext line", 0),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("way", ["whole", "byte by byte", "with a tail"])
def test_case(name: str, way: str) -> None:
    """Each case reads the same whole, byte by byte, and with text behind it."""
    data, expected, replaced = CASES[name]
    pieces = {
        "whole": [data, TAIL],
        "byte by byte": [bytes([byte]) for byte in data + TAIL],
        "with a tail": [data + TAIL],
    }[way]

    assert read(pieces) == (expected + TAIL.decode(), replaced)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\r", "a\r"),
        (b"a\xe2\x82", "a\ufffd"),
        (b"a\x1b", "a"),
        (b"a\x1b[3", "a"),
        (b"a\x1b]0;tit", "a"),
        (b"\xef\xbb", "\ufffd"),
        (b"\xef\xbb\xbf", ""),
        (b"", ""),
    ],
)
@pytest.mark.parametrize("size", [1, 100])
def test_input_ends_in_the_middle(data: bytes, expected: str, size: int) -> None:
    """The end of input settles what was waiting: a lone CR stays, half a character becomes U+FFFD."""
    assert read([data[at : at + size] for at in range(0, len(data), size)])[0] == expected


def test_nothing_shows_too_early() -> None:
    """A character, a CRLF and an escape sequence show only when their last byte has come."""
    plain = PlainText()

    shown = [plain.feed(bytes([byte])) for byte in b"\xc3\xa9\r\n\x1b[1mx"]

    assert shown == ["", "é", "", "\n", "", "", "", "", "x"]


def test_invalid_byte_is_not_held_back() -> None:
    """What can no longer become a character is given out at once."""
    plain = PlainText()

    assert plain.feed(b"\xff") == "\ufffd"
    assert plain.feed(b"\xe2") == ""
    assert plain.feed(b"a") == "\ufffda"


def test_a_long_escape_sequence() -> None:
    """However long it is, a sequence that is taken out whole is taken out in pieces too."""
    data = b"a\x1b]52;c;" + b"QUJD" * 5000 + b"\x07b"

    assert read([data])[0] == read([data[at : at + 1000] for at in range(0, len(data), 1000)])[0]


def test_what_waits_is_bounded() -> None:
    """An escape sequence that never ends does not keep the text behind it for ever."""
    plain = PlainText()

    shown = plain.feed(b"\x1b]0;") + "".join(plain.feed(b"word ") for _ in range(20_000))

    assert len(shown) > 80_000


@properties
@given(st.binary(max_size=200) | inputs, places)
def test_any_bytes_in_any_pieces(data: bytes, where: list[int]) -> None:
    """Any bytes are accepted, and where reads end changes nothing."""
    assert read(cut(data, where)) == read([data])


@properties
@given(texts, places)
@example("\ufeff\ufeffa", [1])
def test_text_is_kept(text: str, where: list[int]) -> None:
    """Text without escapes comes out as it was, but for CRLF and one BOM."""
    data = text.translate({0x1B: None, 0x9B: None}).encode()
    expected = data.decode().removeprefix("\ufeff").replace("\r\n", "\n")

    assert read(cut(data, where)) == (expected, 0)


@properties
@given(st.binary(max_size=60), places)
def test_what_is_invalid_is_replaced(data: bytes, where: list[int]) -> None:
    """U+FFFD stands where Unicode recommends it (and Python puts it), and `replaced` counts just those."""
    data = data.translate(None, b"\x1b\x9b\r\xef")
    expected = data.decode(errors="replace")

    assert read(cut(data, where)) == (expected, expected.count("\ufffd"))


def test_a_replacement_character_in_the_input_is_not_counted() -> None:
    """U+FFFD that somebody wrote is text like any other."""
    assert read(["a\ufffdb".encode()]) == ("a\ufffdb", 0)
