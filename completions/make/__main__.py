"""Generate the completions, the manual pages and the picture of the status line from the programs.

python -m completions.make [DIRECTORY]    writes them to DIRECTORY, by default to completions/
"""

from __future__ import annotations

import sys
from pathlib import Path

from completions.make.bash import bash
from completions.make.fish import fish
from completions.make.local import local_files
from completions.make.manual import manual
from completions.make.options import read_program
from completions.make.picture import picture
from completions.make.powershell import powershell
from completions.make.zsh import SETUP, zsh


def main() -> None:
    """Write the files of both programs."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent
    program = read_program()
    files = {
        "lmnt-say.bash": bash(program.options),
        "_lmnt-say": zsh(program.options),
        "setup.zsh": SETUP,
        "lmnt-say.fish": fish(program.options),
        "lmnt-say.ps1": powershell(program.options),
        "lmnt-say.1": manual(program),
        "status-line.svg": picture(),
        **local_files(),
    }
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
