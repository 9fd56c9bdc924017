"""Completion in real shells, and the manual page: they offer what the program takes, once installed too."""

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

from lmnt_cli.core.audio.formats import AudioFormat, format_of_extension
from tests.tools.option_names import PROGRAM, ROOT, options
from tests.tools.shells import ZSH_ALL_MATCHES, Fish, Shell


COMPLETIONS = ROOT / "completions"
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
INSTALLED: dict[str, str] = WHEEL["shared-data"]
NAMES = sorted(path.name for path in COMPLETIONS.glob("*lmnt-say*"))

Needs = Callable[[str], str]

VOICES = {"amy", "ansel", "ava", "curtis", "elowen", "leah", "lily", "mara-wilson", "morgan"}
AUDIO = {"a.mp3", "B.WAV", "c.webm", "d.ulaw", "e.pcm", "f.raw", "g.f32", "in two.mp3"}
FILES = AUDIO | {"words.txt"}
# What is typed behind the program's name, and what is then offered: no more, no less.
OFFERED = [
    ("--flush-on ", {"blank-line", "newline", "sentence", "never"}),
    ("--flush-on=ne", {"newline", "never"}),
    ("-q --format w", {"wav", "webm"}),
    ("--format=pcm", {"pcm_s16le", "pcm_f32le"}),
    ("--sample-rate ", {"8000", "16000", "24000"}),
    ("-v ", VOICES),
    ("--voice l", {"leah", "lily"}),
    ("-l p", {"pl", "pt"}),
    ("--progress a", {"auto", "always"}),
    ("--no-", options("--no-")),
    ("-o story.mp3 --ver", options("--ver")),
    ("-o ", AUDIO | {"directory"}),
    ("--output=", AUDIO | {"directory"}),
    ("-f ", FILES | {"directory"}),
    ("--file=wo", {"words.txt"}),
    ("--api-key-file d", {"d.ulaw", "directory"}),
    ("--player zz-", {"zz-player"}),
    ("--base-url ", set()),
    ("wo", set()),
    ("-- --no-", set()),
]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Files to choose from."""
    directory = tmp_path / "files"
    (directory / "directory").mkdir(parents=True)
    for name in FILES:
        (directory / name).touch()
    return directory


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """The files where the wheel puts them, below a prefix."""
    for source, target in INSTALLED.items():
        (tmp_path / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, tmp_path / target)
    (tmp_path / "bin").mkdir()
    for name in ("lmnt-say", "zz-player"):
        program = tmp_path / "bin" / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return tmp_path / "share"


@pytest.fixture
def installed(environment: dict[str, str], share: Path) -> dict[str, str]:
    """The environment of somebody who has installed the program below that prefix, and a player."""
    path = f"{share.parent}/bin:{os.environ['PATH']}"
    return {**environment, "XDG_DATA_DIRS": str(share), "PATH": path}


@pytest.fixture
def bash(needs: Needs, directory: Path, installed: dict[str, str]) -> Iterator[Shell]:
    """bash with nothing but our file."""
    shell = Shell(
        [needs("bash"), "--norc", "--noprofile", "-i"],
        directory,
        installed,
        f"bind 'set page-completions off'; source {shlex.quote(str(COMPLETIONS))}/lmnt-say.bash",
        all_matches="\x1b*",
    )
    yield shell
    shell.close()


@pytest.fixture
def zsh(needs: Needs, directory: Path, installed: dict[str, str], share: Path) -> Iterator[Shell]:
    """zsh that finds our function as an installed one."""
    functions = shlex.quote(str(share / "zsh/site-functions"))
    shell = Shell(
        [needs("zsh"), "-f", "-i"],
        directory,
        installed,
        f"fpath+=({functions}); autoload -Uz compinit; compinit -D -u; {ZSH_ALL_MATCHES}".replace("\n", " "),
        all_matches="\x1d",
    )
    yield shell
    shell.close()


@pytest.fixture
def fish(needs: Needs, directory: Path, installed: dict[str, str]) -> Fish:
    """fish that finds our file as an installed one."""
    return Fish(needs("fish"), directory, installed)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_offered(shell: str, request: pytest.FixtureRequest) -> None:
    """Each shell offers an option's values, its files, and the options that begin so."""
    asked: Shell | Fish = request.getfixturevalue(shell)

    offered = [(words, asked.offered(words)) for words, _ in OFFERED]

    assert offered == OFFERED


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_voices_that_were_listed(
    shell: str, installed: dict[str, str], request: pytest.FixtureRequest
) -> None:
    """Once voices were listed, it is they that are offered."""
    asked: Shell | Fish = request.getfixturevalue(shell)
    cache = Path(installed["XDG_CACHE_HOME"]) / "lmnt-say"
    cache.mkdir(parents=True)
    (cache / "voices").write_text("lily\nmy-own-voice\n0a1b.2c\n")

    assert asked.offered("-v ") == {"lily", "my-own-voice", "0a1b.2c"}
    assert asked.offered("--voice=my") == {"my-own-voice"}


