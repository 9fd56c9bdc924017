"""Refusing to read and write one file at once, as GNU cat does.

A run that reads what it writes would never end, or would empty its text before it is read. Names do not show
it: links, descriptors and a `.part` all lead to files. Only regular files count; terminals, pipes and devices
may be both.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import UsageError


@dataclass(frozen=True)
class End:
    """One end of a run: where it is, for the system, and what it is called.

    `places` are open descriptors, and paths of which any may not exist.
    """

    name: str
    places: tuple[int | str, ...]


def refuse_same_file(inputs: Iterable[End], outputs: Iterable[End]) -> None:
    """Raise UsageError if a regular file is among the inputs and the outputs.

    To be called before anything is opened for writing.
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
            continue  # it does not exist; what else is wrong with it, its opening reports
        if stat.S_ISREG(found.st_mode):
            yield found.st_dev, found.st_ino
