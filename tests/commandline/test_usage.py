"""An invalid command line is explained in one line, with the nearest valid option (contract, 2 and 7)."""

from __future__ import annotations

from lmnt_cli.commandline.usage import explain, nearest_option
from lmnt_cli.errors import ExitCode
from lmnt_cli.options import documented
from tests.tools.each import each


class NoSuchOption(Exception):
    """Typer's error for an unknown option, as far as we use it."""

    def __init__(self, option_name: str) -> None:
        self.option_name = option_name


class BadOptionUsage(NoSuchOption):
    """Typer's error for an option without a value, or a switch with one."""


class OtherError(Exception):
    """Any other error of Typer about a command line."""

    def format_message(self) -> str:
        return "Something is wrong."


@each(
    ("given", "nearest"),
    [
        ("--voise", "--voice"),
        ("--outptu", "--output"),
        ("--tiemout", "--timeout"),
        ("--no-clober", "--no-clobber"),
        ("--no-locl", "--no-local"),
        ("--flush", "--flush-on"),
        ("--quite", "--quiet"),
        ("--paly", "--play"),
        ("--lang-uage", "--language"),
        ("--lis", "--list-voices"),
    ],
)
def test_the_nearest_option(given: str, nearest: str) -> None:
    """A misspelled option is answered with the right one."""
    error = explain(NoSuchOption(given))

    assert error.message == f"no such option: {given}; did you mean {nearest}?"
    assert error.code is ExitCode.USAGE


@each("given", ["--xyzzy", "-5", "-Z", "--input-device", "--forced", "--no", "--i", "--rat"])
def test_no_option_like_it(given: str) -> None:
    """If no spelling is near, none is suggested, and `--` is explained."""
    assert nearest_option(given) is None
    assert explain(NoSuchOption(given)).message == (
        f"no such option: {given}; to speak text that begins with a dash, put -- before it"
    )


def test_an_option_and_text_in_one_argument() -> None:
    """What cannot be an option is a space, which no message can show."""
    assert explain(NoSuchOption("- ")).message == (
        "an option and a space are in one argument; to speak it, put -- before it"
    )


@each(
    ("given", "word"),
    [
        ("--api-key", "ps"),
        ("--speed", "speed"),
        ("--model", "model"),
        ("--rate", "speed"),
        ("--pitch", "pitch"),
        ("--voices", "--list-voices"),
        ("--text", "as arguments"),
        ("-t", "as arguments"),
        ("-w", "-o FILE"),
        ("--write-media", "-o FILE"),
        ("--input", "-f FILE"),
        ("--force", "--no-clobber"),
        ("--volume", "--player"),
    ],
)
def test_options_of_others(given: str, word: str) -> None:
    """An option of a comparable tool is answered with the equivalent here, or that sessions have none."""
    error = explain(NoSuchOption(given))

    assert f"there is no {given}" in error.message
    assert word in error.message
    assert all(given not in option.names for option in documented())


def test_values() -> None:
    """An option without its value, or a switch with one, is reported with what it takes."""
    assert explain(BadOptionUsage("--voice")).message == "--voice needs a value: --voice NAME"
    assert explain(BadOptionUsage("-o")).message == "-o needs a value: -o FILE"
    assert explain(BadOptionUsage("--quiet")).message == "--quiet takes no value"


def test_anything_else() -> None:
    """Other messages of Typer are put in our form."""
    error = explain(OtherError())

    assert error.message == "something is wrong"
    assert "--help" in f"{error.hint}"
