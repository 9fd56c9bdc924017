"""Bytes, cut anywhere, become characters (contract, 3)."""

from __future__ import annotations

import codecs

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.text.decoder import Decoder
from tests.tools.each import each
from tests.tools.strategies import cut, inputs, places, properties


def read(pieces: list[bytes]) -> tuple[str, int]:
    """Return the text of these reads, and how many U+FFFD in it replace invalid bytes."""
    decoder = Decoder()
    text = "".join(map(decoder.feed, pieces)) + decoder.feed(b"", final=True)
    return text, decoder.replaced


CASES = {
    "ascii": (b"plain words", "plain words", 0),
    "two bytes": ("Grüße".encode(), "Grüße", 0),
    "four bytes": ("a 😀 b".encode(), "a 😀 b", 0),
    "bom": (b"\xef\xbb\xbftext", "text", 0),
    "bom later": (b"a\xef\xbb\xbfb", "a\ufeffb", 0),
    "two boms": (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa", 0),
    "never utf-8": (b"a\xffb", "a\ufffdb", 1),
    "cut short": (b"a\xe2\x82b", "a\ufffdb", 1),
    "surrogate": (b"\xed\xa0\x80b", "\ufffd\ufffd\ufffdb", 3),
    "overlong": (b"\xc0\xafb", "\ufffd\ufffdb", 2),
    "half a utf-16 bom": (b"\xffab", "\ufffdab", 1),
    "the other half": (b"\xfeab", "\ufffdab", 1),
    "utf-16 le": (codecs.BOM_UTF16_LE + "Grüße 😀 b".encode("utf-16-le"), "Grüße 😀 b", 0),
    "utf-16 be": (codecs.BOM_UTF16_BE + "Grüße 😀 b".encode("utf-16-be"), "Grüße 😀 b", 0),
    "utf-16, two boms": (codecs.BOM_UTF16_LE * 2 + b"a\0", "\ufeffa", 0),
    "utf-16, lone surrogate": (codecs.BOM_UTF16_LE + b"\x00\xd8a\0", "\ufffda", 1),
    "utf-16, low surrogate": (codecs.BOM_UTF16_BE + b"\xdc\x00\0a", "\ufffda", 1),
    "utf-16, half a unit": (codecs.BOM_UTF16_LE + b"a\0b", "a\ufffd", 1),
    "utf-16, half a pair": (codecs.BOM_UTF16_LE + b"a\0\x3d\xd8", "a\ufffd", 1),
    "only a utf-16 bom": (codecs.BOM_UTF16_LE, "", 0),
    "only half a bom": (b"\xff", "\ufffd", 1),
    "half a utf-8 bom": (b"\xef\xbb", "\ufffd", 1),
    "nothing": (b"", "", 0),
}


@each("name", CASES)
@each("size", [1, 2, 3, 100])
def test_case(name: str, size: int) -> None:
    """Each case gives the same text whole and in reads of any size."""
    data, expected, replaced = CASES[name]

    assert read([data[at : at + size] for at in range(0, len(data), size)]) == (expected, replaced)


def test_invalid_byte_is_not_held_back() -> None:
    """A byte that can no longer become a character is passed on at once."""
    decoder = Decoder()
    decoder.feed(b"a")

    assert decoder.feed(b"\xff") == "\ufffd"
    assert decoder.feed(b"\xe2") == ""
    assert decoder.feed(b"a") == "\ufffda"


@properties
@given(st.binary(max_size=60), places)
def test_what_is_invalid_is_replaced(data: bytes, where: list[int]) -> None:
    """U+FFFD appears where Unicode recommends it (and Python puts it), and `replaced` counts just those."""
    data = b"a" + data
    expected = data.decode(errors="replace")

    assert read(cut(data, where)) == (
        expected,
        expected.count("\ufffd") - data.decode(errors="ignore").count("\ufffd"),
    )


@properties
@given(st.binary(max_size=60), places, st.sampled_from([codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE]))
def test_any_utf_16(data: bytes, where: list[int], mark: bytes) -> None:
    """Any bytes after the mark are accepted, and the result does not depend on the reads."""
    assert read(cut(mark + data, where)) == read([mark + data])


@properties
@given(st.text(max_size=60), places, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_text_is_kept(text: str, where: list[int], encoding: str) -> None:
    """Encoded text is decoded, whatever its encoding."""
    text = text.removeprefix("\ufeff")
    if encoding == "utf-8" and text.encode()[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return

    assert read(cut(text.encode(encoding), where)) == (text, 0)


@properties
@given(inputs, places)
def test_reads_do_not_matter(data: bytes, where: list[int]) -> None:
    """The result does not depend on where reads end."""
    assert read(cut(data, where)) == read([data])
