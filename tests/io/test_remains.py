"""Text that was not spoken is saved, readable by nobody else, and can be gone on with (contract, 5)."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path

import pytest

from lmnt_cli.cli import parse
from lmnt_cli.io.remains import command, save
from lmnt_cli.settings import Flags


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_saved(state: Path) -> None:
    """The text is saved as it is, in the user's state directory, mode 0600."""
    path = save("Grüße.\r\n\nEnd")

    assert Path(path).is_relative_to(state)
    assert Path(path).read_bytes() == "Grüße.\r\n\nEnd".encode()
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600


def test_the_directory_is_the_users() -> None:
    """A directory that had to be made is nobody else's."""
    path = save("text")

    assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700


def test_saved_twice() -> None:
    """An earlier text is never overwritten."""
    first, second = save("first"), save("second")

    assert Path(first).read_text() == "first"
    assert second != first


def test_it_cannot_be_saved(state: Path) -> None:
    """Where it cannot be written, the caller is told why."""
    (state / "state").write_text("in the way")

    with pytest.raises(OSError, match="Not a directory"):
        save("text")


def test_command() -> None:
    """The command that goes on from there can be pasted: a shell reads it as it was meant."""
    options = ["-v", "my voice", "-l", "de"]
    words = shlex.split(command("/a dir/it's.txt", options))

    assert words[0] == "lmnt-say"
    assert parse(words[1:]) == Flags(voice="my voice", language="de", file="/a dir/it's.txt")
