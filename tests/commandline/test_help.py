"""What `--help` prints (contract, 2): every option, in titled groups, in two screens of 80 columns."""

from __future__ import annotations

import re

from lmnt_cli.commandline.help import COLUMN, DESCRIPTION, EPILOG, groups
from lmnt_cli.errors import ExitCode
from lmnt_cli.options import GROUPS, documented
from tests.tools.option_names import ROOT


GOLDEN = (ROOT / "tests/help.txt").read_text()


def test_groups() -> None:
    """Each option stands in one group, in the order of the table, and its meaning in the same column."""
    found = list(groups())

    assert [title for title, _ in found] == list(GROUPS)
    assert sum(len(rows) for _, rows in found) == len(documented())
    assert {len(usage) for _, rows in found for usage, _ in rows if len(usage) <= COLUMN - 4} == {COLUMN - 4}


def test_golden() -> None:
    """The golden page, which test_docs holds the program to, has it all."""
    for line in f"{DESCRIPTION}{EPILOG}".replace("\b", "").splitlines()[1:]:
        assert line.strip() in GOLDEN
    assert all(f"\n{title}:\n" in GOLDEN for title in GROUPS)
    assert all(option.long in GOLDEN for option in documented())


def test_two_screens() -> None:
    """The page fits two screens of 36 lines and 80 columns, with a line for almost every option."""
    lines = GOLDEN.splitlines()

    assert len(lines) <= 72
    assert max(map(len, lines)) <= 80


def test_ends_with_the_essentials() -> None:
    """The end names each variable that sets an option, each exit status, and the manual page."""
    variables = {option.variable for option in documented() if option.variable}

    assert {"LMNT_API_KEY", *variables} <= set(re.findall(r"LMNT_\w+", EPILOG))
    assert re.findall(r"\d+(?= )", EPILOG) == [str(code.value) for code in ExitCode]
    assert "lmnt-say(1)" in EPILOG


def test_sentences_are_imperative() -> None:
    """The help of an option begins with what it tells the program to do, and ends without a full stop."""
    others = ("No", "When", "The", "A", "On", "How", "Whether", "Also")

    assert [option.help for option in documented() if option.help.split()[0] in others] == []
    assert [option.help for option in documented() if option.help.endswith(".")] == []


def test_defaults_have_one_bracket() -> None:
    """A default stands in brackets, without more brackets in them."""
    assert "[default: (" not in GOLDEN
    assert all(text.count("[") <= 1 for _, rows in groups() for _, text in rows)


def test_no_way_back_is_shown() -> None:
    """The ways back are understood, and do not double the length of the help."""
    shown = GOLDEN.split()

    assert {option.opposite for option in documented() if option.opposite} & set(shown) == set()
