"""Refuse to read and write the same file, as GNU cat does.

A run that reads its own output would never end, or would truncate its text before reading it. Names are not
enough to detect this: links, descriptors and a `.part` all lead to files. Only regular files count;
terminals, pipes and devices may be both.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..errors import UsageError


class End(NamedTuple):
    """An input or output of a run. `name` is its name in messages.

    `places` are open descriptors, and paths, which need not exist.
    """

    name: str
    places: tuple[int | str, ...]


def refuse_same_file(inputs: Iterable[End], outputs: Iterable[End]) -> None:
    """Raise UsageError if a regular file is both an input and an output.

    Call this before anything is opened for writing.
    """
    read = {identity: each.name for each in inputs for identity in _files(each)}
    for output in outputs:
        for identity in _files(output):
            if identity in read:
                name = read[identity]
                same = "" if name == output.name else f", as {output.name}"
                raise UsageError(f"{name} is read and would also be written{same}")


def _files(end: End) -> Iterator[tuple[int, int]]:
    """Yield the device and inode of each regular file that an end leads to."""
    for place in end.places:
        try:
            found = os.stat(place)
        except (OSError, ValueError):
            continue  # it does not exist; any other error is reported when it is opened
        if stat.S_ISREG(found.st_mode):
            yield found.st_dev, found.st_ino
