"""Completion of `lmnt-local` in real shells, and its manual page: they offer what the program takes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmnt_cli.local.requests import ErrorType
from tests.tools.local_service import PROGRAM
from tests.tools.option_names import ROOT
from tests.tools.shells import ZSH_ALL_MATCHES, Fish, Shell


COMPLETIONS = ROOT / "completions"
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
NAMES = ["_lmnt-local", "lmnt-local.1", "lmnt-local.bash", "lmnt-local.fish"]

Needs = Callable[[str], str]

ERRORS = set(ErrorType)
# What is typed after the program's name, and what is then offered: no more, no less.
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


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A file to choose."""
    directory = tmp_path / "files"
    directory.mkdir()
    (directory / "words.txt").touch()
    return directory


@pytest.fixture
def installed(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has installed the programs below a prefix."""
    for source, target in WHEEL["shared-data"].items():
        (tmp_path / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, tmp_path / target)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "lmnt-local"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    return {**environment, "XDG_DATA_DIRS": str(tmp_path / "share"), "PATH": path}


@pytest.fixture
def bash(needs: Needs, directory: Path, installed: dict[str, str]) -> Iterator[Shell]:
    """bash with nothing but our file, and with strict settings."""
    file = shlex.quote(str(COMPLETIONS / "lmnt-local.bash"))
    setup = f"bind 'set page-completions off'; source {file}; set -u; IFS=:"
    command = [needs("bash"), "--norc", "--noprofile", "-i"]
    shell = Shell(command, directory, installed, setup, all_matches="\x1b*")
    yield shell
    shell.close()


@pytest.fixture
def zsh(needs: Needs, directory: Path, installed: dict[str, str], tmp_path: Path) -> Iterator[Shell]:
    """zsh that finds our function as an installed one."""
    functions = shlex.quote(str(tmp_path / "share/zsh/site-functions"))
    setup = f"fpath+=({functions}); autoload -Uz compinit; compinit -D -u; {ZSH_ALL_MATCHES}"
    command = [needs("zsh"), "-f", "-i"]
    shell = Shell(command, directory, installed, setup.replace("\n", " "), all_matches="\x1d")
    yield shell
    shell.close()


@pytest.fixture
def fish(needs: Needs, directory: Path, installed: dict[str, str]) -> Fish:
    """fish that finds our file as an installed one."""
    return Fish(needs("fish"), directory, installed)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_offered(shell: str, request: pytest.FixtureRequest) -> None:
    """Each shell offers the command, its options that begin so, their values and their files."""
    asked: Shell | Fish = request.getfixturevalue(shell)

    offered = [(words, asked.offered(words, "lmnt-local")) for words, _ in OFFERED]

    assert offered == OFFERED


def test_files_are_those_of_the_program(tmp_path: Path) -> None:
    """The files are what the generator makes of the program as it is now, and the wheel installs them."""
    subprocess.run([sys.executable, "-m", "completions.make", tmp_path], cwd=ROOT, check=True, timeout=20)
    made = {path.name: path.read_text() for path in tmp_path.glob("*lmnt-local*")}

    assert made == {name: (COMPLETIONS / name).read_text() for name in NAMES}
    assert {f"completions/{name}" for name in NAMES} <= WHEEL["shared-data"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_each_option_is_there(name: str) -> None:
    """Each file has each option of the help, and nothing that the help hides."""
    shown = subprocess.run([*PROGRAM, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", shown, re.MULTILINE))
    text = (COMPLETIONS / name).read_text().replace("\\-", "-")

    assert len(options) > 30
    assert [each for each in options if not re.search(rf"({each}|-l {each[2:]})(?![a-z-])", text)] == []
    assert "key-from-stdin" not in text


def test_manual(needs: Needs) -> None:
    """The manual page is shown without a warning, with all its sections, within 80 columns."""
    run = subprocess.run(
        [needs("man"), "--warnings", "-E", "UTF-8", "-l", COMPLETIONS / "lmnt-local.1"],
        env={
            **os.environ,
            "MANWIDTH": "80",
            "LC_ALL": "C.UTF-8",
            "MANROFFOPT": "-c",
            "MAN_KEEP_FORMATTING": "",
        },
        capture_output=True,
        text=True,
        timeout=20,
    )
    lines = re.sub(".\b", "", run.stdout).splitlines()
    sections = [line for line in lines if line and line[0].isupper() and not line.startswith("LMNT-LOCAL")]

    assert run.stderr == ""
    assert sections == [
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
