"""Shells that complete our programs, installed as by the wheel and without the user's own settings."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from tests.tools.option_names import ROOT
from tests.tools.shells import ZSH_ALL_MATCHES, Fish, Shell


COMPLETIONS = ROOT / "completions"
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
INSTALLED: dict[str, str] = WHEEL["shared-data"]
Needs = Callable[[str], str]
Opened = Shell | Fish

BASH = ("--norc", "--noprofile", "-i")
# Settings in a .bashrc that a completion has to work with.
STRICT = "set -u; IFS=:; unset HOME XDG_CACHE_HOME"


class Installation:
    """Our files below a prefix, a few programs beside them, and a directory to complete files in."""

    def __init__(self, prefix: Path, environment: Mapping[str, str], needs: Needs) -> None:
        for source, target in INSTALLED.items():
            (prefix / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, prefix / target)
        self.share = prefix / "share"
        self.directory = prefix / "files"
        self.directory.mkdir()
        self._bin = prefix / "bin"
        self._bin.mkdir()
        self._needs = needs
        for name in ("lmnt-say", "lmnt-local"):
            self.add_program(name)
        path = f"{self._bin}:{os.environ['PATH']}"
        self.environment = {**environment, "XDG_DATA_DIRS": str(self.share), "PATH": path}

    def add_program(self, name: str) -> None:
        program = self._bin / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)

    def add_files(self, *names: str) -> None:
        for name in names:
            (self.directory / name).touch()

    @contextmanager
    def shell(self, name: str) -> Iterator[Opened]:
        """Start zsh or fish, which find our files, or bash, which sources them; "strict bash" sets STRICT."""
        command = self._needs(name.split()[-1])
        if name == "fish":
            yield Fish(command, self.directory, self.environment)
        elif name == "zsh":
            functions = shlex.quote(str(self.share / "zsh/site-functions"))
            setup = f"fpath+=({functions}); autoload -Uz compinit; compinit -D -u; {ZSH_ALL_MATCHES}"
            with closing(self.open([command, "-f", "-i"], setup.replace("\n", " "), "\x1d")) as shell:
                yield shell
        else:
            sources = " ".join(f"source {shlex.quote(str(file))};" for file in COMPLETIONS.glob("*.bash"))
            setup = f"bind 'set page-completions off'; {sources} {STRICT if 'strict' in name else ':'}"
            with closing(self.open([command, *BASH], setup, "\x1b*")) as shell:
                yield shell

    def open(self, command: list[str], setup: str, all_matches: str) -> Shell:
        return Shell(command, self.directory, self.environment, setup, all_matches=all_matches)


def made_files(directory: Path, pattern: str) -> dict[str, str]:
    """Return the files generated from the current programs, by name."""
    command: list[str | Path] = [sys.executable, "-m", "completions.make", directory]
    subprocess.run(command, cwd=ROOT, check=True, timeout=30)
    return {path.name: path.read_text() for path in directory.glob(pattern)}


def read_manual(needs: Needs, page: str) -> list[str]:
    """Return the lines of a manual page at 80 columns; a warning of troff is a failure."""
    run = subprocess.run(
        [needs("man"), "--warnings", "-E", "UTF-8", "-l", COMPLETIONS / page],
        env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANROFFOPT": "-c"},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )

    assert run.stderr == ""
    return run.stdout.splitlines()


def sections(lines: list[str]) -> list[str]:
    """Return the titles of the sections of a manual page."""
    return [line for line in lines[1:-1] if line and line[0].isupper()]
