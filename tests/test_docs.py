"""What is written about the program is true of it: the help, README.md, and the command that CI runs."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.cli import parse
from lmnt_cli.errors import ExitCode
from lmnt_cli.options import OPTIONS, Flags
from tests.tools.option_names import PROGRAM, ROOT
from tests.tools.program import Say


README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
# A use of the program, up to where the shell goes on with something else.
USES = re.findall(
    r"""(?<![/.\w-])lmnt-say(?![.\w-])((?:[ ]+(?:"[^"\n]*"|[^\s|>;&#"]+))*)""", "\n".join(BLOCKS)
)


def table(section: str) -> list[list[str]]:
    """The rows of a section's table, the cells without back-quotes around them."""
    text = README.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def line_with(beginning: str) -> str:
    """The first line of the README that begins so."""
    return next(line for line in README.splitlines() if line.startswith(beginning))


def test_help(say: Say) -> None:
    """`--help` is what help.txt shows, at 80 columns and without colour."""
    result = say("--help", env={"COLUMNS": "80"})

    assert result.stdout.decode() == (ROOT / "tests/help.txt").read_text()
    assert max(map(len, result.stdout.decode().splitlines())) <= 80


@pytest.mark.parametrize("option", PROGRAM.options, ids=lambda option: option.long)
def test_each_option_has_help(option: Any) -> None:
    """Each option says what it is for, in a line."""
    assert 0 < len(option.help) <= 60
    assert option.help[0].isupper()


def test_options() -> None:
    """The README's table has each option, what it takes and its default, in the order of the help."""
    described = {}
    for cell, meaning, default in table("Options")[1:]:
        spelling = cell.replace("`", "")
        described[spelling] = (default.replace("`", ""), meaning)
    expected = {}
    for option in PROGRAM.options:
        metavar = "" if option.metavar is None else f" {option.metavar}"
        expected[", ".join(option.names) + metavar] = option

    assert list(described) == list(expected)
    for spelling, option in expected.items():
        default, meaning = described[spelling]
        if option.default is not None:
            assert default == option.default, spelling
        for value in OPTIONS[option.long[2:].replace("-", "_")].choices if option.metavar else ():
            assert f"`{value}`" in meaning, spelling


def test_environment() -> None:
    """The README's variables are those of the help."""
    rows = [(name.strip("`"), meaning.replace("`", "")) for name, meaning in table("Environment")]

    assert rows == list(PROGRAM.sections["Environment"])


def test_exit_status() -> None:
    """The README and the help have each exit status, and say the same of it; the README may say more."""
    rows = dict(table("Exit status"))
    said = dict(PROGRAM.sections["Exit status"])

    assert [code for code in rows if code.isdigit()] == [str(code.value) for code in ExitCode]
    assert list(said) == [str(code.value) for code in ExitCode]
    for code, meaning in said.items():
        assert rows[code].startswith(re.split("[:,;]", meaning)[0])


@pytest.mark.parametrize("words", sorted(set(USES)), ids=str.strip)
def test_uses(words: str) -> None:
    """Each use of the program in the README is one that the program understands."""
    assert isinstance(parse(shlex.split(words)), Flags)


def test_uses_of_the_service() -> None:
    """So is each use of the embedded service."""
    used = set(re.findall(r"lmnt-local serve[^#`\n]*?(--[a-z-]+)", README))
    run = subprocess.run(
        [sys.executable, "-m", "lmnt_cli.local", "serve", "--help"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert used
    assert [option for option in used if f"{option} " not in run.stdout] == []


def test_uses_are_found() -> None:
    """The uses tried above are about as many as the README has."""
    assert len(USES) >= 15


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: " ".join(block.splitlines()[:2]))
def test_blocks_are_shell(block: str) -> None:
    """What the README gives to paste is something a shell can read."""
    run = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, timeout=10, check=False)

    assert (run.returncode, run.stderr) == (0, "")


def test_main_job(environment: dict[str, str], tmp_path: Path) -> None:
    """The README's first command, once installed, speaks: it needs no key and leaves an MP3 file."""
    install, _, command = line_with("pip install '.[local]'").partition(" && ")
    for module in ("av", "h11", "hibari"):
        if os.environ.get("CI") != "true":
            pytest.importorskip(module)
    path = f"{Path(sys.executable).parent}:{environment['PATH']}"
    del environment["LMNT_API_KEY"]

    run = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={**environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert install == "pip install '.[local]'"
    audio = (tmp_path / "hello.mp3").read_bytes()
    assert len(audio) > 12_000  # a second
    assert audio[0] == 0xFF or audio[:3] == b"ID3"


def test_ci_runs_the_test_command() -> None:
    """`.ci/run` runs the README's test command, word for word, and fails where it fails."""
    command = line_with("pip install -e")
    lines = (ROOT / ".ci/run").read_text().splitlines()

    assert "pytest" in command
    assert lines.count(command) == 1
    assert "set -euo pipefail" in lines


def test_layout() -> None:
    """The files and folders of the README's map are there."""
    text = README.partition("\n## Development\n")[2].partition("\n```")[0]
    names = re.findall(r"^    ( *)(\S+)", text, re.MULTILINE)
    folders: list[str] = []
    for indent, name in names:
        folders[len(indent) // 2 :] = [name]

        assert ROOT.joinpath(*folders).exists(), folders
    assert len(names) > 10


def test_nothing_of_one_machine() -> None:
    """README and CHANGELOG name no place on somebody's disk."""
    text = README + (ROOT / "CHANGELOG.md").read_text()

    assert not re.search(r"(?<![\w.~])/(?:home|root|tmp|work|Users)\b", text)


# Turns of phrase that came from elsewhere, and what stands in their place.
FOREIGN = {
    r"\bbehind\b(?! (?:a |an |the )?(?:proxy|firewall|NAT))": "after",
    r"\b(?:go|goes|going|gone) on (?:with|from)\b": "resume",
    r"\bwill not do\b": "invalid",
    r"\bwithout a word\b": "silently",
    r"\bbroke off\b": "lost",
    r"\breads no more\b": "stopped reading",
    r"\bmakes? no sense\b": "cannot be used together",
    r"\bfor want of\b": "without",
    r"\b(?:is|are) borne\b": "accepted",
    r"\bhave it spoken\b": "speak",
}


def messages(path: Path) -> Iterator[str]:
    """The strings of a module that are no docstrings: what it may show to users."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_plain_english() -> None:
    """What users read has the words that a user of curl or ripgrep expects."""
    manuals = [path.read_text() for path in (ROOT / "completions").glob("*.1")]
    pages = [README, (ROOT / "CHANGELOG.md").read_text(), *manuals]
    strings = [text for path in (ROOT / "lmnt_cli").rglob("*.py") for text in messages(path)]
    found = [
        (match[0], plain, text[max(0, match.start() - 40) : match.end() + 20])
        for foreign, plain in FOREIGN.items()
        for text in (*pages, *strings)
        for match in re.finditer(foreign, text)
    ]

    assert manuals
    assert found == []
