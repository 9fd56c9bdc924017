"""The API key: read from a file or the environment. It is never printed, logged or put into an error."""

from __future__ import annotations

from collections.abc import Mapping

from .errors import MissingKey, UsageError


# A key is a line of some dozens of characters; a longer file is not one.
_LONGEST = 4096


def read_api_key(file: str | None, environment: Mapping[str, str], *, reads_stdin: bool) -> str:
    """Return the key from a file (`-` is standard input), else from LMNT_API_KEY.

    Raises MissingKey, or UsageError for what is no key.
    """
    if file is None:
        return _key_in_environment(environment)
    if file == "-" and reads_stdin:
        raise UsageError("--api-key-file - cannot be read: standard input carries the text")
    try:
        with open(0 if file == "-" else file, "rb", closefd=file != "-") as stream:
            content = stream.read(_LONGEST + 1)
        key = content.decode().strip()
    except OSError as error:
        raise UsageError(f"could not read the key file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the key file {file} is not text") from error
    if not key:
        raise MissingKey(f"no API key: {file} is empty")
    if len(content) > _LONGEST or not key.isprintable():
        raise UsageError(f"the key file {file} holds more than a key in one line")
    return key


def _key_in_environment(environment: Mapping[str, str]) -> str:
    key = environment.get("LMNT_API_KEY", "").strip()
    if not key:
        raise MissingKey(
            "no API key: LMNT_API_KEY is not set", hint="set it, use --api-key-file FILE, or try --local"
        )
    if not key.isprintable():
        raise MissingKey("no API key: LMNT_API_KEY holds characters that are not text")
    return key
