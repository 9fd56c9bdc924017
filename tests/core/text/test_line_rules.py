"""Where an utterance ends under the rules based on lines (contract, 3)."""

from __future__ import annotations

from itertools import product

from lmnt_cli.core.text.flush_rules import FlushRule, boundaries_of, ends_in
from tests.tools.each import each
from tests.tools.limits import cpu_limit


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


# Each case is marked where an utterance ends under the rule.
BLANK_LINE = [
    "One.\n\n|Two.",
    "One.\n \t \n|Two.",
    "One.\n\u00a0\u3000\n|Two.",
    "One.\n\u2009\u202f\n|Two.",
    # A line of zero-width characters is blank.
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


@each(("rule", "case"), CASES)
@each("way", ["whole", "byte by byte", "with a tail"])
def test_case(rule: FlushRule, case: str, way: str) -> None:
    """Each case is cut in the same places whole, character by character, and with text after it."""
    text, tail = case.replace("|", ""), "" if way == "whole" else "x"
    pieces = list(text + tail) if way == "byte by byte" else [text + tail]
    expected = [part for part in (case + tail).split("|") if part]

    assert split(rule, pieces) == expected


@each("hard", ["\n", " ", "\n ", "\f", "\u200b", "\n\u200b"])
@each("rule", [FlushRule.BLANK_LINE, FlushRule.NEWLINE])
def test_hard_text_is_quick(rule: FlushRule, hard: str) -> None:
    """Text in which every character could be part of a boundary is fast."""
    with cpu_limit(1):
        assert len(list(ends_in(boundaries_of(rule), hard * 20_000))) <= 20_000


def test_blank_lines_in_plain_ascii() -> None:
    """Text of ASCII alone has its own pattern, which finds the same: each character may be part of them."""
    marks = [chr(code) for code in range(128)]
    shortest = [*map("".join, product(marks, marks)), *map("".join, product("\n", marks, marks))]

    assert [text for text in shortest if ends(text) != ends(text + "\u2060")] == []


def ends(text: str) -> list[int]:
    return list(ends_in(boundaries_of(FlushRule.BLANK_LINE), text))
