"""Subtitles in their three formats: `lmnt_cli.core.captions.formats`, parsed by srt and webvtt-py."""

from __future__ import annotations

import json

import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.captions.formats import CaptionFormat, JsonLines, SubRip, WebVtt, format_of_subtitles
from lmnt_cli.core.captions.placement import Word, place_words
from lmnt_cli.core.captions.wording import split_words
from tests.tools.each import each
from tests.tools.strategies import properties


def written(format: CaptionFormat, text: str, seconds: float = 10.0) -> str:  # noqa: A002 - its name everywhere
    words = place_words(split_words(text), [], 0.0, seconds, 1)
    return format.begin() + format.feed(words) + format.finish()


def test_srt() -> None:
    """SRT counts from 1, has commas in its times and a blank line after every cue."""
    assert written(SubRip(), "One. Two & <b>.") == (
        "1\n00:00:00,000 --> 00:00:04,286\nOne.\n\n2\n00:00:04,286 --> 00:00:10,000\nTwo & <b>.\n\n"
    )


def test_vtt() -> None:
    """WebVTT begins with its signature and escapes characters that are markup."""
    assert written(WebVtt(), "One. Two & <b> --> c.", 3700.0).splitlines()[:3] == [
        "WEBVTT",
        "",
        "00:00:00.000 --> 00:00:07.000",
    ]
    assert "Two &amp; &lt;b&gt; --&gt; c.\n\n" in written(WebVtt(), "One. Two & <b> --> c.")


def test_jsonl() -> None:
    """JSON lines have one word each, with its punctuation, its times in seconds and its utterance."""
    line = written(JsonLines(), "Hello, “world”.", 1.0).splitlines()[1]

    assert json.loads(line) == {"text": "“world”.", "start": 0.5, "end": 1.0, "utterance": 1}
    assert line.startswith('{"text":"“world”.","start":')


def test_a_cue_lasts() -> None:
    """Cues shorter than a millisecond neither end before they begin nor overlap."""
    format = SubRip()  # noqa: A001 - its name everywhere
    words = [Word(f"{n}.", 1.0, 1.0001, 1, closes=True) for n in range(3)]
    cues = list(srt.parse(format.feed(words)))

    assert [(cue.start.microseconds, cue.end.microseconds) for cue in cues] == [
        (0, 1000),
        (1000, 2000),
        (2000, 3000),
    ]


@each(
    ("extension", "format"),
    [(".srt", SubRip), (".VTT", WebVtt), (".jsonl", JsonLines), (".json", None), ("", None)],
)
def test_extensions(extension: str, format: type | None) -> None:  # noqa: A002 - its name everywhere
    """The extension determines the format."""
    assert format_of_subtitles(extension) is format


@properties
@given(st.text("ab <>&-.,\u2014二1\"'{}\\n", max_size=120), st.floats(0.001, 5000))
def test_read_back(text: str, seconds: float) -> None:
    """The parsers for SRT, WebVTT and JSON return every word of the text."""
    expected = "".join("".join(word.text for word in split_words(text)).split())

    subrip = srt.parse(written(SubRip(), text, seconds))
    assert "".join("".join(cue.content.split()) for cue in subrip) == expected
    vtt = written(WebVtt(), text, seconds)
    shown = (
        "".join("".join(cue.raw_text.split()) for cue in webvtt.from_string(vtt).captions) if expected else ""
    )
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == expected
    words = [json.loads(line)["text"] for line in written(JsonLines(), text, seconds).splitlines()]
    assert "".join("".join(words).split()) == expected
