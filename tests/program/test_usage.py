"""Invalid usage is refused in one line, before anything else happens (contract, sections 2 and 7)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


def refused(say: Say, *args: str | Path, **env: str | None) -> str:
    """Return the line of a run that is refused as a usage error, without waiting for its text."""
    result = say.end(say.start(*args, env=env), limit=5)

    assert result.status == 2
    assert result.stdout == b""
    assert len(result.lines) == 1
    assert result.stderr.startswith("lmnt-say: ")
    return result.stderr


@pytest.fixture(autouse=True)
def _nothing_is_touched(service: FakeService, tmp_path: Path) -> object:
    """Options are checked before any network or output is used."""
    yield

    assert service.handshakes == []
    assert list(tmp_path.glob("story*")) == []


def test_wrong_options(say: Say) -> None:
    """Each error is one line that names what was wrong.

    What is said of which option is tested in tests/test_cli.py.
    """
    assert "nowhere.key" in refused(say, "-o", "story.mp3", "--api-key-file", "nowhere.key")


def test_directory_on_standard_input(say: Say, tmp_path: Path) -> None:
    """A directory on standard input is refused, where the interpreter itself fails."""
    directory = os.open(tmp_path, os.O_RDONLY)
    result = say(stdin=directory)
    os.close(directory)

    assert result.status in (1, 2)
    assert "directory" in result.stderr


def test_plain_http_to_a_stranger(say: Say) -> None:
    """A key is never sent in clear to another host, even one named by a variable, unless that is allowed.

    It is refused before a name is resolved or a port used. Which URLs are is tested in tests/test_cli.py.
    """
    assert "--insecure-http" in refused(say, LMNT_BASE_URL="ws://speech.example")


def test_every_file_is_opened_first(say: Say, tmp_path: Path) -> None:
    """A missing file is found before anything is connected, wherever it is in the list."""
    (tmp_path / "one").write_text("One.")

    assert "nowhere.txt" in refused(say, "-f", "one", "-f", "nowhere.txt", "-o", "story.mp3")
