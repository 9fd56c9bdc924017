"""Completions of `lmnt-local` in real shells, and its manual page: they offer what the program accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lmnt_cli import __version__
from lmnt_cli.local.arguments import make_parser
from lmnt_cli.local.requests import ErrorType
from tests.tools.completion import COMPLETIONS, INSTALLED, Installation, Needs, read_manual, sections


NAMES = ["_lmnt-local", "lmnt-local.1", "lmnt-local.bash", "lmnt-local.fish"]

ERRORS = set(ErrorType)
# The text typed after the program's name, and exactly what is offered for it.
OFFERED = [
    ("ser", {"serve"}),
    ("--v", {"--version"}),
    ("serve --key-", {"--key-file"}),
    ("serve --allow-", {"--allow-host", "--allow-origin"}),
    ("serve --port 1 --no-", {"--no-ready", "--no-close", "--no-pong"}),
    ("serve --error ", ERRORS),
    ("serve --error=rate", {"rate_limit_error"}),
    ("serve --key-file wo", {"words.txt"}),
    ("serve --port ", set()),
    ("serve --allow-host a --allow-h", {"--allow-host"}),
]


@pytest.mark.parametrize("name", ["bash", "strict bash", "zsh", "fish"])
def test_offered(name: str, tmp_path: Path, environment: dict[str, str], needs: Needs) -> None:
    """Each shell offers the command, the options that begin so, their values and files."""
    installation = Installation(tmp_path, environment, needs)
    installation.add_files("words.txt")

    with installation.shell(name) as shell:
        offered = [(words, shell.offered(words, "lmnt-local")) for words, _ in OFFERED]

    assert offered == OFFERED


def test_files_are_installed() -> None:
    """The wheel installs the files; that they are current is tested along with those of lmnt-say."""
    assert {f"completions/{name}" for name in NAMES} <= INSTALLED.keys()


@pytest.mark.parametrize("name", NAMES)
def test_each_option_is_there(name: str) -> None:
    """Each file contains each option of the help, and no hidden option."""
    shown = make_parser()[1].format_help()
    options = set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", shown, re.MULTILINE))
    text = (COMPLETIONS / name).read_text().replace("\\-", "-")

    assert len(options) > 30
    assert [each for each in options if not re.search(rf"({each}|-l {each[2:]})(?![a-z-])", text)] == []
    assert "key-from-stdin" not in text


def test_manual(needs: Needs) -> None:
    """The manual page displays all its sections and the version within 80 columns."""
    lines = read_manual(needs, "lmnt-local.1")

    assert sections(lines) == [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "EXIT STATUS",
        "SIGNALS",
        "EXAMPLES",
        "SEE ALSO",
    ]
    assert max(map(len, lines)) <= 80
    assert lines[-1].split()[:2] == ["lmnt-say", __version__]
