"""The API key: where it is read, what is not a key, and that it is never shown (contract, 2 and 7)."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from lmnt_cli.configuration.key import read_api_key, store_key
from lmnt_cli.errors import ExitCode, MissingKey, OutputError, SayError, UsageError
from tests.tools.each import each


KEY = {"LMNT_API_KEY": "a-key"}


def refusal(file: str | None, environment: Mapping[str, str] = KEY) -> SayError:
    """Return the error if there is no key."""
    with pytest.raises(SayError) as raised:
        read_api_key(file, environment, reads_stdin=False)
    return raised.value


@each("environment", [{}, {"LMNT_API_KEY": ""}, {"LMNT_API_KEY": " \n"}])
def test_no_key(environment: dict[str, str], tmp_path: Path) -> None:
    """A missing key is exit status 3, naming LMNT_API_KEY; an empty one counts as missing."""
    error = refusal(None, {**environment, "XDG_CONFIG_HOME": str(tmp_path)})

    assert isinstance(error, MissingKey)
    assert error.code is ExitCode.AUTHENTICATION
    assert "LMNT_API_KEY" in error.message
    assert "--local" in str(error.hint)


def test_key_in_a_file(tmp_path: Path) -> None:
    """The file overrides the environment; the line end is not part of the key."""
    (tmp_path / "key").write_text("from-file\n")

    assert read_api_key(str(tmp_path / "key"), KEY, reads_stdin=False).text == "from-file"


@each(
    "content",
    [
        b"s3cr3t\n0ther\n",
        b"s3cr3t\xff",
        b"s3cr3t\x00b",
        b"s3cr3t" * 1000,
        "s3cr3tü".encode(),
        b"s3cr3t b",
        b"\xef\xbb\xbfs3cr3t\r\n",
    ],
    ids=["two lines", "not text", "nul", "too long", "not ASCII", "two words", "byte order mark"],
)
def test_no_key_in_the_file(tmp_path: Path, content: bytes) -> None:
    """Text that cannot be a key is refused, not sent or shown; the file is named."""
    (tmp_path / "key").write_bytes(content)

    error = refusal(str(tmp_path / "key"))

    assert error.code is ExitCode.AUTHENTICATION
    assert "s3cr3t" not in f"{error.message} {error.hint}"


@each("content", [b"", b"\n"])
def test_empty_key_file(tmp_path: Path, content: bytes) -> None:
    """An empty file has no key."""
    (tmp_path / "key").write_bytes(content)

    assert isinstance(refusal(str(tmp_path / "key")), MissingKey)


def test_unreadable_key_file(tmp_path: Path) -> None:
    """An unreadable file is named, with the reason."""
    error = refusal(str(tmp_path / "none"))

    assert isinstance(error, UsageError)
    assert str(tmp_path / "none") in error.message
    assert "No such file" in error.message


def test_key_from_standard_input() -> None:
    """`-` is refused when standard input carries the text."""
    with pytest.raises(UsageError, match="standard input carries the text"):
        read_api_key("-", {}, reads_stdin=True)


@each("content", [b"a-key\r\n", b"  a-key\n\n"])
def test_around_the_key(tmp_path: Path, content: bytes) -> None:
    """White space around the key is not part of it."""
    (tmp_path / "key").write_bytes(content)

    assert read_api_key(str(tmp_path / "key"), {}, reads_stdin=False).text == "a-key"


@each("key", ["s3cr3t\nb", "s3cr3t\udcff", "s3cr3t\x00b", "s3cr3t\u200b", "s3cr3t\u00fc"])
def test_no_key_in_the_environment(key: str) -> None:
    """A key that cannot be sent is refused at the start, naming the variable."""
    error = refusal(None, {"LMNT_API_KEY": key})

    assert error.code is ExitCode.AUTHENTICATION
    assert "s3cr3t" not in f"{error.message} {error.hint}"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with its own configuration directory."""
    return {"XDG_CONFIG_HOME": str(tmp_path / "config")}


def test_stored_key(home: dict[str, str], tmp_path: Path) -> None:
    """A stored key is used unless there is a nearer one, and only its owner can read it."""
    path = Path(store_key(" a-stored-key\n", home))

    assert path == tmp_path / "config/lmnt-say/key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    found = read_api_key(None, home, reads_stdin=True)
    assert (found.text, found.place, found.notice) == ("a-stored-key", str(path), None)
    assert "a-stored-key" not in repr(found)
    assert read_api_key(None, {**home, **KEY}, reads_stdin=True).place == "LMNT_API_KEY"


def test_key_that_others_can_read(home: dict[str, str]) -> None:
    """A stored key that others can read is used, with a notice that tells how to fix it."""
    path = Path(store_key("a-stored-key", home))
    path.chmod(0o640)
    found = read_api_key(None, home, reads_stdin=True)

    assert found.text == "a-stored-key"
    assert f"chmod 600 {path}" in str(found.notice)


@each("text", ["", " \n", "two words", "s3cr3t\u200b", "x" * 5000, "s3cr3t\nb"])
def test_what_is_not_stored(home: dict[str, str], text: str) -> None:
    """Text that cannot be a key is refused and not shown, and the old key is kept."""
    path = Path(store_key("the-old-one", home))
    with pytest.raises(MissingKey) as raised:
        store_key(text, home)

    assert "s3cr3t" not in raised.value.message
    assert path.read_text() == "the-old-one\n"
    assert list(path.parent.iterdir()) == [path]


def test_key_that_cannot_be_stored(tmp_path: Path) -> None:
    """A key that cannot be written is exit status 7, and no file is left."""
    (tmp_path / "config").write_text("in the way")
    with pytest.raises(OutputError, match="could not store the key") as raised:
        store_key("a-key", {"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert raised.value.code is ExitCode.OUTPUT

    (tmp_path / "other/lmnt-say/key").mkdir(parents=True)
    with pytest.raises(OutputError):
        store_key("a-key", {"XDG_CONFIG_HOME": str(tmp_path / "other")})
    assert [path.name for path in (tmp_path / "other/lmnt-say").iterdir()] == ["key"]


def test_key_in_a_linked_file(home: dict[str, str], tmp_path: Path) -> None:
    """A symbolic link is kept, and its target replaced."""
    path = Path(store_key("a-key", home))
    path.rename(tmp_path / "kept")
    path.symlink_to(tmp_path / "kept")
    store_key("another-key", home)

    assert path.is_symlink()
    assert (tmp_path / "kept").read_text() == "another-key\n"
