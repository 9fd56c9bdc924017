"""The common properties of all flush rules (contract, 3)."""

from __future__ import annotations

from hypothesis import given

from lmnt_cli.core.text.flush_rules import FlushRule, boundaries_of, ends_in
from tests.tools.each import each
from tests.tools.limits import cpu_limit
from tests.tools.strategies import cut, places, properties, rules, texts


def split(rule: FlushRule, pieces: list[str]) -> list[str]:
    """Return the utterances of text in these pieces; `|` never appears in them."""
    found = boundaries_of(rule)
    ends: list[int] = []
    offset = 0
    for piece in pieces:
        ends += [offset + end for end in ends_in(found, piece)]
        offset += len(piece)
    text = "".join(pieces)
    begins = [0, *ends]
    return [text[begin:end] for begin, end in zip(begins, [*ends, len(text)], strict=True) if begin < end]


@each("rule", list(FlushRule))
def test_boundaries_may_be_skipped(rule: FlushRule) -> None:
    """A caller that skips the first boundaries gets the later ones, and those of the next text."""
    found = boundaries_of(rule)
    text = "One. \n\nTwo. \n\n"
    found.feed(text)
    ends = [end for end in list(ends_in(boundaries_of(rule), text)) if end >= 8]

    assert found.next_end(8) == (ends[0] if ends else None)
    assert list(ends_in(found, text)) == list(ends_in(boundaries_of(rule), text))


@properties
@given(rules, texts, places)
def test_reads_do_not_matter(rule: FlushRule, text: str, where: list[int]) -> None:
    """A rule depends on the text, never on where a read ended."""
    text = text.replace("|", "")

    assert split(rule, cut(text, where)) == split(rule, [text])


@properties
@given(rules, texts)
def test_places_ascend(rule: FlushRule, text: str) -> None:
    """Positions are within the text, and each is after the previous one."""
    ends = list(ends_in(boundaries_of(rule), text))

    assert ends == sorted(set(ends))
    assert all(0 < end <= len(text) for end in ends)


@each("rule", list(FlushRule))
def test_long_lines_are_quick(rule: FlushRule) -> None:
    """Half a megabyte without a boundary is fast: the time grows with the length, not with its square."""
    found = boundaries_of(rule)

    with cpu_limit(1):
        ends = [end for _ in range(32) for end in list(ends_in(found, "a, b; " * 2700))]

    assert ends == []
