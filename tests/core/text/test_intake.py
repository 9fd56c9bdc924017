"""Bytes as they are read become pieces to send; a pause may end an utterance (contract, 3)."""

from __future__ import annotations

import pytest
from hypothesis import given

from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.intake import Intake
from lmnt_cli.core.text.plaintext import PlainText
from lmnt_cli.core.text.segmenter import Mark, Piece, has_word
from lmnt_cli.core.text.strip.filters import Strip, Stripped
from lmnt_cli.errors import ExitCode, NothingToSay
from tests.tools.each import each
from tests.tools.strategies import cut, inputs, places, properties, rules


def test_bytes_to_pieces() -> None:
    """A flush follows the blank line, and nothing split by a read is visible."""
    reading = Intake(FlushRule.BLANK_LINE, None)

    pieces = [reading.feed(block, 0.0) for block in [b"\xef\xbb\xbfGr\xc3", b"\xbc\xc3\x9fe\r", b"\n\r\nyou"]]

    assert pieces == [["Gr"], ["üße\n"], ["\n", Mark.FLUSH, "you"]]
    assert reading.finish() == []
    assert reading.ended


def test_the_end_brings_what_waited() -> None:
    """The end of input settles half a character, and adds no flush: `finish` speaks the rest."""
    reading = Intake(FlushRule.NEWLINE, None)
    reading.feed(b"word\xe2", 0.0)

    assert reading.finish() == ["\ufffd"]
    assert reading.replaced == 1


@each("text", [b"", b" \n\t", b"---\n\n***", b"\x1b[0m", b"\xf0\x9f\x98\x80"])
def test_no_word(text: bytes) -> None:
    """Input without a word is refused: exit status 9."""
    reading = Intake(FlushRule.BLANK_LINE, None)
    reading.feed(text, 0.0)

    with pytest.raises(NothingToSay) as raised:
        reading.finish()

    assert raised.value.code is ExitCode.NOTHING_TO_SAY
    assert ("empty" in raised.value.message) is (text == b"")


def test_stripping() -> None:
    """Stripped text is not spoken; the flush rule sees the paragraphs as written."""
    reading = Intake(FlushRule.BLANK_LINE, None, strip=[Strip.MARKDOWN])

    pieces = [
        reading.feed(block, 0.0) for block in [b"# Ti", b"tle\n\n**b", b"old**\n```\ncode\n", b"```\nend"]
    ]

    assert pieces == [["Ti"], ["tle\n\n", Mark.FLUSH], ["bold\n\n", Mark.FLUSH], ["end"]]
    assert reading.finish() == []
    assert reading.stripped == Stripped(18, 34)


def test_all_of_it_is_markup() -> None:
    """Text of which nothing is left is refused, with the reason."""
    reading = Intake(FlushRule.BLANK_LINE, None, strip=[Strip.MARKDOWN])
    reading.feed(b"```\nall code\n", 0.0)

    with pytest.raises(NothingToSay, match="--strip"):
        reading.finish()
    assert reading.stripped is not None
    assert reading.stripped.unclosed == "code block"


def test_the_limit_counts_what_is_left() -> None:
    """The limit of characters is counted after stripping."""
    reading = Intake(FlushRule.NEVER, None, most=4, strip=[Strip.MARKDOWN])

    assert reading.feed(b"**bold**, and more", 0.0) == ["bold"]
    assert reading.is_full


def test_idle_flush() -> None:
    """After the pause requested, text with words is flushed, once."""
    reading = Intake(FlushRule.NEVER, 2.0)
    reading.feed(b"word", 10.0)

    assert reading.flush_if_idle(11.9) == []
    assert reading.flush_if_idle(12.0) == [Mark.FLUSH]
    assert reading.flush_if_idle(60.0) == []


def test_idle_flush_counts_from_the_last_text() -> None:
    """Every read restarts the pause."""
    reading = Intake(FlushRule.NEVER, 2.0)
    reading.feed(b"one ", 10.0)
    reading.feed(b"two", 11.5)

    assert reading.flush_if_idle(13.4) == []
    assert reading.flush_if_idle(13.5) == [Mark.FLUSH]


def test_idle_flush_of_what_is_held() -> None:
    """Words that were held because of markup are flushed too, as many as the input may have."""
    reading = Intake(FlushRule.NEVER, 2.0, None, 5, [Strip.MARKDOWN])
    assert reading.feed(b"**one two", 0.0) == []

    assert reading.flush_if_idle(1.0) == []
    assert reading.flush_if_idle(2.0) == ["one t", Mark.FLUSH]
    assert reading.flush_if_idle(3.0) == []
    assert reading.is_full


@each("text", [b"", b"...", b"One.\n\n"])
def test_no_idle_flush_without_a_word(text: bytes) -> None:
    """Nothing is flushed if there was no word since the last flush."""
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
    """Without --flush-idle a pause has no effect."""
    reading = Intake(FlushRule.NEVER, None)
    reading.feed(b"word", 0.0)

    assert reading.flush_if_idle(1e9) == []


def told(pieces: list[Piece]) -> str:
    """Return texts and flushes as one string, so that two runs can be compared."""
    return "".join("|" if piece is Mark.FLUSH else str(piece).replace("|", "") for piece in pieces)


def read(rule: FlushRule, blocks: list[bytes]) -> list[Piece]:
    """Return all pieces of these reads, to the end of input."""
    reading = Intake(rule, None)
    pieces = [piece for block in blocks for piece in reading.feed(block, 0.0)]
    try:
        return pieces + reading.finish()
    except NothingToSay:
        return pieces


@properties
@given(rules, inputs, places)
def test_reads_do_not_matter(rule: FlushRule, data: bytes, where: list[int]) -> None:
    """For any bytes, the texts and the flushes between them do not depend on the reads."""
    assert told(read(rule, cut(data, where))) == told(read(rule, [data]))


@properties
@given(rules, inputs, places)
def test_joined_it_is_the_input(rule: FlushRule, data: bytes, where: list[int]) -> None:
    """The texts joined are the plain text of the input, except for white space at its end."""
    plain = PlainText()
    text = plain.feed(data) + plain.finish()
    joined = "".join(piece for piece in read(rule, cut(data, where)) if isinstance(piece, str))

    if has_word(text):
        assert text.startswith(joined)
        assert not text[len(joined) :].strip()
