"""Text may begin with a dash, and options may be anywhere (contract, 7)."""

from __future__ import annotations

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli import cli
from lmnt_cli.cli import parse
from lmnt_cli.commandline.arguments import arrange
from lmnt_cli.errors import UsageError
from lmnt_cli.options import OPTIONS, Flags, documented
from tests.tools.each import each
from tests.tools.strategies import properties


@each(
    "text",
    [
        "-5 degrees",
        "- item",
        "-- he said",
        "--- a rule",
        "\u2013 dash",
        "-x marks the spot",
        "-\ttab",
        "-Z\nline",
        "--flush on newline",
        "--no news is good news",
    ],
)
def test_text_that_begins_with_a_dash(text: str) -> None:
    """It is spoken if it contains white space and does not begin with one of our options."""
    assert parse([text]) == Flags(text=(text,))
    assert parse(["-v", "ava", text, "-q"]) == Flags(text=(text,), voice="ava", quiet=True)


@each(
    ("arguments", "expected"),
    [
        (["-oMy Song.mp3"], Flags(output="My Song.mp3")),
        (["--output=My Song.mp3"], Flags(output="My Song.mp3")),
        (["-o", "- my song.mp3"], Flags(output="- my song.mp3")),
        (["-qo", "- my song.mp3", "Hi"], Flags(quiet=True, output="- my song.mp3", text=("Hi",))),
        (["-qo- my song.mp3"], Flags(quiet=True, output="- my song.mp3")),
        (["--player", "mpv -"], Flags(player="mpv -", play=True)),
        (["--", "-v", "--local"], Flags(text=("-v", "--local"))),
        (["-v", "--", "--", "a"], Flags(voice="--", text=("a",))),
        (["one", "- two", "-q", "three"], Flags(text=("one", "- two", "three"), quiet=True)),
        (["-"], Flags(text=("-",))),
        (["-f", "-"], Flags(file=("-",))),
    ],
)
def test_options_and_words(arguments: list[str], expected: Flags) -> None:
    """Options keep their values, and words their order."""
    assert parse(arguments) == expected


@properties
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda w: w[0] != "-")))
def test_words_keep_their_order(words: list[str]) -> None:
    """Words follow the options, in order, and none is lost."""
    assert arrange([*words[:1], "-q", *words[1:]]) == ["-q", *(["--", *words] if words else [])]


@properties
@given(
    st.lists(st.sampled_from(["-q", "-v", "ava", "--", "-", "- x", "-5 y", "--nope", "-o", "--local", "-pq"]))
)
def test_nothing_is_lost(arguments: list[str]) -> None:
    """No argument is lost or added, except the `--` before the words."""
    arranged = arrange(arguments)

    assert sorted(word for word in arranged if word != "--") == sorted(w for w in arguments if w != "--")


_options = st.sampled_from(
    [*(name for option in documented() for name in option.names), "-qov", "-qo", "--voise"]
)
_values = st.sampled_from(
    ["", "--", "-", "-q", "ava", "2", "speech.mp3", "newline", "two words", "--voice=lily"]
)


@properties
@given(st.lists(_options | _values, max_size=5))
def test_options_that_are_not_named_make_no_difference(arguments: list[str]) -> None:
    """The command that knows only the options named parses as one with all of them does, errors included."""
    found = parsed(arguments)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cli, "named", lambda arguments: list(OPTIONS.values()))
        expected = parsed(arguments)

    assert found == expected


def parsed(arguments: list[str]) -> object:
    """Return the flags, or the text of the error."""
    try:
        return parse(arguments)
    except UsageError as error:
        return error.message, error.hint
    except typer.Exit:
        return "exit"
