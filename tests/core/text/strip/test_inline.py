"""Inline Markdown is removed from successive lines (contract, 13)."""

from __future__ import annotations

from lmnt_cli.core.text.strip.inline import LONGEST, Inline
from tests.tools.each import each
from tests.tools.stripping import pieces_of


def spoken(text: str, size: int = 1 << 20) -> str:
    """Return what is spoken of a line that arrives in pieces of this size."""
    inline = Inline()
    return "".join(map(inline.feed, pieces_of(text, size))) + inline.end()


@each(
    ("text", "expected"),
    [
        ("*foo **bar* baz**", "foo bar baz"),
        ("***a** b*", "a b"),
        ("*a `b*` c*", "a b* c"),
        ("*foo [bar*](u)", "*foo bar*"),
        ("*foo [bar* baz", "foo [bar baz"),
        ("[a [b](c) d](e)", "[a b d](e)"),
        ("![a ![b](c) d](e)", "a b d"),
        ("[*a*](<b c> 'd')[](e)", "a"),
        ("[a](b(c)d) [a](b c) [a]( b )", "a [a](b c) a"),
        ("[a][] [][b](c)", "a []b"),
        ("foo*bar*baz foo_bar_baz", "foobarbaz foo_bar_baz"),
        ("a*b 5*3*2", "ab 53*2"),
        ("~a~ ~~~b~~~", "~a~ ~b~"),
        ("**https://a.b/c** https://a.b/*d*/_e_ www.a_b_.c", "https://a.b/c https://a.b/*d*/_e_ www.a_b_.c"),
        ("https://a.b/?x=1&amp=2&lt;", "https://a.b/?x=1&amp=2&lt;"),
        ("&#x41;&#65;&#0;&auml;&bogus; & &;", "AA\ufffdä&bogus; & &;"),
        ("\\*a\\* \\a \\\\", "*a* \\a \\"),
        ("hard\\", "hard"),
        ("` a ` `` ` `` ```", "a ` ```"),
        ("<a href='>'>b</a> <a b <c <!x> <?y?> <3", "b <a b <c   <3"),
        ("x[^1] y[^note] [^] [^a b]", "x y [^] [^a b]"),
        ("a ] b [ c", "a ] b [ c"),
    ],
)
@each("size", [1, 2, 5, 1 << 20])
def test_case(text: str, expected: str, size: int) -> None:
    """Each line gives the same result whole and in pieces of any size."""
    assert spoken(text, size) == expected


@each(("mark", "end"), [("*", "*"), ("**", "**"), ("`", "`"), ("[", "](u)"), ("~~", "~~"), ("<a b='", "'>")])
@each("size", [1, 64, 1 << 20])
def test_the_longest(mark: str, end: str, size: int) -> None:
    """Markup closed within a thousand characters is removed, and otherwise text, wherever pieces end."""
    short = "x" * (LONGEST - 20)
    long = "x" * (LONGEST + 20)

    assert spoken(f"a {mark}{short}{end} b", size) == ("a  b" if "<" in mark else f"a {short} b")
    assert spoken(f"a {mark}{long}{end} b", size) == f"a {mark}{long}{end} b"


def test_lines_are_apart() -> None:
    """Markup open at the end of a line is not closed on the next."""
    inline = Inline()

    assert inline.feed("*a") + inline.end() == "*a"
    assert inline.feed("b* `") + inline.end() == "b* `"
    assert inline.feed("c`") + inline.end() == "c`"


def test_in_the_middle_of_a_line() -> None:
    """The text before the first mark decides which way it flanks."""
    inline = Inline()
    inline.begin("a")

    assert inline.feed("_b_") + inline.end() == "_b_"
    assert inline.feed("_b_") + inline.end() == "b"
