"""The API key: where it is read and where it is stored. It is never printed, logged or put into an error."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import MissingKey, OutputError, UsageError
from .home import config_directory


# A key is a line of some dozens of characters; a longer file is not one.
_LONGEST = 4096
_WAYS = "set it, use --api-key-file FILE, store it with --set-key, or try --local"


@dataclass(frozen=True)
class ApiKey:
    """A key and where it comes from. `notice` is a remark on the file it was read from."""

    text: str = field(repr=False)
    place: str
    notice: str | None = None


def read_api_key(file: str | None, environment: Mapping[str, str], *, reads_stdin: bool) -> ApiKey:
    """Return the key from a file (`-` is standard input), else from LMNT_API_KEY, else the stored one.

    Raises MissingKey where there is none or what is there cannot be one, UsageError for an unreadable file.
    """
    if file is not None:
        return _key_in_file(file, reads_stdin=reads_stdin)
    if key := environment.get("LMNT_API_KEY", "").strip():
        return ApiKey(check_key(key, "LMNT_API_KEY"), "LMNT_API_KEY")
    path = _stored_path(environment)
    if path is None or not os.path.lexists(path):
        raise MissingKey("no API key: LMNT_API_KEY is not set", hint=_WAYS)
    text = _read(path)
    return ApiKey(check_key(text, path), path, _notice(path))


def check_key(text: str, place: str) -> str:
    """Return the key in a text, without the white space around it.

    Raises MissingKey for what cannot be a key, naming the place and never the text.
    """
    key = text.strip()
    if not key:
        raise MissingKey(f"no API key: {place} is empty")
    if len(key) > _LONGEST:
        raise MissingKey(f"no API key: {place} holds more than a key")
    if not re.fullmatch("[!-~]+", key):
        what = "several lines" if len(key.splitlines()) > 1 else "characters that no key contains"
        if key.startswith("\ufeff"):
            what = "a byte order mark"
        raise MissingKey(f"no API key: {place} holds {what}", hint="it must be the key alone, in one line")
    return key


def store_key(text: str, environment: Mapping[str, str]) -> str:
    """Keep a key for good, readable by its owner only, and return the file's path.

    The key stored before stays until the new one is written whole. Raises MissingKey for what is no key,
    OutputError where it cannot be stored.
    """
    key = check_key(text, "what was entered")
    path = _stored_path(environment)
    if path is None:
        raise OutputError("could not store the key: no home directory is known")
    # Loaded to store a key only.
    import tempfile

    path = os.path.realpath(path)  # a link stays a link
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor, new = tempfile.mkstemp(prefix=".key-", dir=os.path.dirname(path))  # mode 0600
        try:
            with open(descriptor, "w", encoding="ascii") as file:
                file.write(f"{key}\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
        except BaseException:
            os.unlink(new)
            raise
    except OSError as error:
        raise OutputError(f"could not store the key in {path}: {error.strerror}") from error
    return path


def _key_in_file(file: str, *, reads_stdin: bool) -> ApiKey:
    if file == "-" and reads_stdin:
        raise UsageError("--api-key-file - cannot be read: standard input carries the text")
    place = "standard input" if file == "-" else file
    return ApiKey(check_key(_read(0 if file == "-" else file), place), place)


def _read(file: str | int) -> str:
    try:
        with open(file, "rb", closefd=file != 0) as stream:
            return stream.read(_LONGEST + 100).decode("utf-8", "replace")
    except OSError as error:
        place = "standard input" if file == 0 else file
        raise UsageError(f"could not read the key file {place}: {error.strerror}") from error


def _stored_path(environment: Mapping[str, str]) -> str | None:
    directory = config_directory(environment)
    return None if directory is None else os.path.join(directory, "key")


def _notice(path: str) -> str | None:
    if os.name != "posix" or not stat.S_IMODE(os.stat(path).st_mode) & 0o077:
        return None
    import shlex

    return f"others can read the key in {path}: chmod 600 {shlex.quote(path)}"
