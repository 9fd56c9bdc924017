"""The ids of the voices that were listed last: what the shells' completions offer behind `--voice`."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable


# A shell reads the file: letters, digits and marks that mean nothing to it.
_PLAIN = re.compile(r"[A-Za-z0-9._-]+")


def keep_voices(ids: Iterable[str]) -> None:
    """Write the ids to `voices` in the user's cache directory, but for those a shell would act on.

    Raises nothing: a list that was shown is not worth less for not being kept.
    """
    from platformdirs import user_cache_path

    lines = "".join(f"{each}\n" for each in ids if _PLAIN.fullmatch(each))
    directory = user_cache_path("lmnt-say")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor, path = tempfile.mkstemp(dir=directory)
        with open(descriptor, "w") as file:
            file.write(lines)
        os.replace(path, directory / "voices")
    except OSError:
        pass  # see above
