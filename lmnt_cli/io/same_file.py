"""Refuse to read and write the same file, as GNU cat does, and to write one file twice.

A run that reads its own output would never end, or would truncate its text before reading it. Of two outputs
in one file, one would be lost; in one pipe, text would end up in the audio. Names are not enough to detect
this: links, descriptors and a `.part` all lead to files. Terminals and devices may be both, and a pipe may be
both read and written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    read = {identity: each.name for each in inputs for identity in _files(each, stat.S_ISREG)}
    for output in outputs:
        for identity in _files(output, stat.S_ISREG):
            if identity in read:
                name = read[identity]
                same = "" if name == output.name else f", as {output.name}"
                raise UsageError(f"{name} is read and would also be written{same}")


def refuse_same_output(audio: Sequence[End], others: Sequence[End]) -> None:
    """Raise UsageError if two outputs are the same file or pipe. `audio` are the outputs that carry audio.

    Texts that go to descriptors may share one, as after `2>&1`. Call this before anything is opened for
    writing.
    """
    written: dict[object, End] = {}
    for output in (*audio, *others):
        for identity in {*_files(output, _holds_bytes), *_new_files(output)}:
            other = written.setdefault(identity, output)
            if other is output or (other not in audio and _is_descriptor(other) and _is_descriptor(output)):
                continue
            if other.name == output.name:
                raise UsageError(f"{output.name} would be written twice")
            raise UsageError(f"{other.name} and {output.name} are the same file")


def _files(end: End, counts: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    """Yield the device and inode of each file that an end leads to, if its mode counts."""
    for place in end.places:
        try:
            found = os.stat(place)
        except (OSError, ValueError):
            continue  # it does not exist; any other error is reported when it is opened
        if counts(found.st_mode):
            yield found.st_dev, found.st_ino


def _new_files(end: End) -> Iterator[str]:
    """Yield the absolute path, without links, of each file that an end would create."""
    for place in end.places:
        if isinstance(place, str) and "\0" not in place and not os.path.exists(place):
            yield os.path.realpath(place)


def _holds_bytes(mode: int) -> bool:
    return stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _is_descriptor(end: End) -> bool:
    return all(isinstance(place, int) for place in end.places)
