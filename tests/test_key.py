"""The API key: where it is read, what is no key, and that it is never shown (contract, 2 and 7)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, MissingKey, SayError, UsageError
from lmnt_cli.key import read_api_key


KEY = {"LMNT_API_KEY": "a-key"}


def refusal(file: str | None, environment: Mapping[str, str] = KEY) -> SayError:
    """The error where there is no key."""
    with pytest.raises(SayError) as raised:
        read_api_key(file, environment, reads_stdin=False)
    return raised.value


@pytest.mark.parametrize("environment", [{}, {"LMNT_API_KEY": ""}, {"LMNT_API_KEY": " \n"}])
def test_no_key(environment: dict[str, str]) -> None:
    """A missing key is exit status 3, naming LMNT_API_KEY; empty is unset."""
    error = refusal(None, environment)

    assert isinstance(error, MissingKey)
    assert error.code is ExitCode.AUTHENTICATION
    assert "LMNT_API_KEY" in error.message
    assert "--local" in str(error.hint)


def test_key_in_a_file(tmp_path: Path) -> None:
    """The file beats the environment; the line end is not part of the key."""
    (tmp_path / "key").write_text("from-file\n")

    assert read_api_key(str(tmp_path / "key"), KEY, reads_stdin=False) == "from-file"


@pytest.mark.parametrize(
    "content",
    [b"s3cr3t\n0ther\n", b"s3cr3t\xff", b"s3cr3t\x00b", b"s3cr3t" * 1000, "s3cr3tü".encode(), b"s3cr3t b"],
    ids=["two lines", "not text", "nul", "too long", "not ASCII", "two words"],
)
def test_no_key_in_the_file(tmp_path: Path, content: bytes) -> None:
    """What cannot be a key is refused rather than sent, and not shown; the file is named."""
    (tmp_path / "key").write_bytes(content)

    error = refusal(str(tmp_path / "key"))

    assert error.code is ExitCode.AUTHENTICATION
    assert "s3cr3t" not in f"{error.message} {error.hint}"


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_empty_key_file(tmp_path: Path, content: bytes) -> None:
    """An empty file holds no key."""
    (tmp_path / "key").write_bytes(content)

    assert isinstance(refusal(str(tmp_path / "key")), MissingKey)


def test_unreadable_key_file(tmp_path: Path) -> None:
    """A file that cannot be read is named, with the reason."""
    error = refusal(str(tmp_path / "none"))

    assert isinstance(error, UsageError)
    assert str(tmp_path / "none") in error.message
    assert "No such file" in error.message


def test_key_from_standard_input() -> None:
    """`-` is refused when standard input carries the text."""
    with pytest.raises(UsageError, match="standard input carries the text"):
        read_api_key("-", {}, reads_stdin=True)


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa-key\r\n", b"  a-key\n\n"])
def test_around_the_key(tmp_path: Path, content: bytes) -> None:
    """A byte order mark and white space around the key are no part of it."""
    (tmp_path / "key").write_bytes(content)

    assert read_api_key(str(tmp_path / "key"), {}, reads_stdin=False) == "a-key"


@pytest.mark.parametrize("key", ["s3cr3t\nb", "s3cr3t\udcff", "s3cr3t\x00b", "s3cr3t\u200b", "s3cr3t\u00fc"])
def test_no_key_in_the_environment(key: str) -> None:
    """What cannot be sent is refused before anything is touched, naming the variable."""
    error = refusal(None, {"LMNT_API_KEY": key})

    assert error.code is ExitCode.AUTHENTICATION
    assert "s3cr3t" not in f"{error.message} {error.hint}"
