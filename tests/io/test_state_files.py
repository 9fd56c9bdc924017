"""Unspoken text and voice ids are kept between runs, completely or not at all (contract, 5)."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lmnt_cli.io.state_files import (
    NEWEST,
    Continuation,
    continuation_of,
    remove_text,
    save_text,
    save_voice_ids,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State and cache directories for the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_saved(home: Path) -> None:
    """The text is saved unchanged in the user's state directory, with mode 0600."""
    path = save_text("Grüße.\r\n\nEnd")

    assert Path(path).is_relative_to(home / "state")
    assert Path(path).read_bytes() == "Grüße.\r\n\nEnd".encode()
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600


def test_the_directory_is_the_users() -> None:
    """A directory that had to be created is readable by its owner only."""
    path = save_text("text")

    assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700


def test_saved_twice() -> None:
    """An earlier text is never overwritten."""
    first, second = save_text("first"), save_text("second")

    assert Path(first).read_text() == "first"
    assert second != first


def test_the_newest_are_kept() -> None:
    """The newest 20 saved texts are kept, and other files are left alone."""
    oldest = Path(save_text("oldest"))
    os.utime(oldest, (0, 0))
    other = oldest.with_name("notes.txt")
    other.write_text("other")
    for number in range(NEWEST - 1):
        save_text(str(number))
    assert oldest.exists()
    last = save_text("last")

    texts = {path.read_text() for path in Path(last).parent.glob("unspoken-*.txt")}
    assert len(texts) == NEWEST
    assert {"last", "0"} <= texts
    assert not oldest.exists()
    assert other.exists()


def test_text_cannot_be_saved(home: Path) -> None:
    """If the text cannot be written, the caller gets the error."""
    (home / "state").write_text("in the way")

    with pytest.raises(OSError, match="Not a directory"):
        save_text("text")


def test_voice_ids(home: Path) -> None:
    """The list has one id per line, and replaces an earlier list."""
    save_voice_ids(["old"])
    save_voice_ids(["lily", "mara-wilson", "a1b2-c3"])

    assert (home / "cache" / "lmnt-say" / "voices").read_text() == "lily\nmara-wilson\na1b2-c3\n"
    assert os.listdir(home / "cache" / "lmnt-say") == ["voices"]


@pytest.mark.parametrize("name", ["$(reboot)", "a b", "a;b", "`x`", "a\nb", "", "é", "*"])
def test_what_a_shell_would_act_on(home: Path, name: str) -> None:
    """An id with characters that are special in a shell is left out."""
    save_voice_ids([name, "lily"])

    assert (home / "cache" / "lmnt-say" / "voices").read_text() == "lily\n"


def test_voice_ids_cannot_be_saved(home: Path) -> None:
    """If nothing can be kept, nothing is raised, and no temporary file is left."""
    cache = home / "cache" / "lmnt-say"
    (cache / "voices").mkdir(parents=True)

    save_voice_ids(["lily"])

    assert os.listdir(cache) == ["voices"]
    (cache / "voices").rmdir()
    cache.rmdir()
    cache.write_text("in the way")
    save_voice_ids(["lily"])
    assert cache.read_text() == "in the way"


_ON_A_FULL_DISK = """
import resource, signal, sys
from lmnt_cli.io.state_files import save_text, save_voice_ids
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
save_voice_ids(["lily" * 10])
try:
    save_text("text" * 10)
except OSError:
    sys.exit(28)
"""


def test_a_full_disk_keeps_no_leftovers(home: Path) -> None:
    """A file that could not be written whole is removed."""
    assert subprocess.run([sys.executable, "-c", _ON_A_FULL_DISK], timeout=20, check=False).returncode == 28

    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_no_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a home directory only OSError is raised, and no directory named "~" is created."""
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)  # as for a user that the system does not know
    monkeypatch.chdir(home)

    save_voice_ids(["lily"])
    with pytest.raises(OSError, match="home"):
        save_text("text")
    assert os.listdir() == []


CONTINUATION = Continuation("/a/story.mp3", 1234, "mp3", 24000)


def test_what_a_text_continues() -> None:
    """The continuation is stored beside the text, readable by its owner, and found by its path."""
    path = save_text("rest", CONTINUATION)

    assert continuation_of(path) == CONTINUATION
    assert {stat.S_IMODE(each.stat().st_mode) for each in Path(path).parent.iterdir()} == {0o600}
    assert continuation_of(save_text("rest")) is None


def test_a_text_that_was_spoken() -> None:
    """A spoken text is removed with its continuation, and nothing else is."""
    other, path = save_text("other", CONTINUATION), save_text("rest", CONTINUATION)
    remove_text(path)
    remove_text(path)

    assert continuation_of(path) is None
    assert sorted(os.listdir(Path(other).parent)) == sorted(
        [Path(other).name, Path(other).with_suffix(".json").name]
    )


@pytest.mark.parametrize("name", ["story.txt", "unspoken-1.txt", "state/unspoken-1.txt"])
def test_texts_of_others(home: Path, name: str) -> None:
    """A file anywhere else has no continuation and is never removed, whatever its name."""
    path = home / name
    path.parent.mkdir(exist_ok=True)
    for file in (path, path.with_suffix(".json")):
        file.write_text('{"output":"a","offset":1,"format":"mp3","sample_rate":24000}')

    assert continuation_of(str(path)) is None
    remove_text(str(path))
    assert path.exists()


@pytest.mark.parametrize(
    "beside",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"output":"a","offset":"1","format":"mp3","sample_rate":24000}',
        '{"output":"a","offset":-1,"format":"mp3","sample_rate":24000}',
        '{"output":"a","offset":1,"format":"mp3","sample_rate":24000,"more":1}',
        "\xff",
    ],
    ids=range(8),
)
def test_what_cannot_be_read(beside: str) -> None:
    """A file with other content is treated as missing."""
    path = Path(save_text("rest", CONTINUATION))
    path.with_suffix(".json").write_text(beside, encoding="latin-1")

    assert continuation_of(str(path)) is None


def test_the_oldest_go_with_what_stands_beside_them() -> None:
    """A text is removed together with its continuation."""
    directory = Path(save_text("first", CONTINUATION)).parent
    for _ in range(NEWEST):
        save_text("more")

    assert list(directory.glob("*.json")) == []
