"""Saves text that was not spoken, so that a failed run can be gone on with."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Sequence


def save(text: str) -> str | None:
    """Write the text to a new file in the user's state directory, readable by nobody else; its path.

    None if it cannot be written: the run has failed already, and that is what the user is told.
    """
    # Imported here: only a failed run needs to know where state is kept.
    from platformdirs import user_state_path

    directory = user_state_path("lmnt-say")
    name = time.strftime("unspoken-%Y%m%d-%H%M%S") + f"-{os.getpid()}.txt"
    path = str(directory / name)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError:
        return None
    return path


def command(path: str, options: Sequence[str]) -> str:
    """The command line that speaks a saved text, with the options of the run it is left of."""
    return shlex.join(["lmnt-say", *options, "-f", path])
