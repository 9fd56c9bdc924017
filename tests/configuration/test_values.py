"""The values of options, from any source (contract, 2 and 15)."""

from __future__ import annotations

from typing import Any

import pytest

from lmnt_cli.configuration.values import read_typed_value, read_value
from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.text.strip.filters import Strip
from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.options import OPTIONS
from tests.tools.each import each


def refusal(name: str, text: str) -> str:
    """Return the message about an invalid value."""
    with pytest.raises(UsageError) as raised:
        read_value(OPTIONS[name], text, "THE PLACE")
    assert raised.value.code is ExitCode.USAGE
    return raised.value.message


@each(
    ("name", "text", "expected"),
    [
        ("retry", "0", 0),
        ("sample_rate", "16000", 16000),
        ("timeout", "2", 2.0),
        ("flush_idle", ".5", 0.5),
        ("format", "MP3", AudioFormat.MP3),
        ("format", "Pcm_S16le", AudioFormat.PCM_S16LE),
        ("strip", "markdown", (Strip.MARKDOWN,)),
        ("strip", "Emoji, markdown,emoji", (Strip.EMOJI, Strip.MARKDOWN)),
        ("strip", "none", ()),
        ("language", "DE", "de"),
        ("language", "auto", "auto"),
        ("language", "yue", "yue"),
        ("voice", " ava ", "ava"),
        ("output", " a", " a"),
        ("file", "\udcff", "\udcff"),
    ],
)
def test_values(name: str, text: str, expected: object) -> None:
    """Text becomes a value of the option's type."""
    assert read_value(OPTIONS[name], text, "") == expected


@each("name", [name for name, option in OPTIONS.items() if option.type is float])
@each("text", ["0", "-1", "nan", "inf", "10s", "soon", "", "1e400"])
def test_seconds(name: str, text: str) -> None:
    """Times are numbers of seconds above 0."""
    assert refusal(name, text) == f"THE PLACE takes a number of seconds above 0, not {text or 'nothing'}"


@each("text", ["-1", "1.5", "x", "", "1_0", "0x1", "\u0663"])
def test_counts(text: str) -> None:
    """Counts are whole numbers from 0."""
    assert refusal("retry", text).startswith("THE PLACE takes a number of at least 0, not")


@each("text", ["0", "-1", "ten"])
def test_limit_of_characters(text: str) -> None:
    """The limit of characters is at least 1."""
    assert refusal("max_chars", text) == f"THE PLACE takes a number of at least 1, not {text}"


@each(
    ("text", "words"),
    [
        ("html", "none, markdown or emoji"),
        ("markdwn", "; did you mean markdown?"),
        ("emoji,markdwn", "; did you mean markdown?"),
    ],
)
def test_what_cannot_be_stripped(text: str, words: str) -> None:
    """An unknown kind is answered with those that exist, or the nearest."""
    assert words in refusal("strip", text)


@each(
    ("name", "text", "meant"),
    [
        ("sample_rate", "16k", "16000"),
        ("sample_rate", "24kHz", "24000"),
        ("sample_rate", "44k", None),
        ("sample_rate", "44100", None),
        ("format", "mp4", "mp3"),
        ("format", "pcm", None),
        ("format", "ogg", None),
        ("flush_on", "blankline", "blank-line"),
        ("flush_on", "sentences", "sentence"),
        ("progress", "al", None),
    ],
)
def test_choices(name: str, text: str, meant: str | None) -> None:
    """An invalid choice is answered with all choices, and the nearest one."""
    message = refusal(name, text)

    assert all(choice in message for choice in OPTIONS[name].choices)
    assert message.endswith(f"; did you mean {meant}?") if meant else "mean" not in message


@each(
    ("text", "meant"),
    [
        ("english", "en"),
        ("English", "en"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("deutsch", "de"),
        ("german", "de"),
        ("franzais", "fr"),
        ("\u65e5\u672c\u8a9e", "ja"),
        ("klingon", None),
        ("e", None),
        ("12", None),
    ],
)
def test_languages(text: str, meant: str | None) -> None:
    """An invalid language code is answered with the nearest one."""
    message = refusal("language", text)

    assert f"not {text}" in message
    assert message.endswith(f"; did you mean {meant}?") if meant else "mean" not in message


@each("name", ["voice", "language", "base_url", "proxy"])
@each("text", ["", " ", "a\nb", "\udcff"])
def test_texts(name: str, text: str) -> None:
    """Text to be sent must be text and not be empty."""
    assert refusal(name, text) in ("THE PLACE is empty", "THE PLACE contains characters that are not text")


@each("name", ["file", "output", "api_key_file", "player"])
def test_empty_names(name: str) -> None:
    """A file or a program must have a name."""
    assert refusal(name, "") == "THE PLACE is empty"


@each(
    ("name", "value", "expected"),
    [
        ("play", True, True),
        ("part", False, False),
        ("retry", 5, 5),
        ("timeout", 3, 3.0),
        ("timeout", 2.5, 2.5),
        ("voice", "ava", "ava"),
        ("format", "WAV", AudioFormat.WAV),
        ("sample_rate", 8000, 8000),
    ],
)
def test_typed_values(name: str, value: object, expected: object) -> None:
    """Values from TOML are already typed."""
    assert read_typed_value(OPTIONS[name], value, "") == expected


@each(
    ("name", "value", "words"),
    [
        ("play", "yes", 'true or false, not "yes"'),
        ("play", 1, "true or false"),
        ("retry", True, "not true"),
        ("retry", "3", "a number"),
        ("retry", -1, "a number"),
        ("retry", 1.5, "1.5"),
        ("timeout", "10", "seconds"),
        ("timeout", False, "not false"),
        ("timeout", 0, "above 0"),
        ("voice", 7, "text"),
        ("voice", ["a"], "text"),
        ("format", 3, "mp3"),
        ("sample_rate", 44100, "24000"),
        ("sample_rate", "8000", "8000"),
        ("voice", "", "empty"),
    ],
)
def test_wrong_types(name: str, value: Any, words: str) -> None:
    """A value of the wrong type is refused, and so is one that would be invalid as an argument."""
    with pytest.raises(UsageError) as raised:
        read_typed_value(OPTIONS[name], value, "THE PLACE")
    assert words in raised.value.message
