"""Bytes, cut anywhere, become the text to speak (contract, 3)."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from lmnt_cli.core.text.plaintext import PlainText
from tests.tools.each import each
from tests.tools.limits import cpu_limit
from tests.tools.strategies import cut, inputs, places, properties, texts


def read(pieces: list[bytes]) -> str:
    """Return the text of these reads."""
    plain = PlainText()
    return "".join(map(plain.feed, pieces)) + plain.finish()


CASES = {
    "crlf": (b"a\r\nb", "a\nb"),
    "lone cr": (b"a\rb", "a\nb"),
    "cr cr lf": (b"a\r\r\nb", "a\nb"),
    "many crs and an lf": (b"a" + b"\r" * 50 + b"\nb", "a\nb"),
    "two lone crs": (b"a\r\rb", "a\n\nb"),
    "blank line in crs": (b"a\r \rb", "a\n \nb"),
    "two crlfs": (b"a\r\n\r\nb", "a\n\nb"),
    "lf cr": (b"a\n\rb", "a\n\nb"),
    "crlf around colour": (b"a\r\x1b[0m\nb", "a\nb"),
    "crlf around a nul": (b"a\r\0\nb", "a\nb"),
    "progress": (b"10 %\r20 %\rdone\n", "10 %\n20 %\ndone\n"),
    "nul": (b"a\0b", "ab"),
    "bel": (b"a\x07b", "ab"),
    "other controls": (bytes(range(1, 8)) + b"a\x0b\x0e\x10\x1a\x1c\x1fb\x7f", "ab"),
    "tab and form feed": (b"a\tb\fc", "a\tb\fc"),
    "nel and separators": ("a\x85b\u2028c\u2029d".encode(), "a\x85b\u2028c\u2029d"),
    "bold, struck over": (b"N\bNA\bAM\bME", "NAME"),
    "bold twice": ("é\bé\bé".encode(), "é"),
    "backspaces at the start": (b"\b\ba", "a"),
    "no backspace beyond the line": (b"a\n\b\bb", "a\nb"),
    "colour": (b"a \x1b[1;31mred\x1b[0m b", "a red b"),
    "an image": (b"a\x1b_G" + b"QUJD" * 3000 + b"\x1b\\b", "ab"),
    "a stray esc": (b"a\x1b]b\r\n\r\nc", "ab\n\nc"),
    "utf-16": (b"\xff\xfea\0\r\0\n\0\x1b\0[\0m\0b\0", "a\nb"),
}


@each("name", CASES)
@each("way", ["whole", "byte by byte", "with a tail"])
def test_case(name: str, way: str) -> None:
    """Each case gives the same text whole, byte by byte, and with text after it."""
    data, expected = CASES[name]
    tail = " and on".encode("utf-16-le" if name == "utf-16" else "utf-8")
    pieces = {
        "whole": [data, tail],
        "byte by byte": [bytes([byte]) for byte in data + tail],
        "with a tail": [data + tail],
    }[way]

    assert read(pieces) == expected + " and on"


@each(
    ("data", "expected"),
    [
        (b"a\r", "a\n"),
        (b"a\r\r\r", "a\n\n\n"),
        (b"a\xe2\x82", "a\ufffd"),
        (b"a\x1b", "a"),
        (b"a\x1b[3", "a3"),
        (b"a\x1b]0;tit", "a0;tit"),
        (b"\xef\xbb\xbf", ""),
        (b"", ""),
    ],
)
@each("size", [1, 100])
def test_input_ends_in_the_middle(data: bytes, expected: str, size: int) -> None:
    """The end of input settles what was waiting; no character of text is ever dropped."""
    assert read([data[at : at + size] for at in range(0, len(data), size)]) == expected


def test_nothing_shows_too_early() -> None:
    """A character and an escape sequence appear only when their last byte has arrived, a line end once."""
    plain = PlainText()

    shown = [plain.feed(bytes([byte])) for byte in b"\xc3\xa9\r\n\x1b[1mx"]

    assert shown == ["", "é", "\n", "", "", "", "", "", "x"]


@each(
    ("data", "expected"),
    [("ab\bc", "ac"), ("abc\b\b\bxyz", "xyz"), ("_\bN_\bA", "NA"), ("a\b", ""), ("日\b本", "本")],
)
def test_backspace(data: str, expected: str) -> None:
    """A backspace removes the character before it, if that has not been passed on."""
    assert read([data.encode()]) == expected


def test_backspace_too_late() -> None:
    """Text passed on cannot be taken back; the overstrike is passed on after it."""
    assert read([b"ab", b"\bc"]) == "abc"
    assert read([b"ab", b"\b\b", b"ab"]) == "ab"


@each("hard", [b"\r", b"\b", b"a\b", b"\0", b"\r\n", b"\x1b[0m", b"\xff"])
def test_hard_text_is_quick(hard: bytes) -> None:
    """The time grows with the length, not with its square; the text waiting is bounded."""
    data = hard * 40_000
    blocks = [data[at : at + 4000] for at in range(0, len(data), 4000)]

    with cpu_limit(1):
        assert len(read(blocks)) <= len(data)


@properties
@given(st.binary(max_size=200) | inputs, places)
def test_any_bytes_in_any_pieces(data: bytes, where: list[int]) -> None:
    """Any bytes are accepted, and the result does not depend on the reads (except for late backspaces)."""
    data = data.replace(b"\b", b"")

    assert read(cut(data, where)) == read([data])


@properties
@given(texts, places)
@example("\ufeff\ufeffa", [1])
def test_text_is_kept(text: str, where: list[int]) -> None:
    """Text is unchanged, except for line ends, controls and one BOM."""
    data = re.sub("[\x1b\x9b\b]", "", text).encode()
    expected = re.sub(
        "\r+\n|\r", "\n", re.sub("[\x00-\x07\x0b\x0e-\x1f\x7f]", "", data.decode().removeprefix("\ufeff"))
    )

    assert read(cut(data, where)) == expected


@each(("data", "replaced"), [(b"a\xffb\xfe", 2), ("a\ufffdb".encode(), 0)])
def test_what_was_not_text_is_counted(data: bytes, replaced: int) -> None:
    """U+FFFD replaces invalid bytes and is counted; one that was in the input is ordinary text."""
    plain = PlainText()
    plain.feed(data)

    assert plain.replaced == replaced
