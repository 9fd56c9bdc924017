"""Where an utterance ends, under each flush rule (contract, 3)."""

from __future__ import annotations

import pytest
from hypothesis import given

from lmnt_cli.core.text.flush_rules import FlushRule, boundaries_of, ends_in
from tests.tools.strategies import cut, places, properties, rules, texts


def split(rule: FlushRule, pieces: list[str]) -> list[str]:
    """The utterances that this rule makes of text that comes in these pieces; `|` never stands in them."""
    found = boundaries_of(rule)
    ends: list[int] = []
    offset = 0
    for piece in pieces:
        ends += [offset + end for end in ends_in(found, piece)]
        offset += len(piece)
    text = "".join(pieces)
    begins = [0, *ends]
    return [text[begin:end] for begin, end in zip(begins, [*ends, len(text)], strict=True) if begin < end]


# Each case is marked where the rule says that an utterance ends.
BLANK_LINE = [
    "One.\n\n|Two.",
    "One.\n \t \n|Two.",
    "One.\n\u00a0\u3000\n|Two.",
    "One.\n\u2009\u202f\n|Two.",
    # A line that holds only what has no width is blank.
    "One.\n\u200b\n|Two.",
    "One.\n\ufeff \u200b\n|Two.",
    "One.\n\u200d\nTwo.",
    # Form feed, NEL, line and paragraph separators end a line too.
    "One.\n\f|Two.",
    "One.\x85 \x85|Two.",
    "One.\u2028\u2028|Two.",
    "One.\u2029\n|Two.",
    "One.\u2029Two.\fThree.",
    "One.\nTwo.",
    "One.\n.\nTwo.",
    "One.\n\n|\n|\n|Two.",
    "\n\n|One.",
    "One. \n\n|",
    "One.\n\n|Two.\n\n|",
    "\n a\n",
]
NEWLINE = [
    "One.\n|Two.\n|",
    "\n|One\n|\n|",
    "One. Two.",
    "a\u2028|b\n|",
    "One.\f|Two.\x85|Three.\u2029|Four.",
    "a\u200bb\tc",
]
NEVER = ["One.\n\nTwo.\n", ""]

CASES = [
    (rule, case)
    for rule, cases in [
        (FlushRule.BLANK_LINE, BLANK_LINE),
        (FlushRule.NEWLINE, NEWLINE),
        (FlushRule.NEVER, NEVER),
    ]
    for case in cases
]


@pytest.mark.parametrize(("rule", "case"), CASES)
@pytest.mark.parametrize("way", ["whole", "byte by byte", "with a tail"])
def test_case(rule: FlushRule, case: str, way: str) -> None:
    """Each case is cut in the same places whole, character by character, and with text after it."""
    text, tail = case.replace("|", ""), "" if way == "whole" else "x"
    pieces = list(text + tail) if way == "byte by byte" else [text + tail]
    expected = [part for part in (case + tail).split("|") if part]

    assert split(rule, pieces) == expected


@pytest.mark.parametrize("rule", list(FlushRule))
def test_boundaries_may_be_skipped(rule: FlushRule) -> None:
    """A caller to whom the first boundaries mean nothing gets the ones after, and the next text's too."""
    found = boundaries_of(rule)
    text = "One. \n\nTwo. \n\n"
    found.feed(text)
    ends = [end for end in list(ends_in(boundaries_of(rule), text)) if end >= 8]

    assert found.next_end(8) == (ends[0] if ends else None)
    assert list(ends_in(found, text)) == list(ends_in(boundaries_of(rule), text))


@properties
@given(rules, texts, places)
def test_reads_do_not_matter(rule: FlushRule, text: str, where: list[int]) -> None:
    """A rule looks at content, never at where a read ended."""
    text = text.replace("|", "")

    assert split(rule, cut(text, where)) == split(rule, [text])


@properties
@given(rules, texts)
def test_places_ascend(rule: FlushRule, text: str) -> None:
    """Places are within the text, and each is after the one before."""
    ends = list(ends_in(boundaries_of(rule), text))

    assert ends == sorted(set(ends))
    assert all(0 < end <= len(text) for end in ends)


@pytest.mark.parametrize("rule", list(FlushRule))
def test_long_lines_are_quick(rule: FlushRule) -> None:
    """A megabyte without any boundary is no matter: the time grows with the length, not with its square."""
    found = boundaries_of(rule)

    ends = [end for _ in range(64) for end in list(ends_in(found, "a, b; " * 2700))]

    assert ends == []


@pytest.mark.parametrize("hard", ["\n", " ", "\n ", "\f", "\u200b", "\n\u200b"])
@pytest.mark.parametrize("rule", [FlushRule.BLANK_LINE, FlushRule.NEWLINE])
def test_hard_text_is_quick(rule: FlushRule, hard: str) -> None:
    """Nor does it where every character could be part of a boundary."""
    assert len(list(ends_in(boundaries_of(rule), hard * 50_000))) <= 50_000
