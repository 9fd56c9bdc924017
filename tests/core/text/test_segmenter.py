"""Text, in any pieces, becomes the texts and flushes sent to the service, in order (contract, 3)."""

from __future__ import annotations

from hypothesis import given

from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.segmenter import MAX_CHARS, Mark, Piece, Segmenter, has_word
from tests.tools.each import each
from tests.tools.strategies import cut, places, properties, rules, texts


def segment(rule: FlushRule, pieces: list[str]) -> list[Piece]:
    """Return what is sent for text in these pieces."""
    segmenter = Segmenter(rule)
    return [sent for piece in pieces for sent in segmenter.feed(piece)]


def utterances(sent: list[Piece]) -> list[str]:
    """Return the joined texts between flushes; the last has no flush yet, and may be empty."""
    found = [""]
    for piece in sent:
        if piece is Mark.FLUSH:
            found.append("")
        else:
            found[-1] += str(piece)
    return found


@each(
    ("rule", "text", "expected"),
    [
        (FlushRule.BLANK_LINE, "One.\n\nTwo.", ["One.\n\n", "Two."]),
        (FlushRule.BLANK_LINE, "One.\n\n\n\n \n\nTwo.", ["One.\n\n", "\n\n \n\nTwo."]),
        (FlushRule.BLANK_LINE, "\n\n\nOne.", ["\n\n\nOne."]),
        (FlushRule.BLANK_LINE, "***\n\nOne.\n\n", ["***\n\nOne.\n\n", ""]),
        (FlushRule.BLANK_LINE, "One.\n\n***\n\nTwo.", ["One.\n\n", "***\n\nTwo."]),
        (FlushRule.NEWLINE, "One\nTwo\n", ["One\n", "Two\n", ""]),
        (FlushRule.NEWLINE, "\n--\nOne\n", ["\n--\nOne\n", ""]),
        (FlushRule.NEWLINE, "1\n", ["1\n", ""]),
        (FlushRule.NEWLINE, "日\n", ["日\n", ""]),
        (FlushRule.NEWLINE, "_\n", ["_\n"]),
        (FlushRule.SENTENCE, "One. Two. ", ["One. ", "Two. ", ""]),
        (FlushRule.SENTENCE, "?! One. ", ["?! One. ", ""]),
        (FlushRule.NEVER, "One.\n\nTwo.\n", ["One.\n\nTwo.\n"]),
    ],
)
def test_flushes(rule: FlushRule, text: str, expected: list[str]) -> None:
    """A flush follows the rule, and only if a word was sent since the last one."""
    assert utterances(segment(rule, [text])) == expected


def test_every_piece_goes_out_at_once() -> None:
    """No piece waits for the end of a line or a sentence."""
    segmenter = Segmenter(FlushRule.SENTENCE)

    assert [segmenter.feed(piece) for piece in ["H", "ello, wor", "ld"]] == [["H"], ["ello, wor"], ["ld"]]


def test_white_space_waits_at_the_start_of_an_utterance() -> None:
    """White space at the start is sent with the text after it; white space after a word is sent at once."""
    segmenter = Segmenter(FlushRule.BLANK_LINE)

    assert segmenter.feed(" \n") == []
    assert segmenter.feed("a") == [" \na"]
    assert segmenter.feed(" ") == [" "]
    assert segmenter.feed("\n\n") == ["\n\n", Mark.FLUSH]
    assert segmenter.feed("\n") == []
    assert segmenter.feed("b") == ["\nb"]


def test_what_is_held_is_bounded() -> None:
    """Unlimited white space is not kept in memory: once it fills a message, it is sent."""
    segmenter = Segmenter(FlushRule.NEVER)

    sent = [piece for _ in range(MAX_CHARS * 2) for piece in segmenter.feed(" ")]

    assert sum(map(len, map(str, sent))) >= MAX_CHARS


def test_flush_from_outside() -> None:
    """`flush` ends the utterance here if it contains a word, once."""
    segmenter = Segmenter(FlushRule.NEVER)

    assert segmenter.flush() == []
    segmenter.feed("...")
    assert segmenter.flush() == []
    segmenter.feed(" word")
    assert segmenter.flush() == [Mark.FLUSH]
    assert segmenter.flush() == []


def test_spoken() -> None:
    """`spoken` records whether there was ever a word."""
    segmenter = Segmenter(FlushRule.NEWLINE)

    segmenter.feed("--\n")
    assert not segmenter.spoken
    segmenter.feed("word\n")
    assert segmenter.spoken
    segmenter.feed("--\n")
    assert segmenter.spoken


@each("length", [1, MAX_CHARS - 1, MAX_CHARS, MAX_CHARS + 1, 3 * MAX_CHARS + 1])
@each("character", ["a", "😀", " "])
def test_longest_message(length: int, character: str) -> None:
    """A message holds at most 4,000 characters, however much arrives at once; none is empty."""
    sent = segment(FlushRule.NEVER, ["x" + character * length])

    assert "".join(map(str, sent)) == "x" + character * length
    assert all(0 < len(str(piece)) <= 4000 for piece in sent)


@properties
@given(rules, texts, places)
def test_reads_do_not_matter(rule: FlushRule, text: str, where: list[int]) -> None:
    """The utterances do not depend on the reads."""
    assert utterances(segment(rule, cut(text, where))) == utterances(segment(rule, [text]))


@properties
@given(rules, texts, places)
def test_nothing_is_lost(rule: FlushRule, text: str, where: list[int]) -> None:
    """The texts joined are the input, except for white space at its end."""
    joined = "".join(utterances(segment(rule, cut(text, where))))

    assert text.startswith(joined)
    assert not text[len(joined) :].strip()


@properties
@given(rules, texts, places)
def test_flushes_follow_words(rule: FlushRule, text: str, where: list[int]) -> None:
    """Every flush has a word before it; no message is empty or longer than 4,000 characters."""
    sent = segment(rule, cut(text * 40, where))

    assert all(has_word(utterance) for utterance in utterances(sent)[:-1])
    assert all(0 < len(piece) <= 4000 for piece in sent if isinstance(piece, str))


@each("character", ["a", "Z", "é", "日", "ا", "7", "٣", "²", "Ⅷ", "½"])
def test_word(character: str) -> None:
    """A letter or a digit, Unicode L or N, makes a word."""
    assert has_word(character)


@each("character", ["_", "-", "…", "😀", "\u0301", "\u200d", "$", "\ufffd", "。"])
def test_no_word(character: str) -> None:
    """No other character makes a word."""
    assert not has_word(character)
