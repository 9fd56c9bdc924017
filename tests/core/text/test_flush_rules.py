"""Where an utterance ends, under each flush rule (contract, 3)."""

from __future__ import annotations

import pytest
from hypothesis import given

from lmnt_cli.core.text.flush_rules import FlushRule, boundaries_of
from tests.tools.strategies import cut, places, properties, rules, texts


def split(rule: FlushRule, pieces: list[str]) -> list[str]:
    """The utterances that this rule makes of text that comes in these pieces; `|` never stands in them."""
    found = boundaries_of(rule)
    ends: list[int] = []
    offset = 0
    for piece in pieces:
        ends += [offset + end for end in found.ends(piece)]
        offset += len(piece)
    text = "".join(pieces)
    begins = [0, *ends]
    return [text[begin:end] for begin, end in zip(begins, [*ends, len(text)], strict=True) if begin < end]


# Each case is marked where the rule says that an utterance ends.
BLANK_LINE = [
    "One.\n\n|Two.",
    "One.\n \t \n|Two.",
    "One.\n\u00a0\u3000\n|Two.",
    "One.\n\x0b\x0c\n|Two.",
    "One.\nTwo.",
    "One.\n.\nTwo.",
    "One.\n\n|\n|\n|Two.",
    "\n\n|One.",
    "One. \n\n|",
    "One.\n\n|Two.\n\n|",
    "\n a\n",
]
NEWLINE = ["One.\n|Two.\n|", "\n|One\n|\n|", "One. Two.", "a\u2028b\n|"]
SENTENCE = [
    # Latin: a stop, closing quotes or brackets, white space.
    "One. |Two.",
    "One! |Two? |Three… |Four.",
    "One.\n|Two.",
    "One.\u00a0|Two.",
    "Really?! |Yes.",
    '"One." |Two.',
    "(One.) |Two.",
    "“One.” |Two.",
    "«One.» |Two.",
    "He said 'no.' |Then",
    "[See above.] |Then",
    "One.Two.",
    "One.",
    "one, two; three: four",
    # Not inside abbreviations.
    "Dr. No met Mr. and Mrs. Smith. |They",
    "J. R. R. Tolkien wrote. |He",
    "e.g. this, i.e. that, etc. and so on. |Next",
    "at 5 p.m. sharp. |Next",
    "Prof. Dr. med. |X",
    "U.S. troops",
    # Nor inside decimals.
    "Pi is 3.14 or so. |Next",
    "version 1.2.3 is out. |Next",
    # Nor inside ellipses.
    "Wait... what? |Yes.",
    "So . . . what? |Yes.",
    "Well.... no. |Next",
    # Numbers of a list stay with their item; a number at the end of a sentence ends it.
    "1. First item\n2. Second item",
    "It was 1999. |Then",
    # East Asian: the stop and its closing quotes, at once.
    "你好。|世界！|好吗？|",
    "「你好。」|他说",
    "『你好！』|他说",
    "他说：「你好。再见。」|他走了。|",
    "『甲「乙。」丙。』|丁",
]
NEVER = ["One.\n\nTwo.\n", ""]

CASES = [
    (rule, case)
    for rule, cases in [
        (FlushRule.BLANK_LINE, BLANK_LINE),
        (FlushRule.NEWLINE, NEWLINE),
        (FlushRule.SENTENCE, SENTENCE),
        (FlushRule.NEVER, NEVER),
    ]
    for case in cases
]


@pytest.mark.parametrize(("rule", "case"), CASES)
@pytest.mark.parametrize("way", ["whole", "byte by byte", "with a tail"])
def test_case(rule: FlushRule, case: str, way: str) -> None:
    """Each case is cut in the same places whole, character by character, and with text behind it."""
    text, tail = case.replace("|", ""), "" if way == "whole" else "x"
    pieces = list(text + tail) if way == "byte by byte" else [text + tail]
    expected = [part for part in (case + tail).split("|") if part]

    assert split(rule, pieces) == expected


@properties
@given(rules, texts, places)
def test_reads_do_not_matter(rule: FlushRule, text: str, where: list[int]) -> None:
    """A rule looks at content, never at where a read ended."""
    text = text.replace("|", "")

    assert split(rule, cut(text, where)) == split(rule, [text])


@properties
@given(rules, texts)
def test_places_ascend(rule: FlushRule, text: str) -> None:
    """Places are within the text, and each is behind the one before."""
    ends = list(boundaries_of(rule).ends(text))

    assert ends == sorted(set(ends))
    assert all(0 < end <= len(text) for end in ends)


@pytest.mark.parametrize("rule", list(FlushRule))
def test_long_lines_are_quick(rule: FlushRule) -> None:
    """A megabyte without any boundary is no matter: the time grows with the length, not with its square."""
    found = boundaries_of(rule)

    ends = [end for _ in range(64) for end in found.ends("a, b; " * 2700)]

    assert ends == []


@pytest.mark.parametrize("hard", [".", "。", "“", " ", "\n ", '."', "a.", "1."])
def test_hard_text_is_quick(hard: str) -> None:
    """Nor does it where every character could be part of a boundary."""
    found = boundaries_of(FlushRule.SENTENCE)

    assert sum(1 for _ in found.ends(hard * 50_000)) <= 100_000