@pytest.mark.parametrize("keys", ["--no-\t", "--no-\t\t"], ids=["once", "twice"])
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_meaning_is_shown(shell: str, keys: str, request: pytest.FixtureRequest) -> None:
    """Listed options say what they mean: in zsh at the first Tab, in bash at the second."""
    shown = request.getfixturevalue(shell).press(f"lmnt-say {keys}")

    assert ("Refuse to replace an existing FILE" in shown) == (shell == "zsh" or keys.endswith("\t\t"))


def test_meaning_in_fish(fish: Fish) -> None:
    """In fish each option stands beside what it means."""
    assert fish.listed("--no-cl") == {"--no-clobber": "Refuse to replace an existing FILE"}


def test_bash_line_is_left_alone(bash: Shell) -> None:
    """What a listing says is never inserted into the line."""
    shown = bash.press("lmnt-say --flush-\t\t")

    assert shown.splitlines()[-1].strip() == "$ lmnt-say --flush-"


def test_installed_for_bash(needs: Needs, directory: Path, installed: dict[str, str]) -> None:
    """The bash-completion package finds our file by the program's name."""
    needs("bash")
    package = Path("/usr/share/bash-completion/bash_completion")
    if not package.exists():
        message = "bash-completion is not installed"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    shell = Shell(
        ["bash", "--norc", "--noprofile", "-i"],
        directory,
        installed,
        f"source {package}",
        all_matches="\x1b*",
    )

    try:
        assert shell.offered("--progress a") == {"auto", "always"}
    finally:
        shell.close()


def test_files_are_those_of_the_program(tmp_path: Path) -> None:
    """The files are what the generator makes of the program as it is now."""
    subprocess.run([sys.executable, "-m", "completions.make", tmp_path], cwd=ROOT, check=True, timeout=20)
    made = {path.name: path.read_text() for path in tmp_path.glob("*lmnt-say*")}

    assert made == {name: (COMPLETIONS / name).read_text() for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_each_option_is_there(name: str) -> None:
    """Each file has each option."""
    text = (COMPLETIONS / name).read_text().replace("\\-", "-")
    missing = [option.long for option in PROGRAM.options if not has(text, option.long)]

    assert missing == []


def has(text: str, option: str) -> bool:
    """Whether the option is in the text; fish has them without dashes."""
    return re.search(rf"({option}|-l {option[2:]})(?![a-z-])", text) is not None


def test_extensions_are_those_of_the_program() -> None:
    """The extensions offered for `-o` are ones that choose a format, and each format has one."""
    extensions = re.findall(r"_lmnt_say_files \"\$word\" (.*)", (COMPLETIONS / "lmnt-say.bash").read_text())
    formats = [format_of_extension(f".{extension}") for extension in extensions[0].split()]

    assert set(formats) == set(AudioFormat)


def test_manual(needs: Needs) -> None:
    """The manual page is shown without a warning, with all its sections, within 80 columns."""
    run = subprocess.run(
        [needs("man"), "--warnings", "-E", "UTF-8", "-l", COMPLETIONS / "lmnt-say.1"],
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
    sections = [line for line in lines if line and line[0].isupper() and not line.startswith("LMNT-SAY")]

    assert run.stderr == ""
    assert sections == [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "ENVIRONMENT",
        "FILES",
        "EXIT STATUS",
        "SIGNALS",
        "EXAMPLES",
        "RECIPES",
    ]
    assert max(map(len, lines)) <= 80


def test_manual_is_found_beside_the_program(needs: Needs, share: Path) -> None:
    """`man` finds the page from where the program is: an environment on PATH is enough."""
    run = subprocess.run(
        [needs("man"), "-w", "lmnt-say"],
        env={"PATH": f"{share.parent}/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=20,
    )

    assert run.stdout.strip() == str(share / "man/man1/lmnt-say.1")


def test_powershell_braces() -> None:
    """The PowerShell file is whole: its braces pair. (It is not run here.)"""
    text = re.sub("'[^']*'", "", (COMPLETIONS / "lmnt-say.ps1").read_text())

    assert [text.count(each) for each in "({["] == [text.count(each) for each in ")}]"]
