"""The table of options (contract, 2): spellings, values, opposites."""

from __future__ import annotations

from typing import Any

from lmnt_cli.cli import parse
from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.strip.filters import Strip
from lmnt_cli.options import GROUPS, OPTIONS, Flags, OnDrop, Progress, documented
from tests.tools.each import each


# A value for each option, none of them its default.
VALUES = Flags(
    file=("a.txt", "-"), flush_on=FlushRule.SENTENCE, flush_idle=0.25, strip=(Strip.MARKDOWN, Strip.EMOJI),
    max_chars=5, tee=True, voice="my voice", language="de", format=AudioFormat.WAV, sample_rate=8000,
    output="a b.wav", continue_=True, part=False, clobber=False, save=False, subtitles=("a.srt", "b.vtt"),
    dry_run=True, stats=True, events="fd:3", play=True,
    player="mpv --volume=50 -", list_voices=True, usage=True, json=True, api_key_file="-k",
    base_url="http://127.0.0.1:9/p?x=1&y=2", insecure_http=True, proxy="http://me:p w@p:1", retry=0,
    on_drop=OnDrop.FAIL, connect_timeout=2.5, timeout=1e-3, local=True, progress=Progress.ALWAYS, quiet=True,
    verbose=True, debug=True, set_key=True, config="a.toml", no_config=True, profile="my profile",
)  # fmt: skip


def test_every_option_is_tried() -> None:
    """The values above include every option."""
    assert {option.name for option, _ in VALUES.given()} == set(OPTIONS)


@each("name", OPTIONS)
def test_words(name: str) -> None:
    """The arguments for a value are parsed back to that value."""
    option, value = OPTIONS[name], getattr(VALUES, name)
    flags = parse([*option.words(value), *(["--usage"] if name == "json" else [])])

    assert flags is not None
    assert getattr(flags, name) == value


@each("name", [name for name, option in OPTIONS.items() if option.opposite])
def test_words_of_the_way_back(name: str) -> None:
    """The same holds for the opposite of a switch."""
    option = OPTIONS[name]

    assert parse(option.words(option.negative)) == Flags(**dict[str, Any]({name: option.negative}))


def test_words_of_an_empty_list() -> None:
    """An empty list is `none`."""
    assert OPTIONS["strip"].words(()) == ["--strip", "none"]
    assert parse(["--strip", "none"]) == Flags(strip=())


def test_nothing_given() -> None:
    """An option that is not given needs no arguments."""
    assert [option.words(None) for option in OPTIONS.values()] == [[]] * len(OPTIONS)


def test_spellings_are_unique() -> None:
    """No two options share a spelling, an opposite or a key, and each is in a group of the help."""
    spellings = [name for option in documented() for name in option.names]
    spellings += [option.opposite for option in OPTIONS.values() if option.opposite]

    assert len(spellings) == len(set(spellings))
    assert {option.group for option in documented()} == set(GROUPS)


def test_what_belongs_to_one_run() -> None:
    """The inputs, outputs and listings of a run are not repeated by a resume command."""
    repeated = {name for name, option in OPTIONS.items() if option.one_run and option.resumes}
    # They choose what else holds, and subtitles go on with the recording.
    assert repeated == {"config", "no_config", "profile", "subtitles"}
    assert {"file", "output", "list_voices"} <= {n for n, option in OPTIONS.items() if option.one_run}
