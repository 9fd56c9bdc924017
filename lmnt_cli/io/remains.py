"""Saves text that was not spoken, so that a failed run can be gone on with."""

from __future__ import annotations

import os
import shlex
import tempfile
import time
from collections.abc import Sequence


def save(text: str) -> str:
    """Write the text to a new file in the user's state directory, readable by nobody else; its path.

    Raises OSError, and leaves no file behind then.
    """
    # Imported here: only a failed run needs to know where state is kept.
    from platformdirs import user_state_path

    directory = user_state_path("lmnt-say")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    prefix = time.strftime("unspoken-%Y%m%d-%H%M%S-")
    descriptor, path = tempfile.mkstemp(".txt", prefix, directory)  # mode 0600, a name of its own
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError:
        os.unlink(path)
        raise
    return path


def command(path: str, options: Sequence[str]) -> str:
    """The command line that speaks a saved text, with the options of the run it is left of."""
    return shlex.join(["lmnt-say", *options, "-f", path])
