"""The key that the service requires, and how a shell obtains it."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass


_MAX_FILE = 4096


class KeyProblem(Exception):
    """There is no usable key in the given place. The message names the option."""


@dataclass(frozen=True)
class Key:
    """The key to require, or None for any; and a shell word for it, or None if it must not be printed."""

    value: str | None
    shell_word: str | None


def read_key(text: str | None, file: str | None, *, from_stdin: bool) -> Key:
    """Return the key of this run, from at most one source. Raises KeyProblem.

    From standard input it is the first line, meant only for the process that wrote it.
    """
    if from_stdin:
        return Key(_check("--key-from-stdin", _read_line()), None)
    if file is not None:
        try:
            with open(file, "rb") as stream:
                content = stream.read(_MAX_FILE)
        except OSError as error:
            raise KeyProblem(f"--key-file {file}: {error.strerror}") from None
        return Key(_check(f"--key-file {file}", content), f'"$(cat -- {shlex.quote(os.path.abspath(file))})"')
    if text is not None:
        key = _check("--key", os.fsencode(text))
        return Key(key, shlex.quote(key))
    return Key(None, "local")


def _read_line() -> bytes:
    """Return the first line of standard input and read nothing after it; exit if the input ends before."""
    line = b""
    while not line.endswith(b"\n") and len(line) < _MAX_FILE:
        byte = os.read(0, 1)
        if not byte:
            sys.exit()
        line += byte
    return line


def _check(source: str, content: bytes) -> str:
    key = content.decode("ascii", "replace").strip()
    if not (key and key.isascii() and key.isprintable()):
        raise KeyProblem(f"{source}: expected a key of printable ASCII characters")
    return key
