"""The manual page `lmnt-say(1)`: whole, true of the program, and found once installed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from completions.make.about_behaviour import ENVIRONMENT, EXAMPLES, EXIT_STATUS
from completions.make.about_options import MORE
from lmnt_cli import __version__
from lmnt_cli.cli import parse
from lmnt_cli.core.figures.event_log import COMMON, SCHEMA
from lmnt_cli.core.figures.snapshot import State
from lmnt_cli.core.figures.statistics import FIGURES
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import ExitCode
from lmnt_cli.options import OPTIONS, Flags
from tests.tools.completion import Installation, Needs, read_manual, sections
from tests.tools.each import each
from tests.tools.option_names import PROGRAM


@pytest.fixture
def page(needs: Needs) -> list[str]:
    """The lines that `man` shows."""
    return read_manual(needs, "lmnt-say.1")


def words(lines: list[str], title: str) -> str:
    """The text of a section, each white space a single space, words that were hyphenated joined."""
    text = "\n".join(lines).partition(f"\n{title}\n")[2]
    text = re.split(r"\n(?=[A-Z])", text)[0]
    return " ".join(re.sub(r"‐\n *", "", text).split())


def test_sections(page: list[str]) -> None:
    """It is shown without a warning, with all its sections and the version, within 80 columns."""
    assert sections(page) == [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "TEXT",
        "OUTPUT",
        "PLAYING",
        "CONNECTION",
        "STATUS LINE",
        "EVENTS",
        "CONFIGURATION",
        "ENVIRONMENT",
        "FILES",
        "EXIT STATUS",
        "SIGNALS",
        "NOTES",
        "EXAMPLES",
        "RECIPES",
        "SEE ALSO",
    ]
    assert max(map(len, page)) <= 80
    assert page[-1].split()[:2] == ["lmnt-say", __version__]


def test_options(page: list[str]) -> None:
    """Each option has its help, its values and its default; nothing is explained that is no option."""
    text = words(page, "OPTIONS")

    assert set(MORE) <= {option.long for option in PROGRAM.options}
    for option in PROGRAM.options:
        assert f"{', '.join(option.names)} {option.metavar or ''}".strip() in text
        assert option.help in text
        assert option.default is None or f"Default: {option.default}." in text
    for declared in OPTIONS.values():
        assert all(choice in text for choice in declared.choices)


def test_events(page: list[str]) -> None:
    """Each event has its fields with their units, and the figures of the last one are all there."""
    text = words(page, "EVENTS")
    for event, fields in SCHEMA.items():
        described = " ".join(f"{field}: {meaning}" for field, meaning in fields.items())

        assert f"{event} {described or '(no field of its own)'}" in text
    for name, meaning in (*COMMON.items(), *FIGURES.items()):
        assert f"{name} {meaning}" in text


def test_exit_status() -> None:
    """Each exit status is there."""
    assert [code for code, _ in EXIT_STATUS] == [str(code.value) for code in ExitCode]


def test_environment() -> None:
    """Each variable that sets an option is there."""
    described = " ".join(names for names, _ in ENVIRONMENT)

    assert {option.variable for option in OPTIONS.values() if option.variable} <= set(described.split())


def test_flush_rules_and_states(page: list[str]) -> None:
    """Each flush rule and each state of the status line is explained."""
    assert [rule.value for rule in FlushRule if f"{rule.value} flushes" not in words(page, "TEXT")] == []
    assert [state.value for state in State if state.value not in words(page, "STATUS LINE")] == []


@each("command", [command for _, command in EXAMPLES], ids=str)
def test_examples(command: str) -> None:
    """Each example is one that the program understands."""
    (given,) = re.findall(r"lmnt-say ([^|>]*)", command)

    assert isinstance(parse(given.split()), Flags)


def test_found_beside_the_program(tmp_path: Path, environment: dict[str, str], needs: Needs) -> None:
    """`man` finds the page from where the program is: an environment on PATH is enough."""
    installed = Installation(tmp_path, environment, needs)
    for name in ("lmnt-say", "lmnt-local"):
        run = subprocess.run(
            [needs("man"), "-w", name],
            env={"PATH": f"{installed.share.parent}/bin:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=20,
        )

        assert run.stdout.strip() == str(installed.share / f"man/man1/{name}.1")
