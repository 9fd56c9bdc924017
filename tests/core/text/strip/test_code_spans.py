"""Code spans, whole and let go by a pause (CommonMark, 6.1)."""

from __future__ import annotations

from lmnt_cli.core.text.strip.code_spans import CodeSpans
from tests.tools.each import each


LONGEST = 20


@each(
    ("text", "taken", "spoken"),
    [
        ("`a` b", 3, "a"),
        ("`` a`b `` c", 9, "a`b"),
        ("` ` c", 3, " "),
        ("`a", 0, ""),
        ("`a`", 0, ""),
        ("`", 0, ""),
        ("`" + "a" * LONGEST + "` b", 1, "`"),
        ("``a` " + "b" * LONGEST, 2, "``"),
    ],
)
def test_a_span(text: str, taken: int, spoken: str) -> None:
    """Its code is spoken; backticks without their like within reach are text; until then it waits."""
    spans = CodeSpans(LONGEST)

    assert spans.read(text, 0, final=False, paused=False) == (taken, spoken)
    assert not spans.open


@each(("text", "spoken"), [("`a`", "a"), ("`a", "`"), ("```", "```")])
def test_at_the_end(text: str, spoken: str) -> None:
    """At the end of the line nothing waits."""
    assert CodeSpans(LONGEST).read(text, 0, final=True, paused=False)[1] == spoken


def test_a_pause() -> None:
    """A pause lets the code go without its backticks; what follows is code up to as many of them."""
    spans = CodeSpans(LONGEST)
    assert spans.read("``a", 0, final=False, paused=True) == (2, "")
    assert spans.open

    assert spans.read_on("a `b` *c*``", 0, final=False) == (9, "a `b` *c*")
    assert spans.read_on("``", 0, final=False) == (0, "")
    assert spans.read_on("`` d", 0, final=False) == (2, "")
    assert not spans.open


def test_a_line_ends_a_span() -> None:
    """A span that a pause has let go ends with its line."""
    spans = CodeSpans(LONGEST)
    spans.read("`a", 0, final=False, paused=True)

    assert spans.read_on("a", 0, final=True) == (1, "a")
    spans.clear()
    assert not spans.open
