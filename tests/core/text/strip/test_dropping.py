"""Dropped blocks end at the right place, even in pieces (contract, 13)."""

from __future__ import annotations

from collections.abc import Callable

from lmnt_cli.core.text.strip.containers import Containers
from lmnt_cli.core.text.strip.dropping import Block, Comment, Element, Fence
from tests.tools.each import each


def rest(block: Block, text: str, size: int) -> str | None:
    """Return what follows the block in text that arrives in pieces of this size; None if it does not end."""
    held = ""
    for at in range(0, len(text), size):
        held += text[at : at + size]
        held = held[block.drop(held, 0) :]
        if block.ended:
            return held + text[at + size :]
        assert len(held) < 1500
    return None


def in_quote() -> Containers:
    """Return containers with a block quote."""
    containers = Containers()
    containers.open_quote()
    return containers


CASES: list[tuple[Callable[[], Block], str, str | None]] = [
    (lambda: Fence("```", Containers()), "py\ncode\n```\nafter", "after"),
    (lambda: Fence("```", Containers()), "\n  ````  \nafter", "after"),
    (lambda: Fence("````", Containers()), "\n```\n~~~~\n````x\n    ````\n", None),
    (lambda: Fence("~~~", Containers()), " ```\n```\n~~~\nafter", "after"),
    (lambda: Fence("```", in_quote()), "\n> code\nafter", "after"),
    (lambda: Fence("```", in_quote()), "\n> code\n>\n> ```\n> after", "> after"),
    (lambda: Fence("```", Containers()), "\n" + " " * 2000 + "\n```\nafter", "after"),
    (lambda: Element("think"), "a <think> b </think> c </THINK >after", "after"),
    (lambda: Element("think"), "a </thinking> < / think> <think", None),
    (lambda: Element("think"), "<" * 3000 + "</think>after", "after"),
    (Comment, "a -- > --->after", "after"),
    (Comment, "a --", None),
]


@each("case", range(len(CASES)))
@each("size", [1, 3, 1 << 20])
def test_case(case: int, size: int) -> None:
    """Each block ends in the same place, whole and in pieces, and holds little text."""
    new, text, after = CASES[case]

    assert rest(new(), text, size) == after
