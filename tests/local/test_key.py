"""The source of the key: `lmnt_cli.local.key`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lmnt_cli.local.key import Key, KeyProblem, read_key


def test_no_key() -> None:
    """Any key is accepted; an example is printed for programs."""
    assert read_key(None, None, from_stdin=False) == Key(None, "local")


def test_a_key_from_the_command_line() -> None:
    """The key is quoted for the shell that exports it."""
    assert read_key("it's", None, from_stdin=False) == Key("it's", "'it'\"'\"'s'")


def test_a_key_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """White space around the key does not count. The output names the file, not the key."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "it's a key"
    file.write_text("  secret\n")

    key = read_key(None, "it's a key", from_stdin=False)

    assert key.value == "secret"
    assert "secret" not in str(key.shell_word)
    shown = subprocess.run(
        ["sh", "-c", f"key={key.shell_word}; echo $key"], cwd="/", capture_output=True, text=True, check=True
    )
    assert shown.stdout == "secret\n"


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"\xef\xbb\xbfkey", "schlüssel".encode(), b"k\x00", b"a\nb"]
)
def test_what_cannot_be_a_key(tmp_path: Path, content: bytes) -> None:
    """The error names the file or the option, not the content."""
    file = tmp_path / "key"
    file.write_bytes(content)

    with pytest.raises(KeyProblem, match=f"--key-file {file}: expected a key of printable ASCII"):
        read_key(None, str(file), from_stdin=False)
    with pytest.raises(KeyProblem, match="--key: expected"):
        read_key(content.replace(b"\x00", b"\x01").decode("latin-1"), None, from_stdin=False)


@pytest.mark.parametrize(
    ("name", "reason"), [("missing", "No such file or directory"), (".", "Is a directory")]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, reason: str) -> None:
    """The error has the system's reason, once."""
    with pytest.raises(KeyProblem) as problem:
        read_key(None, str(tmp_path / name), from_stdin=False)

    assert str(problem.value) == f"--key-file {tmp_path / name}: {reason}"


def test_a_key_from_standard_input() -> None:
    """The key is the first line, in any number of writes; the rest is left unread. It is never printed."""
    script = (
        "import os\n"
        "from lmnt_cli.local.key import read_key\n"
        "key = read_key(None, None, from_stdin=True)\n"
        "print(key.value, key.shell_word, os.read(0, 100))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        os.write(child.stdin.fileno(), b"sec")
        os.write(child.stdin.fileno(), b"ret\nmore")
        shown, _ = child.communicate(timeout=20)

    assert shown == b"secret None b'more'\n"


def test_standard_input_that_ends_before_the_key() -> None:
    """If the parent has gone, there is no one to serve."""
    script = "from lmnt_cli.local.key import read_key; read_key(None, None, from_stdin=True); print('on')"
    ended = subprocess.run(
        [sys.executable, "-c", script], input=b"sec", capture_output=True, timeout=20, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
