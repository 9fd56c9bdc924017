"""Which delimiter runs are markup (CommonMark, 6.2)."""

from __future__ import annotations

from lmnt_cli.core.text.strip.emphasis import Emphasis, Run, delimiter_run
from tests.tools.each import each


@each(
    ("text", "before", "after", "can_open", "can_close"),
    [
        ("*", " ", "a", True, False),
        ("*", "a", " ", False, True),
        ("*", "a", "b", True, True),
        ("*", " ", " ", False, False),
        ("_", "a", "b", False, False),
        ("_", "(", "b", True, False),
        ("_", "-", '"', True, True),
        ("**", "a", '"', False, True),
        ("~~", " ", "a", True, False),
        ("~", " ", "a", False, False),
    ],
)
def test_flanking(text: str, before: str, after: str, can_open: bool, can_close: bool) -> None:
    """The characters on both sides determine whether a run may open or close."""
    run = delimiter_run(text, 0, before, after)

    assert (run.can_open, run.can_close, run.open) == (can_open, can_close, can_open)


def runs_of(emphasis: Emphasis, *specified: tuple[str, str, str]) -> list[Run]:
    """Return these runs, pushed ten characters apart."""
    runs = [delimiter_run(text, 10 * at, before, after) for at, (text, before, after) in enumerate(specified)]
    for run in runs:
        emphasis.push(run)
    return runs


OPEN, CLOSE, BOTH = (" ", "a"), ("a", " "), ("a", "b")


def test_match() -> None:
    """A closer matches the nearest opener of its kind; the rest stays open or is text."""
    emphasis = Emphasis(1000)
    runs = runs_of(emphasis, ("**", *OPEN), ("_", *OPEN), ("*", *CLOSE), ("*", *CLOSE), ("_", *CLOSE))

    emphasis.match(emphasis.last)

    assert [run.text for run in runs] == ["", "_", "", "", "_"]
    assert not any(run.open for run in runs)


def test_rule_of_three() -> None:
    """Runs that may both open and close match only if their lengths allow it."""
    emphasis = Emphasis(1000)
    runs = runs_of(emphasis, ("*", *OPEN), ("**", *BOTH), ("*", *CLOSE))

    emphasis.match(emphasis.last)

    assert [run.text for run in runs] == ["", "**", ""]


def test_what_waits() -> None:
    """A run after the given serial is not matched yet; an opener without its closer stays open."""
    emphasis = Emphasis(1000)
    first, second = runs_of(emphasis, ("*", *OPEN), ("*", *CLOSE))

    emphasis.match(first.serial)
    assert first.open
    emphasis.match(second.serial)
    assert not first.open
    assert first.text == second.text == ""


def test_inside_a_link() -> None:
    """Runs in a link match among themselves only; the rest are text."""
    emphasis = Emphasis(1000)
    (before,) = runs_of(emphasis, ("*", *OPEN))
    after = emphasis.last
    inside = runs_of(emphasis, ("*", *CLOSE), ("_", *OPEN), ("_", *CLOSE))

    emphasis.match_inside(after)

    assert [run.text for run in [before, *inside]] == ["*", "*", "", ""]
    assert before.open
    assert not any(run.open for run in inside)


def test_too_far_apart() -> None:
    """No pair is longer than the limit, and runs that can no longer match are forgotten."""
    emphasis = Emphasis(10)
    runs = runs_of(emphasis, ("*", *OPEN), ("_", *OPEN), ("*", *CLOSE))
    emphasis.match(emphasis.last)
    assert [run.text for run in runs] == ["*", "_", "*"]

    runs_of(emphasis, *[("*", *OPEN)] * 1000)
    assert len(emphasis.__dict__["_runs"]) < 100
