"""Subtitles that are continued: `lmnt_cli.core.captions.continuing`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import unescape

import pytest
import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.captions.continuing import Kept, continued, keep_captions
from lmnt_cli.core.captions.formats import CaptionKind, JsonLines, SubRip, WebVtt
from lmnt_cli.core.captions.placement import Word
from lmnt_cli.errors import UsageError
from tests.tools.each import each
from tests.tools.strategies import properties


WORDS = [
    Word("One", 0.0, 1.0, 1),
    Word("two.", 1.0, 2.0, 1, closes=True),
    Word("Three", 2.5, 3.0, 2, closes=True),
    Word("four", 4.0, 5.0, 3, closes=True),
]
KINDS: tuple[CaptionKind, ...] = (SubRip, WebVtt, JsonLines)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def written(kind: CaptionKind, words: Sequence[Word] = WORDS) -> bytes:
    format_ = kind()
    return (format_.begin() + format_.feed(words) + format_.finish()).encode()


def shown(kind: CaptionKind, content: bytes) -> list[str]:
    """The words of subtitles, as others read them."""
    text = content.decode()
    if kind is SubRip:
        return " ".join(cue.content for cue in srt.parse(text)).split()
    if kind is WebVtt:
        raw = " ".join(cue.raw_text for cue in webvtt.from_string(text).captions)
        return unescape(raw).split()
    return [json.loads(line)["text"] for line in text.splitlines()]


@each(
    ("kind", "seconds", "number", "ended"),
    [
        (SubRip, 3.0, 2, 3000),
        (SubRip, 2.99, 1, 2000),
        (WebVtt, 3.9, 0, 3000),
        (JsonLines, 1.0, 1, 1000),
        (JsonLines, 2.9995, 2, 3000),
        (JsonLines, 99.0, 3, 5000),
    ],
)
def test_kept(kind: CaptionKind, seconds: float, number: int, ended: int) -> None:
    """Kept is what ends within the audio that is kept, to the millisecond."""
    kept = keep_captions(kind, lines(written(kind)), seconds)
    count = sum(round(word.end * 1000) <= ended for word in WORDS)

    assert (kept.number, kept.ended) == (number, ended)
    assert written(kind)[: kept.length] == written(kind, WORDS[:count])


@each_kind
@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_nothing_kept(kind: CaptionKind, seconds: float) -> None:
    """Without a cue that is kept the file begins anew, with its header."""
    assert keep_captions(kind, lines(written(kind)), seconds) == Kept()


@each_kind
def test_an_empty_file(kind: CaptionKind) -> None:
    """There is nothing to keep of it."""
    assert keep_captions(kind, [], 1.0) == Kept()


def test_numbers_go_on() -> None:
    """SRT goes on counting its cues, JSON lines their utterances, also within one."""
    kept = Kept(100, number=7, ended=5000)
    word = Word("Next.", 4.0, 6.0, 1, closes=True)

    assert continued(SubRip, kept).feed([word]) == "8\n00:00:05,000 --> 00:00:06,000\nNext.\n\n"
    for mid_utterance in (False, True):
        line = json.loads(continued(JsonLines, kept, mid_utterance=mid_utterance).feed([word]))
        assert line == {"text": "Next.", "start": 5.0, "end": 6.0, "utterance": 8 - mid_utterance}


def test_edited_by_hand() -> None:
    """Line ends of another system, blank lines, names, notes and hours are understood."""
    subrip = written(SubRip).replace(b"\n", b"\r\n").replace(b"\r\n\r\n2", b"\r\n\r\n\r\n2")
    assert keep_captions(SubRip, lines(subrip), 3.0) == Kept(subrip.index(b"3\r\n00"), 2, 3000)

    vtt = b"WEBVTT - a story\n\nNOTE 1\n00:59.000 -> 2\n\nc1\n00:01.000 --> 01:02.000 align:start\nOne\n\n"
    assert keep_captions(WebVtt, lines(vtt), 62.0) == Kept(len(vtt), 0, 62000)
    vtt = vtt.replace(b"01:02.000", b"02:01:02.000")
    assert keep_captions(WebVtt, lines(vtt), 7262.0).ended == 7262000


@each(
    ("kind", "content"),
    [
        (SubRip, b"something else"),
        (SubRip, written(WebVtt)),
        (SubRip, written(JsonLines)),
        (SubRip, written(SubRip) + b"something\n\n" + written(SubRip)),
        (WebVtt, b"something else"),
        (WebVtt, b"\n" + written(WebVtt)),
        (WebVtt, written(SubRip)),
        (JsonLines, b"something else"),
        (JsonLines, written(SubRip)),
        (JsonLines, b"{}\n"),
        (JsonLines, b"[" * 100_000 + b"\n"),
        (JsonLines, b'{"end":Infinity,"utterance":1}\n'),
        (JsonLines, b'{"end":"1","utterance":1}\n'),
        (JsonLines, b"\xff\n"),
    ],
)
def test_another_file(kind: CaptionKind, content: bytes) -> None:
    """What is not of that kind is refused, and never cut."""
    with pytest.raises(UsageError, match=r"it is not (SRT|WebVTT|JSON lines)"):
        keep_captions(kind, lines(content), 99.0)


texts = (
    st.text("ab 二,.<>-1\"'{}", min_size=1, max_size=8)
    .filter(str.strip)
    .map(lambda text: f"x{text.split()[0]}")
)
lengths = st.lists(st.tuples(texts, st.integers(0, 30), st.integers(1, 900), st.booleans()), max_size=12)


def timed(drawn: Sequence[tuple[str, int, int, bool]]) -> list[Word]:
    """The words, with times in hundredths of a second."""
    words, now, utterance = [], 0, 1
    for text, pause, length, closes in drawn:
        start, now = now + pause, now + pause + length
        words.append(Word(text, start / 100, now / 100, utterance, closes=closes))
        utterance += closes
    return words


@properties
@given(lengths, st.integers(0, 400), st.integers(0, 100), st.sampled_from(KINDS), st.booleans())
def test_cut_anywhere_and_continued(
    drawn: Sequence[tuple[str, int, int, bool]], place: int, lost: int, kind: CaptionKind, mid_utterance: bool
) -> None:
    """A run ends after any word, and its file anywhere after what is kept: the words of both stand once."""
    words = timed(drawn)
    first = [word for word in words if word.end <= place]
    seconds = first[-1].end if first else 0.0
    content = written(kind, first)
    # What a second run wrote, before it was killed, goes.
    more = written(kind, words)
    content += more[len(content) : len(content) + lost] if more.startswith(content) else b""

    kept = keep_captions(kind, lines(content), seconds)
    format_ = continued(kind, kept, mid_utterance=mid_utterance)
    again = [Word(w.text, w.start, w.end, w.utterance, closes=w.closes) for w in words[len(first) :]]
    begin = "" if kept.length else format_.begin()
    whole = content[: kept.length] + (begin + format_.feed(again) + format_.finish()).encode()

    assert shown(kind, whole) == [word.text for word in words] if words else True
    if kind is SubRip and words:
        numbers = [cue.index for cue in srt.parse(whole.decode())]
        assert numbers == list(range(1, len(numbers) + 1))


@properties
@given(lengths, st.integers(0, 2000), st.integers(0, 2000), st.sampled_from(KINDS))
def test_cut_amid_a_cue(
    drawn: Sequence[tuple[str, int, int, bool]], size: int, place: int, kind: CaptionKind
) -> None:
    """Of a file that ends anywhere, only whole cues are kept, of which none ends after the audio."""
    content = written(kind, timed(drawn))[:size]
    kept = keep_captions(kind, lines(content), place / 100)

    assert kept.length <= len(content)
    assert kept.ended <= place * 10 + 1
    if kept.length:
        words = [word.text for word in timed(drawn)]
        shown_ = shown(kind, content[: kept.length])
        assert words[: len(shown_)] == shown_


@pytest.mark.parametrize("to_bytes", [bytes.upper, bytes.strip], ids=range(2))
@properties
@given(content=st.binary(max_size=60) | st.text('1\n:,.->0WEBVT{}"end', max_size=80).map(str.encode))
def test_any_file(to_bytes: Callable[[bytes], bytes], content: bytes) -> None:
    """Any bytes at all are kept in part or refused."""
    for kind in KINDS:
        try:
            kept = keep_captions(kind, lines(to_bytes(content)), 1e6)
        except UsageError:
            continue
        assert kept.length <= len(content)
