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

import lmnt_cli
from lmnt_cli.cli import parse
from lmnt_cli.core.figures.event_log import SCHEMA
from lmnt_cli.errors import ExitCode
from lmnt_cli.local.arguments import make_parser
from lmnt_cli.options import Flags
from tests.tools.each import each
from tests.tools.option_names import PROGRAM, ROOT
from tests.tools.program import Say
from tests.tools.recipes import Desk


README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
# A use of the program, up to where the shell goes on with something else.
USES = re.findall(
    r"""(?<![/.\w-])lmnt-say(?![.\w-])((?:[ ]+(?:"[^"\n]*"|[^\s|>;&#"]+))*)""", "\n".join(BLOCKS)
)


def line_with(beginning: str) -> str:
    """The first line of the README that begins so."""
    return next(line for line in README.splitlines() if line.startswith(beginning))


def test_help(say: Say) -> None:
    """`--help` is what help.txt shows, at 80 columns and without colour."""
    result = say("--help", env={"COLUMNS": "80"})

    assert result.stdout.decode() == (ROOT / "tests/help.txt").read_text()
    assert max(map(len, result.stdout.decode().splitlines())) <= 80


@each("option", PROGRAM.options, ids=lambda option: option.long)
def test_each_option_has_help(option: Any) -> None:
    """Each option says what it is for, in a line."""
    assert 0 < len(option.help) <= 60
    assert option.help[0].isupper()


def test_options() -> None:
    """Each option that the README's prose names is one of the program."""
    others = r"```.*?```|`lmnt-local.*?`|^## Recipes$.*?(?=^## )"
    prose = re.sub(others, "", README, flags=re.DOTALL | re.MULTILINE)
    known = {option.long for option in PROGRAM.options}

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", prose)) - known == set()


def test_exit_status() -> None:
    """The README has each exit status."""
    text = README.partition("A script can rely on the exit status:\n")[2].partition(".\n")[0]

    assert re.findall(r"`(\d+)` ", text) == [str(code.value) for code in ExitCode]


def test_events() -> None:
    """The README has each event with its fields."""
    text = README.partition("and `event`:\n")[2].partition("\n\n")[0]
    found = {
        event: re.findall(r"`(\w+)`", fields)
        for event, fields in re.findall(r"`([a-z]+)`(?: \(((?:[^()]|\n)*)\))?(?=[,. ])", text)
    }
    # The fields of a word are described with the list of words.
    found["words"] = found["words"][:1]

    assert found == {event: list(fields) for event, fields in SCHEMA.items()}


def test_length() -> None:
    """The README is read in a few minutes."""
    assert len(README.splitlines()) <= 200


@each("words", sorted(set(USES)), ids=str.strip)
def test_uses(words: str) -> None:
    """Each use of the program in the README is one that the program understands."""
    assert isinstance(parse(shlex.split(words)), Flags)


def test_uses_of_the_service() -> None:
    """So is each use of the embedded service."""
    used = set(re.findall(r"lmnt-local serve[^#`\n]*?(--[a-z-]+)", README))
    shown = make_parser()[1].format_help()

    assert used
    assert [option for option in used if f"{option} " not in shown] == []


def test_uses_are_found() -> None:
    """The uses tried above are about as many as the README has."""
    assert len(USES) >= 15


@each("block", BLOCKS, ids=lambda block: " ".join(block.splitlines()[:2]))
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


STORY = "Once upon a time, there was a princess.\\n\\nThe end.\\n"


def section(title: str) -> str:
    """The text of a section of the README."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


USES_AT_A_GLANCE = re.findall(r"^((?:llm|lmnt-say) .*?) *(?:#.*)?$", section("Uses"), re.MULTILINE)


@pytest.fixture
def desk(environment: dict[str, str], tmp_path: Path) -> Iterator[Desk]:
    """A shell whose programs talk to the embedded service, a player and a model; some text to speak."""
    if os.environ.get("CI") != "true":
        for module in ("av", "h11", "hibari"):
            pytest.importorskip(module)
    from tests.tools.local_service import shared_service

    desk = Desk({**environment, "LMNT_BASE_URL": shared_service().url}, tmp_path)
    desk.program("llm", f"printf {shlex.quote(STORY)}")
    desk.player()
    for name in ("chapter", "notes", "one", "two"):
        desk.write(f"{name}.txt", f"This is {name}.\n")
    yield desk
    desk.close()


@pytest.mark.parametrize("command", USES_AT_A_GLANCE)
def test_uses_do_what_they_say(command: str, desk: Desk) -> None:
    """Each line of the README's uses works as it stands, and leaves the files that it names."""
    running = desk.start(f"set -o pipefail; {command}")
    running.type(b"Typed.\n")
    running.end_input()

    result = running.wait(50)

    assert result.status == 0, result.stderr
    outputs = re.findall(r"(?:-o|>|--subtitles|--events) (\S+)", command)
    assert [name for name in outputs if not (desk.directory / name).stat().st_size] == []
    assert outputs or result.stdout


def test_uses_are_many() -> None:
    """The lines tried above are those of the README."""
    assert len(USES_AT_A_GLANCE) >= 12


def test_a_key(desk: Desk) -> None:
    """What the README says of a key stores it and speaks with it."""
    (block,) = re.findall(r"^```sh\n(.*?)^```$", section("A key"), re.MULTILINE | re.DOTALL)
    desk.environment.pop("LMNT_API_KEY")
    running = desk.start(f"set -e\n{block}")
    running.type(b"a-key-of-mine\n")
    running.end_input()

    result = running.wait(50)

    assert (result.status, result.stdout, result.stderr) == (0, b"", "")
    key = Path(desk.environment["XDG_CONFIG_HOME"]) / "lmnt-say" / "key"
    assert key.read_text().strip() == "a-key-of-mine"
    assert (desk.directory / "hello.mp3").stat().st_size > 1000


def test_ci_runs_the_test_command() -> None:
    """`.ci/run` runs the README's test command, word for word, and fails where it fails."""
    command = line_with("pip install -e")
    lines = (ROOT / ".ci/run").read_text().splitlines()

    assert "pytest" in command
    assert lines.count(command) == 1
    assert "set -euo pipefail" in lines


def test_map() -> None:
    """The modules and folders of the map in `lmnt_cli` are there."""
    names = re.findall(r"^    ([a-z_]+)/? ", lmnt_cli.__doc__ or "", re.MULTILINE)
    folder = ROOT / "lmnt_cli"

    assert len(names) > 10
    assert [
        name for name in names if not (folder / name).is_dir() and not (folder / f"{name}.py").is_file()
    ] == []


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
    nodes = list(ast.walk(ast.parse(path.read_text())))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_plain_english() -> None:
    """What users read has the words that a user of curl or ripgrep expects."""
    manuals = [path.read_text() for path in (ROOT / "completions").glob("*.1")]
    pages = [README, (ROOT / "CHANGELOG.md").read_text(), *manuals]
    strings = [text for path in (ROOT / "lmnt_cli").rglob("*.py") for text in messages(path)]
    text = "\n".join([*pages, *strings])
    found = [
        (match[0], plain, text[max(0, match.start() - 40) : match.end() + 20])
        for foreign, plain in FOREIGN.items()
        for match in re.finditer(foreign, text)
    ]

    assert manuals
    assert found == []
