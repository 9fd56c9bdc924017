"""What is said of a command line that cannot be (contract, 2)."""

from __future__ import annotations

import pytest

from lmnt_cli.errors import ExitCode
from lmnt_cli.usage import explain


KNOWN = ("--voice", "-v", "--output", "-o")


class NoSuchOption(Exception):
    """What Typer raises for an option that there is not, as far as it is read."""

    def __init__(self, option_name: str) -> None:
        self.option_name = option_name


class MissingParameter(Exception):
    """Anything else that Typer raises for a command line."""

    def format_message(self) -> str:
        return "Option '--voice' requires an argument."


@pytest.mark.parametrize(("given", "nearest"), [("--voise", "--voice"), ("--outptu", "--output")])
def test_the_nearest_option(given: str, nearest: str) -> None:
    """An option that is nearly right is answered by the right one."""
    error = explain(NoSuchOption(given), KNOWN)

    assert error.message == f"no such option: {given}; did you mean {nearest}?"
    assert error.code is ExitCode.USAGE


def test_no_option_like_it() -> None:
    """Where nothing is near, nothing is guessed."""
    assert explain(NoSuchOption("--xyzzy"), KNOWN).message == "no such option: --xyzzy"


@pytest.mark.parametrize(("given", "word"), [("--api-key", "ps"), ("--speed", "speed"), ("--model", "model")])
def test_asked_for_elsewhere(given: str, word: str) -> None:
    """What other tools have, and we do not, is explained."""
    assert word in explain(NoSuchOption(given), KNOWN).message


def test_anything_else() -> None:
    """Typer's own words are put in our form."""
    error = explain(MissingParameter(), KNOWN)

    assert error.message == "option '--voice' requires an argument"
    assert "--help" in f"{error.hint}"
