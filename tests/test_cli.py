"""The command line: options, their help, and the one line of a usage error (contract, 2 and 7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.cli import parse, say
from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.options import OPTIONS, Flags, OnDrop, Progress
from lmnt_cli.run.signals import Signals
from lmnt_cli.settings import Settings, resolve
from tests.tools.each import each


def flags(*arguments: str) -> Flags:
    """Return the flags of this command line."""
    found = parse(arguments)
    assert found is not None
    return found


def refusal(*arguments: str) -> UsageError:
    """Return the error of an invalid command line."""
    with pytest.raises(UsageError) as raised:
        parse(arguments)
    return raised.value


def test_nothing_given() -> None:
    """Without arguments every flag has its default."""
    assert flags() == Flags()


def test_words() -> None:
    """Words may be between options and after `--`."""
    assert flags("Hello", "-v", "ava", "world").text == ("Hello", "world")
    assert flags("--", "-v", "--local").text == ("-v", "--local")


@each(
    ("arguments", "expected"),
    [
        (["-f", "a"], Flags(file=("a",))),
        (["--file", "-"], Flags(file=("-",))),
        (["-f", "a", "-f", "-", "--file=b"], Flags(file=("a", "-", "b"))),
        (["--flush-on", "sentence"], Flags(flush_on=FlushRule.SENTENCE)),
        (["--flush-on=never"], Flags(flush_on=FlushRule.NEVER)),
        (["--flush-idle", "1.5"], Flags(flush_idle=1.5)),
        (["-v", "ava"], Flags(voice="ava")),
        (["--voice=ava"], Flags(voice="ava")),
        (["-l", "de"], Flags(language="de")),
        (["--format", "pcm_s16le"], Flags(format=AudioFormat.PCM_S16LE)),
        (["--format", "MP3"], Flags(format=AudioFormat.MP3)),
        (["--sample-rate", "8000"], Flags(sample_rate=8000)),
        (["-o", "-"], Flags(output="-")),
        (["--output", "a.wav"], Flags(output="a.wav")),
        (["--no-part"], Flags(part=False)),
        (["--no-clobber"], Flags(clobber=False)),
        (["-p"], Flags(play=True)),
        (["--play"], Flags(play=True)),
        (["--player", "mpv -"], Flags(play=True, player="mpv -")),
        (["--list-voices"], Flags(list_voices=True)),
        (["--usage", "--json"], Flags(usage=True, json=True)),
        (["-v?", "--json"], Flags(voice="?", json=True)),
        (["--api-key-file", "k"], Flags(api_key_file="k")),
        (["--base-url", "http://a"], Flags(base_url="http://a")),
        (["--insecure-http"], Flags(insecure_http=True)),
        (["--on-drop", "fail"], Flags(on_drop=OnDrop.FAIL)),
        (["--proxy", "http://p"], Flags(proxy="http://p")),
        (["--no-save"], Flags(save=False)),
        (["--no-play", "--player", "mpv -"], Flags(play=False, player="mpv -")),
        (["--retry", "3"], Flags(retry=3)),
        (["--timeout", "30"], Flags(timeout=30.0)),
        (["--on-drop", "resume"], Flags(on_drop=OnDrop.RESUME)),
        (["--retry", "0"], Flags(retry=0)),
        (["--connect-timeout", "2"], Flags(connect_timeout=2.0)),
        (["--timeout", "0.5"], Flags(timeout=0.5)),
        (["--local"], Flags(local=True)),
        (["--progress", "ALWAYS"], Flags(progress=Progress.ALWAYS)),
        (["--progress", "always"], Flags(progress=Progress.ALWAYS)),
        (["--no-progress"], Flags(progress=Progress.NEVER)),
        (["-q"], Flags(quiet=True)),
        (["--quiet"], Flags(quiet=True)),
        (["--verbose"], Flags(verbose=True)),
        (["--debug"], Flags(debug=True)),
    ],
)
def test_option(arguments: list[str], expected: Flags) -> None:
    """Each option sets its own flag and no other."""
    assert flags(*arguments) == expected


@each("name", [name for name, option in OPTIONS.items() if option.opposite])
def test_ways_back(name: str) -> None:
    """Each switch has an opposite, which differs from not giving it; the last one counts."""
    option = OPTIONS[name]
    assert option.opposite is not None

    assert flags(option.long) == Flags(**dict[str, Any]({name: not option.negative}))
    assert flags(option.opposite) == Flags(**dict[str, Any]({name: option.negative}))
    assert flags(option.long, option.opposite) == flags(option.opposite)


def test_output_twice() -> None:
    """A second output is refused, because the first would not be written."""
    assert "--output" in refusal("-o", "a.mp3", "--output", "b.mp3").message


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`-h` and `--help` print everything on standard output, and do nothing else."""
    assert parse(["-h"]) is None
    short = capsys.readouterr()
    assert parse(["--help"]) is None
    long = capsys.readouterr()

    assert (short.out, short.err) == (long.out, "")
    assert "LMNT_API_KEY" in long.out
    assert "Exit status:" in long.out


def test_every_option_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Every option has a help text."""
    parse(["--help"])
    lines = capsys.readouterr().out.splitlines()
    options = [n for n, line in enumerate(lines) if line.strip().startswith("-")]

    assert len(options) > 20
    assert [lines[n] for n in options if not (lines[n] + lines[n + 1])[28:].strip()] == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints name and version of the program."""
    assert parse(["--version"]) is None
    assert capsys.readouterr().out.startswith("lmnt-say 0.")


