"""Confirmed text whose audio waits to be written: `lmnt_cli.core.session.unwritten`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.session.unwritten import Unwritten
from tests.tools.strategies import properties


def test_forgotten_when_it_is_written() -> None:
    """Text is kept until all its audio is written."""
    unwritten = Unwritten(100)
    unwritten.add("One ", 10, whole=False)
    unwritten.add("two.", 20, whole=True)

    unwritten.forget_written(9)
    assert (unwritten.texts(), unwritten.written_to) == (["One ", "two."], 0)
    unwritten.forget_written(19)
    assert (unwritten.texts(), unwritten.written_to, unwritten.written_whole) == (["two."], 10, False)
    unwritten.forget_written(99)
    assert (unwritten.texts(), unwritten.written_to, unwritten.written_whole) == ([], 20, True)


def test_an_utterance_that_ends_later() -> None:
    """Its end may be known before its last words are written, or after."""
    unwritten = Unwritten(100)
    unwritten.add("One", 10, whole=False)
    unwritten.end_utterance()
    unwritten.forget_written(10)
    assert unwritten.written_whole

    unwritten.add("Two", 20, whole=False)
    unwritten.forget_written(20)
    assert not unwritten.written_whole
    unwritten.end_utterance()
    assert unwritten.written_whole


def test_too_much_of_it() -> None:
    """Beyond its limit all of it is let go, and what comes later is kept again once that is written."""
    unwritten = Unwritten(8)
    for offset in range(10, 40, 10):
        unwritten.add("text", offset, whole=True)
    assert unwritten.texts() is None
    unwritten.add("more", 50, whole=True)
    assert unwritten.texts() is None

    unwritten.forget_written(30)
    assert (unwritten.texts(), unwritten.written_to) == (["more"], 30)


@properties
@given(
    st.lists(st.tuples(st.text(max_size=6) | st.none(), st.integers(0, 9), st.integers(0, 60))),
    st.integers(0, 30),
)
def test_bounded(drawn: list[tuple[str | None, int, int]], limit: int) -> None:
    """What is kept never exceeds the limit, and is a tail of the text whose audio is not written."""
    unwritten = Unwritten(limit)
    end = 0
    taken: list[tuple[int, str | None]] = []
    for text, size, written in drawn:
        end += size
        taken.append((end, text))
        unwritten.add(text, end, whole=False)
        unwritten.forget_written(min(written, end))
        taken = [each for each in taken if each[0] > min(written, end)]
        texts = unwritten.texts()
        assert texts is None or texts == [each for _, each in taken]
        assert len("".join(texts or ())) <= limit
