"""The API key: read from a file or the environment. It is never printed, logged or put into an error."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .errors import MissingKey, UsageError


# A key is a line of some dozens of characters; a longer file is not one.
_LONGEST = 4096


def read_api_key(file: str | None, environment: Mapping[str, str], *, reads_stdin: bool) -> str:
    """Return the key from a file (`-` is standard input), else from LMNT_API_KEY.

    Raises MissingKey where there is none or what is there cannot be one, UsageError for an unreadable file.
    """
    if file is None:
        key = environment.get("LMNT_API_KEY", "")
        if not key.strip():
            raise MissingKey(
                "no API key: LMNT_API_KEY is not set", hint="set it, use --api-key-file FILE, or try --local"
            )
        return _checked(key, "LMNT_API_KEY")
    if file == "-" and reads_stdin:
        raise UsageError("--api-key-file - cannot be read: standard input carries the text")
    place = "standard input" if file == "-" else file
    try:
        with open(0 if file == "-" else file, "rb", closefd=file != "-") as stream:
            content = stream.read(_LONGEST + 1)
    except OSError as error:
        raise UsageError(f"could not read the key file {place}: {error.strerror}") from error
    return _checked(content.decode("utf-8-sig", "replace"), place)


def _checked(text: str, place: str) -> str:
    """Return the key in a text. Raises MissingKey, naming the place and never the text."""
    key = text.strip()
    if not key:
        raise MissingKey(f"no API key: {place} is empty")
    if len(key) > _LONGEST:
        raise MissingKey(f"no API key: {place} holds more than a key")
    if not re.fullmatch("[!-~]+", key):
        what = "several lines" if len(key.splitlines()) > 1 else "characters that are in no key"
        raise MissingKey(f"no API key: {place} holds {what}", hint="it must be the key alone, in one line")
    return key
