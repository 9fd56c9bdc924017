"""Makes the completion files and the manual pages anew, from the options of the programs.

python -m completions.make [DIRECTORY]    writes them to DIRECTORY, or to completions/
"""

from __future__ import annotations

import sys
from pathlib import Path

from completions.make.bash import bash
from completions.make.fish import fish
from completions.make.local import local_files
from completions.make.manual import manual
from completions.make.options import read_program
from completions.make.powershell import powershell
from completions.make.zsh import zsh


def main() -> None:
    """Write the files of both programs."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent
    program = read_program()
    files = {
        "lmnt-say.bash": bash(program.options),
        "_lmnt-say": zsh(program.options),
        "lmnt-say.fish": fish(program.options),
        "lmnt-say.ps1": powershell(program.options),
        "lmnt-say.1": manual(program),
        **local_files(),
    }
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
