"""Completion in real shells, and the manual page: they offer what the program takes, once installed too."""

from __future__ import annotations

import html
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lmnt_cli.core.audio.formats import AudioFormat, format_of_extension
from tests.tools.completion import (
    BASH,
    COMPLETIONS,
    INSTALLED,
    Installation,
    Needs,
    Opened,
    made_files,
)
from tests.tools.each import each
from tests.tools.option_names import PROGRAM, ROOT, options
from tests.tools.shells import ZSH_ALL_MATCHES, Fish, Shell


NAMES = sorted(path.name for path in COMPLETIONS.glob("*lmnt-say*"))

VOICES = {"amy", "ansel", "ava", "curtis", "elowen", "leah", "lily", "mara-wilson", "morgan"}
AUDIO = {"a.mp3", "B.WAV", "c.webm", "d.ulaw", "e.pcm", "f.raw", "g.f32", "in two.mp3"}
FILES = AUDIO | {"words.txt"}
# What is typed after the program's name, and what is then offered: no more, no less.
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
def installation(tmp_path: Path, environment: dict[str, str], needs: Needs) -> Installation:
    """The programs, a player, and files to choose from."""
    installed = Installation(tmp_path, environment, needs)
    installed.add_program("zz-player")
    installed.add_files(*FILES)
    (installed.directory / "directory").mkdir()
    return installed


@pytest.fixture
def shell(installation: Installation, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """A shell by its name."""
    with installation.shell(request.param) as opened:
        yield opened


LISTED = {"lily", "my-own-voice", "0a1b.2c"}
MEANT = "Refuse to replace an existing FILE"
# What is typed in a shell, and whether the meaning of an option is shown then.
BASH_SHOWS, ZSH_SHOWS = {"--no-\t": False, "--no-\t\t": True}, {"--no-\t": True}


# A strict bash does not know where the list is.
@pytest.mark.parametrize(
    ("shell", "voices", "shown_by"),
    [
        ("bash", LISTED, BASH_SHOWS),
        ("strict bash", VOICES, BASH_SHOWS),
        ("zsh", LISTED, ZSH_SHOWS),
        ("fish", LISTED, {}),
    ],
    indirect=["shell"],
    ids=["bash", "strict bash", "zsh", "fish"],
)
def test_offered(
    shell: Opened, voices: set[str], shown_by: dict[str, bool], installation: Installation
) -> None:
    """Each shell offers an option's values, its files, and the options that begin so.

    Listed options say what they mean: in zsh at the first Tab, in bash at the second. (For fish see below.)
    Once voices were listed, it is they that are offered, in the same shell too.
    """
    assert [(words, shell.offered(words)) for words, _ in OFFERED] == OFFERED
    if not isinstance(shell, Fish):
        assert {keys: MEANT in shell.press(f"lmnt-say {keys}") for keys in shown_by} == shown_by

    cache = Path(installation.environment["XDG_CACHE_HOME"]) / "lmnt-say"
    cache.mkdir(parents=True)
    (cache / "voices").write_text("".join(f"{voice}\n" for voice in LISTED))
    assert shell.offered("-v ") == voices
    assert shell.offered("--voice=my") == voices & {"my-own-voice"}


@pytest.mark.parametrize("shell", ["fish"], indirect=True)
def test_meaning_in_fish(shell: Fish) -> None:
    """In fish each option stands beside what it means."""
    assert shell.listed("--no-cl") == {"--no-clobber": MEANT}


@pytest.mark.parametrize("shell", ["bash", "strict bash"], indirect=True)
def test_bash_line_is_left_alone(shell: Shell) -> None:
    """What a listing says is never inserted into the line."""
    shown = shell.press("lmnt-say --flush-\t\t")

    assert shown.splitlines()[-1].strip() == "$ lmnt-say --flush-"


def test_installed_for_bash(installation: Installation, needs: Needs) -> None:
    """The bash-completion package finds our file by the program's name."""
    package = Path("/usr/share/bash-completion/bash_completion")
    if not package.exists():
        message = "bash-completion is not installed"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)

    with closing(installation.open([needs("bash"), *BASH], f"source {package}", "\x1b*")) as shell:
        assert shell.offered("--progress a") == {"auto", "always"}


COMPINIT = "autoload -Uz compinit; compinit\n"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        pytest.param("bash", "", "", id="bash"),
        pytest.param("bash", "set -u\nIFS=:\nunset HOME\n", "", id="bash, strict"),
        pytest.param("zsh", "", "", id="zsh"),
        pytest.param("zsh", COMPINIT, "", id="zsh, after compinit"),
        pytest.param("zsh", "", COMPINIT, id="zsh, before compinit"),
        pytest.param("fish", "", "", id="fish"),
    ],
)
def test_lines_of_the_readme(name: str, before: str, after: str, tmp_path: Path, needs: Needs) -> None:
    """Pasted into a shell of a fresh home, the README's line completes both programs in the next shell."""
    command = needs(name)
    (line,) = re.findall(rf"^(.*\S) +# {name}$", (ROOT / "README.md").read_text(), re.MULTILINE)
    home = tmp_path / "it's a home"
    home.mkdir()
    startup = home / f".{name}rc"
    if before:
        startup.write_text(before)
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    subprocess.run([command, "-c", line], cwd=ROOT, env=environment, check=True, timeout=20)

    if name == "fish":
        assert_completes(Fish(command, home, environment))
        return
    with startup.open("a") as file:
        file.write(f"{after}PS1='$ '\n")  # what the test waits for; the system's own may differ
    setup, all_matches = (
        ("bind 'set page-completions off'", "\x1b*") if name == "bash" else (ZSH_ALL_MATCHES, "\x1d")
    )
    setup = setup.replace("\n", " ")
    with closing(Shell([command, "-i"], home, environment, setup, all_matches=all_matches)) as shell:
        assert_completes(shell)


def assert_completes(shell: Opened) -> None:
    assert shell.offered("--progress a") == {"auto", "always"}
    assert shell.offered("serve --allow-", "lmnt-local") == {"--allow-host", "--allow-origin"}


def test_files_are_those_of_the_program(tmp_path: Path) -> None:
    """The files are what the generator makes of the program as it is now."""
    made = made_files(tmp_path, "*")
    shown = made.pop("status-line.svg")

    assert made == {name: (COMPLETIONS / name).read_text() for name in made}
    assert set(NAMES) < made.keys()
    assert {Path(source).name for source in INSTALLED} <= made.keys()
    # Another release of Rich may draw the same words with other coordinates.
    assert words_of(shown) == words_of((COMPLETIONS / "status-line.svg").read_text())


def words_of(picture: str) -> list[str]:
    """The texts of an SVG with their styles, which are numbered in the order of their appearance."""
    found = re.findall(r'<text class="terminal-\d+-(\w+)"[^>]*>(.*?)</text>', picture)
    return [f"{style}: {html.unescape(text)}" for style, text in found]


def test_picture() -> None:
    """The picture in the README shows a status line."""
    words = " ".join(words_of((COMPLETIONS / "status-line.svg").read_text())).replace("\xa0", " ")

    assert "buffered" in words
    assert "![The status line" in (ROOT / "README.md").read_text()


@each("name", NAMES)
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


def test_powershell_braces() -> None:
    """The PowerShell file is whole: its braces pair. (It is not run here.)"""
    text = re.sub("'[^']*'", "", (COMPLETIONS / "lmnt-say.ps1").read_text())

    assert [text.count(each) for each in "({["] == [text.count(each) for each in ")}]"]