@pytest.mark.parametrize("arguments", ["--help", "--version"])
def test_a_configuration_with_a_mistake(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, arguments: str
) -> None:
    """Help and version do not read the configuration."""
    (tmp_path / "lmnt-say").mkdir()
    (tmp_path / "lmnt-say/config.toml").write_text("retri = 3\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["lmnt-say", arguments])

    say(frozenset(), Signals.__new__(Signals))

    printed = capfd.readouterr()
    assert printed.out.startswith(("Usage:", "lmnt-say 0."))
    assert printed.err == ""


@pytest.mark.parametrize("arguments", ["--help", "--version", "--list-voices", "--usage --json", "--dry-run"])
def test_closed_standard_output(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], arguments: str
) -> None:
    """What is printed cannot be: exit status 7, in one line, before anything is asked."""
    monkeypatch.setattr("sys.argv", ["lmnt-say", *arguments.split()])
    monkeypatch.setenv("LMNT_BASE_URL", "http://127.0.0.1:9")

    with pytest.raises(SystemExit) as raised:
        say(frozenset({1}), Signals.__new__(Signals))  # neither installs nor needs a handler

    assert raised.value.code == ExitCode.OUTPUT
    assert capfd.readouterr().err == "lmnt-say: could not write standard output: it is closed\n"


@each(
    ("arguments", "words"),
    [
        (["--voise", "ava"], "--voice"),
        (["--formt=mp3"], "--format"),
        (["--flush"], "--flush-on"),
        (["--tiemout", "3"], "--timeout"),
    ],
)
def test_nearest_option(arguments: list[str], words: str) -> None:
    """A mistyped option is answered with the nearest valid one, and never spoken."""
    error = refusal(*arguments)

    assert arguments[0].split("=")[0] in error.message
    assert words in error.message


@each(
    ("arguments", "words"),
    [
        (["--api-key", "secret"], "LMNT_API_KEY"),
        (["--api-key=secret"], "LMNT_API_KEY"),
        (["--speed", "2"], "sessions"),
        (["--model=x"], "sessions"),
    ],
)
def test_options_that_are_asked_for(arguments: list[str], words: str) -> None:
    """Options of other tools that we lack are explained; a key that was given is not repeated."""
    error = refusal(*arguments)

    assert words in f"{error.message} {error.hint}"
    assert "secret" not in f"{error.message} {error.hint}"


@each(
    ("arguments", "words"),
    [
        (["--format", "ogg"], ["--format", "ogg", "mp3"]),
        (["--flush-on", "word"], ["--flush-on", "word", "sentence"]),
        (["--sample-rate", "fast"], ["--sample-rate", "fast"]),
        (["--timeout", "soon"], ["--timeout", "soon"]),
        (["--retry", "1.5"], ["--retry", "1.5"]),
        (["--voice"], ["--voice"]),
        (["--quiet=yes"], ["--quiet"]),
        (["--local", "--base-url", "http://localhost"], ["--local", "--base-url"]),
    ],
)
def test_wrong_values(arguments: list[str], words: list[str]) -> None:
    """An invalid value is reported with its option, in one line."""
    error = refusal(*arguments)

    assert error.code is ExitCode.USAGE
    assert all(word in error.message for word in words)
    assert "\n" not in error.message


@each("arguments", [["--voise"], ["--format", "ogg"], ["--speed=1"], ["--retry", "x"]])
def test_manner(arguments: list[str]) -> None:
    """Messages begin in lower case, or with the option, and end without a full stop."""
    message = refusal(*arguments).message

    assert not message[0].isupper()
    assert not message.endswith(".")


REFUSED = {
    "--voise lily": ("--voise", "--voice"),
    "--no-such-thing-at-all": ("--no-such-thing-at-all",),
    "-Z": ("-Z",),
    "--voice": ("--voice",),
    "--format mp4": ("mp4", "mp3"),
    "--flush-on word": ("word", "blank-line"),
    "--sample-rate 44100": ("44100", "24000"),
    "--retry -1": ("--retry",),
    "--connect-timeout -1": ("--connect-timeout",),
    "--flush-idle -1": ("--flush-idle",),
    "-o story.xyz": ("--format",),
    "--base-url ftp://127.0.0.1": ("--base-url", "https"),
    "--local --base-url http://127.0.0.1:9": ("--local", "--base-url"),
    "-q --debug --speed 2": ("speed",),
    "--model blizzard": ("model",),
    "--input a.txt": ("--input", "-f FILE"),
    "-5": ("-5", "--"),
    "--timeout 10s": ("--timeout", "10s", "seconds"),
    "-l english": ("english", "en?"),
    "--base-url ": ("--base-url",),
    "-q --verbose": ("--quiet", "--verbose"),
    "-o story.mp3 -o story.wav": ("--output",),
    "-f nowhere.txt Words.": ("--file",),
    "--api-key-file -": ("--api-key-file",),
    "--base-url http://speech.example": ("--insecure-http",),
    "--base-url ws://speech.example/v2": ("--insecure-http",),
    "--base-url http://192.0.2.1:8000": ("--insecure-http",),
}


def resolved(*arguments: str) -> Settings:
    """Return the settings of this command line, where everything is refused that is refused before a run."""
    environment = {"LMNT_API_KEY": "a-key"}
    return resolve(flags(*arguments), environment, stdin_typed=False, stdout_terminal=False)


@each(("line", "words"), REFUSED.items())
def test_each_error_names_the_option(line: str, words: tuple[str, ...]) -> None:
    """Each usage error is one line that names what was wrong, and the nearest valid option."""
    with pytest.raises(UsageError) as raised:
        resolved(*line.split(" "))
    told = f"{raised.value.message}; {raised.value.hint}"

    assert [word for word in words if word not in told] == []
    assert "\n" not in told
