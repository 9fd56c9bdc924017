"""Bytes as they are read become pieces that may be sent; a pause may end an utterance (contract, 3)."""

from __future__ import annotations

import pytest
from hypothesis import given

from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.intake import Intake
from lmnt_cli.core.text.plaintext import PlainText
from lmnt_cli.core.text.segmenter import Mark, Piece, has_word
from lmnt_cli.core.text.strip.filters import Strip, Stripped
from lmnt_cli.errors import ExitCode, NothingToSay
from tests.tools.strategies import cut, inputs, places, properties, rules


def test_bytes_to_pieces() -> None:
    """A flush stands after the blank line, and nothing that a read has cut shows."""
    reading = Intake(FlushRule.BLANK_LINE, None)

    pieces = [reading.feed(block, 0.0) for block in [b"\xef\xbb\xbfGr\xc3", b"\xbc\xc3\x9fe\r", b"\n\r\nyou"]]

    assert pieces == [["Gr"], ["üße\n"], ["\n", Mark.FLUSH, "you"]]
    assert reading.finish() == []
    assert reading.ended


def test_the_end_brings_what_waited() -> None:
    """The end of input settles half a character; it makes no flush: `finish` speaks the rest."""
    reading = Intake(FlushRule.NEWLINE, None)
    reading.feed(b"word\xe2", 0.0)

    assert reading.finish() == ["\ufffd"]
    assert reading.replaced == 1


@pytest.mark.parametrize("text", [b"", b" \n\t", b"---\n\n***", b"\x1b[0m", b"\xf0\x9f\x98\x80"])
def test_no_word(text: bytes) -> None:
    """Input without a word is nothing to say: exit status 9."""
    reading = Intake(FlushRule.BLANK_LINE, None)
    reading.feed(text, 0.0)

    with pytest.raises(NothingToSay) as raised:
        reading.finish()

    assert raised.value.code is ExitCode.NOTHING_TO_SAY
    assert ("empty" in raised.value.message) is (text == b"")


def test_stripping() -> None:
    """What is stripped is not spoken; the flush rule sees the paragraphs as they were written."""
    reading = Intake(FlushRule.BLANK_LINE, None, strip=[Strip.MARKDOWN])

    pieces = [
        reading.feed(block, 0.0) for block in [b"# Ti", b"tle\n\n**b", b"old**\n```\ncode\n", b"```\nend"]
    ]

    assert pieces == [["Ti"], ["tle\n\n", Mark.FLUSH], ["bold\n\n", Mark.FLUSH], ["end"]]
    assert reading.finish() == []
    assert reading.stripped == Stripped(18, 34)


def test_all_of_it_is_markup() -> None:
    """Text of which nothing is left is nothing to say, and the reason is given."""
    reading = Intake(FlushRule.BLANK_LINE, None, strip=[Strip.MARKDOWN])
    reading.feed(b"```\nall code\n", 0.0)

    with pytest.raises(NothingToSay, match="--strip"):
        reading.finish()
    assert reading.stripped is not None
    assert reading.stripped.unclosed == "code block"


def test_the_limit_counts_what_is_left() -> None:
    """As many characters come as may, counted after stripping."""
    reading = Intake(FlushRule.NEVER, None, most=4, strip=[Strip.MARKDOWN])

    assert reading.feed(b"**bold**, and more", 0.0) == ["bold"]
    assert reading.is_full


def test_idle_flush() -> None:
    """When the text has paused for the time asked, what has words is flushed, once."""
    reading = Intake(FlushRule.NEVER, 2.0)
    reading.feed(b"word", 10.0)

    assert reading.flush_if_idle(11.9) == []
    assert reading.flush_if_idle(12.0) == [Mark.FLUSH]
    assert reading.flush_if_idle(60.0) == []


def test_idle_flush_counts_from_the_last_text() -> None:
    """Every read starts the pause again."""
    reading = Intake(FlushRule.NEVER, 2.0)
    reading.feed(b"one ", 10.0)
    reading.feed(b"two", 11.5)

    assert reading.flush_if_idle(13.4) == []
    assert reading.flush_if_idle(13.5) == [Mark.FLUSH]


@pytest.mark.parametrize("text", [b"", b"...", b"One.\n\n"])
def test_no_idle_flush_without_a_word(text: bytes) -> None:
    """Nothing is flushed when no word came since the last flush."""
    reading = Intake(FlushRule.BLANK_LINE, 1.0)
    reading.feed(text, 0.0)

    assert reading.flush_if_idle(100.0) == []


def test_no_idle_flush_at_the_end() -> None:
    """At the end of input `finish` speaks the rest, without a flush before it."""
    reading = Intake(FlushRule.NEVER, 1.0)
    reading.feed(b"word", 0.0)
    reading.finish()

    assert reading.flush_if_idle(100.0) == []


def test_no_idle_flush_unless_asked() -> None:
    """Without --flush-idle a pause means nothing."""
    reading = Intake(FlushRule.NEVER, None)
    reading.feed(b"word", 0.0)

    assert reading.flush_if_idle(1e9) == []


def told(pieces: list[Piece]) -> str:
    """Texts and flushes as one string, so that two runs can be compared."""
    return "".join("|" if piece is Mark.FLUSH else str(piece).replace("|", "") for piece in pieces)


def read(rule: FlushRule, blocks: list[bytes]) -> list[Piece]:
    """All pieces of these reads, to the end of input."""
    reading = Intake(rule, None)
    pieces = [piece for block in blocks for piece in reading.feed(block, 0.0)]
    try:
        return pieces + reading.finish()
    except NothingToSay:
        return pieces


@properties
@given(rules, inputs, places)
def test_reads_do_not_matter(rule: FlushRule, data: bytes, where: list[int]) -> None:
    """Whatever the bytes, the texts and the flushes between them do not depend on where the reads fell."""
    assert told(read(rule, cut(data, where))) == told(read(rule, [data]))


@properties
@given(rules, inputs, places)
def test_joined_it_is_the_input(rule: FlushRule, data: bytes, where: list[int]) -> None:
    """Joined, the texts are the plain text of the input, but for white space at its end."""
    plain = PlainText()
    text = plain.feed(data) + plain.finish()
    joined = "".join(piece for piece in read(rule, cut(data, where)) if isinstance(piece, str))

    if has_word(text):
        assert text.startswith(joined)
        assert not text[len(joined) :].strip()
