"""The manual's recipes can be copied out of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

from completions.make.recipes import RECIPES
from tests.tools.option_names import ROOT


def test_what_is_shown_can_be_copied(needs: Callable[[str], str]) -> None:
    """`man` shows each line to paste as it stands, but for its indentation."""
    run = subprocess.run(
        [needs("man"), "-E", "UTF-8", "-l", ROOT / "completions/lmnt-say.1"],
        env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    section = run.stdout.partition("\nRECIPES\n")[2]

    for recipe in RECIPES:
        for paste in recipe.pastes:
            shown = "".join(f"           {line}\n" for line in paste.splitlines())
            assert shown in section, recipe.title
