"""Read and store the API key. It is never printed, logged or included in an error."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping

from ..core.value import field, value
from ..errors import MissingKey, OutputError, UsageError
from .home import config_directory


# A key is a line of a few dozen characters; anything longer is not a key.
_LONGEST = 4096
# docs.lmnt.com, "Authentication", names the page.
_WAYS = "store the key of your account (https://app.lmnt.com/account) with --set-key, or try --local"


@value
class ApiKey:
    """A key and where it was read from. `notice` is a remark about its file."""

    text: str = field(hidden=True)
    place: str
    notice: str | None = None


def read_api_key(file: str | None, environment: Mapping[str, str], *, reads_stdin: bool) -> ApiKey:
    """Return the key from `file` (`-` is standard input), else from LMNT_API_KEY, else the stored one.

    Raises MissingKey if there is none or it cannot be a key, UsageError for an unreadable file.
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
    """Return the key in a text, without surrounding white space.

    Raises MissingKey for text that cannot be a key. The message names `place` and never contains the text.
    """
    key = text.strip()
    if not key:
        raise MissingKey(f"no API key: {place} is empty")
    if len(key) > _LONGEST:
        raise MissingKey(f"no API key: {place} contains more than a key")
    if not re.fullmatch("[!-~]+", key):
        what = "several lines" if len(key.splitlines()) > 1 else "characters that cannot be in a key"
        if key.startswith("\ufeff"):
            what = "a byte order mark"
        raise MissingKey(f"no API key: {place} contains {what}", hint="it must be the key alone, on one line")
    return key


def store_key(text: str, environment: Mapping[str, str]) -> str:
    """Store a key permanently, in a file that only its owner can read; return the path.

    A key stored earlier is kept until the new one is written completely. Raises MissingKey for text that
    cannot be a key, OutputError if it cannot be stored.
    """
    key = check_key(text, "what was entered")
    path = _stored_path(environment)
    if path is None:
        raise OutputError("could not store the key: the home directory is unknown")
    # Imported only here, to store a key.
    import tempfile

    path = os.path.realpath(path)  # keep a symbolic link, replace its target
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
        raise UsageError("--api-key-file - cannot be used: standard input carries the text")
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
