"""The recipes of the README, and a shell into which they are pasted unchanged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.tools.limits import LIMIT
from tests.tools.option_names import ROOT
from tests.tools.program import Result, Running


def recipe(title: str) -> list[str]:
    """Return the blocks to paste under this title in the README's recipes."""
    section = (ROOT / "README.md").read_text().partition("\n## Recipes\n")[2].partition("\n## ")[0]
    text = section.partition(f"**{title}**")[2].partition("\n**")[0]
    blocks = re.findall(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks, f"no recipe {title!r}"
    return blocks


def command(block: str, beginning: str) -> str:
    """Return the command in a block that begins like this, with its continuation lines."""
    found = re.findall(rf"^{re.escape(beginning)}(?:.*[|\\]\n)*.*", block, re.MULTILINE)
    (whole,) = found
    return str(whole)


class Desk:
    """A directory and a shell whose PATH begins with our programs and doubles of others."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self.directory = directory / "a desk"
        self._programs = directory / "programs"
        for made in (self.directory, self._programs):
            made.mkdir()
        self.environment = {**environment, "PATH": f"{self._programs}:{environment['PATH']}"}
        self.runs: list[Running] = []
        self.program("lmnt-say", f'exec "{sys.executable}" -m lmnt_cli "$@"')
        self.program("lmnt-local", f'exec "{sys.executable}" -m lmnt_cli.local "$@"')

    def program(self, name: str, script: str) -> None:
        """Put a shell script with this name on PATH."""
        path = self._programs / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def player(self) -> Path:
        """Put a player on PATH that stores what it hears in the returned file."""
        heard = self.directory.parent / "heard"
        self.program("mpv", f"exec cat > '{heard}'")
        return heard

    def gate(self, name: str) -> Path:
        """Create a FIFO at which a script waits until the test writes to it."""
        path = self.directory / name
        os.mkfifo(path)
        return path

    def write(self, name: str, text: str) -> Path:
        """Create a file in the shell's directory."""
        path = self.directory / name
        path.write_text(text, newline="")
        return path

    def names(self, pattern: str) -> set[str]:
        """Return the matching files in the shell's directory."""
        return {path.name for path in self.directory.glob(pattern)}

    def start(self, script: str, **environment: str) -> Running:
        """Paste this, and control its run step by step."""
        process = subprocess.Popen(
            ["bash", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.environment, **environment},
            cwd=self.directory,
            process_group=0,
        )
        running = Running(["bash", "-c", script], process, time.monotonic())
        self.runs.append(running)
        return running

    def paste(self, script: str, limit: float = LIMIT, **environment: str) -> Result:
        """Paste this and wait for its end, without typing anything."""
        running = self.start(script, **environment)
        running.end_input()
        return running.wait(limit)

    def close(self) -> None:
        for running in self.runs:
            running.close()
