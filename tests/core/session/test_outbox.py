"""Text that waits to be sent: `lmnt_cli.core.session.outbox`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.session.outbox import Outbox, size_of, utterances_in
from lmnt_cli.core.text.segmenter import MAX_CHARS, Mark, Piece
from tests.tools.each import each
from tests.tools.strategies import properties


FLUSH = Mark.FLUSH


def outbox(*pieces: Piece, returned: tuple[Piece, ...] = ()) -> Outbox:
    made = Outbox()
    made.add(pieces)
    made.put_back(list(returned))
    return made


def taken(box: Outbox) -> list[Piece]:
    return [box.take() for _ in iter(lambda: bool(box), False)]


def test_texts_are_joined() -> None:
    """Texts that wait together are sent together, up to the size of a message; flushes part them."""
    whole = "x" * MAX_CHARS

    assert taken(outbox("One ", "two", FLUSH, "three", whole)) == ["One two", FLUSH, "three", whole]


def test_returned_text_stays_apart() -> None:
    """What was sent before comes first, and nothing new joins it, so that it can be dropped."""
    box = outbox(returned=("sent ", FLUSH, "before"))
    box.add([" new"])
    assert (box.size, box.has_returned_words) == (15, True)

    assert box.drop_returned() == ["sent ", FLUSH, "before"]
    assert (box.size, box.has_returned_words) == (4, False)
    assert taken(box) == [" new"]


def test_sent_again() -> None:
    """What is sent again is returned no more; lost once more, it is."""
    box = outbox("new", returned=("One", "two"))
    assert box.take() == "One"
    assert box.drop_returned() == ["two"]
    box.put_back(["One"])
    assert box.drop_returned() == ["One"]
    assert box.drop_returned() == []


@each(
    ("pieces", "ends", "is_open", "words", "continues"),
    [
        ([], False, False, False, False),
        ([FLUSH], True, False, False, False),
        (["—", FLUSH, "One"], False, True, True, False),
        (["—", "One", FLUSH], False, False, True, True),
    ],
)
def test_what_waits(pieces: list[Piece], ends: bool, is_open: bool, words: bool, continues: bool) -> None:
    """What the next pieces mean for the utterance that was begun."""
    box = outbox(*pieces)

    assert (box.ends_utterance, box.is_open) == (ends, is_open)
    assert (box.has_words, box.continues_utterance) == (words, continues)
    assert not box.has_returned_words


@each(("pieces", "count"), [([], 0), ([FLUSH], 1), (["a"], 1), (["a", FLUSH], 1), (["a", FLUSH, "b"], 2)])
def test_utterances(pieces: list[Piece], count: int) -> None:
    """The last may lack its flush."""
    assert utterances_in(pieces) == count


PIECES = st.lists(st.text("ab é—", min_size=1, max_size=5) | st.just(FLUSH), max_size=6)


@properties
@given(st.lists(st.tuples(st.sampled_from(["add", "take", "put back", "drop"]), PIECES), max_size=20))
def test_any_order(steps: list[tuple[str, list[Piece]]]) -> None:
    """All that is added leaves in order, but for what is dropped, which was sent before; sizes are right."""
    box = Outbox()
    new: list[Piece] = []
    returned: list[Piece] = []
    for step, pieces in steps:
        match step:
            case "add":
                box.add(pieces)
                new += pieces
            case "put back":
                box.put_back(pieces)
                returned = pieces + returned
            case "drop":
                assert box.drop_returned() == returned
                returned = []
            case _ if box:
                piece = box.take()
                if returned:
                    assert returned.pop(0) == piece
                elif piece is FLUSH:
                    assert new.pop(0) is FLUSH
                else:
                    while piece:
                        part = new.pop(0)
                        assert isinstance(part, str)
                        assert piece.startswith(part)
                        piece = piece.removeprefix(part)
        assert box.size == size_of(returned) + size_of(new)
        assert bool(box) is bool(returned or new)
