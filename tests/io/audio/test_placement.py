"""A complete recording gets its place by a rename, or else by a copy (contract, 4)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lmnt_cli.errors import OutputError, UsageError
from lmnt_cli.io.audio.placement import place, place_if_free, refuse_unplaceable


pytestmark = pytest.mark.usefixtures("own_directory")

SOUND = bytes(range(256)) * 9000  # more than one block


@pytest.fixture
def part(own_directory: Path) -> int:
    """An open part; `own_directory` closes it."""
    Path("part").write_bytes(SOUND)
    return os.open("part", os.O_RDWR)


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Make a system call fail as it does for a file that cannot be renamed or linked."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, name, fail)


def test_rename(part: int) -> None:
    """The part becomes the file."""
    Path("file").write_bytes(b"old")
    place(part, "part", "file")

    assert os.listdir() == ["file"]
    assert os.path.samestat(os.fstat(part), os.stat("file"))


@pytest.mark.parametrize("old", [b"", b"old", SOUND * 2])
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EPERM, errno.EACCES, errno.EXDEV])
def test_copy(part: int, monkeypatch: pytest.MonkeyPatch, old: bytes, number: int) -> None:
    """A file that cannot be replaced by a rename gets the bytes, and stays the same file."""
    Path("file").write_bytes(old)
    before = os.stat("file").st_ino
    refuse(monkeypatch, "replace", number)
    place(part, "part", "file")

    assert (os.listdir(), os.stat("file").st_ino) == (["file"], before)
    assert Path("file").read_bytes() == SOUND


def nothing(path: str) -> None:
    """No file."""


PLACES = [nothing, os.mkfifo, os.mkdir, lambda path: os.symlink("elsewhere", path)]


@pytest.mark.parametrize("make", PLACES, ids=["nothing", "fifo", "directory", "link"])
def test_no_copy(part: int, monkeypatch: pytest.MonkeyPatch, make: Callable[[str], None]) -> None:
    """Only a regular file is overwritten; otherwise the error of the rename is raised."""
    Path("elsewhere").write_bytes(b"elsewhere")
    make("file")
    refuse(monkeypatch, "replace", errno.EBUSY)
    reader = os.open("file", os.O_RDONLY | os.O_NONBLOCK) if make is os.mkfifo else None

    with pytest.raises(OSError, match=r"Device or resource busy"):
        place(part, "part", "file")
    assert Path("elsewhere").read_bytes() == b"elsewhere"
    assert Path("part").read_bytes() == SOUND
    assert reader is None or os.read(reader, 1) == b""


def test_no_room_for_a_copy(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is reserved before the old file is changed; if there is none, the old file is kept."""
    Path("file").write_bytes(b"old")
    refuse(monkeypatch, "replace", errno.EBUSY)
    refuse(monkeypatch, "posix_fallocate", errno.ENOSPC)

    with pytest.raises(OutputError, match="could not write file: No space"):
        place(part, "part", "file")
    assert Path("file").read_bytes() == b"old"
    assert Path("part").read_bytes() == SOUND


def test_room_cannot_be_reserved(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that cannot reserve room, the file is written all the same."""
    Path("file").write_bytes(b"old")
    refuse(monkeypatch, "replace", errno.EBUSY)
    refuse(monkeypatch, "posix_fallocate", errno.EOPNOTSUPP)
    place(part, "part", "file")

    assert Path("file").read_bytes() == SOUND


@pytest.mark.parametrize("links", [True, False])
def test_free(part: int, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """A free name is taken, with hard links or without."""
    if not links:
        refuse(monkeypatch, "link", errno.EPERM)
    place_if_free("part", "file")

    assert os.listdir() == ["file"]
    assert os.path.samestat(os.fstat(part), os.stat("file"))


@pytest.mark.parametrize("links", [True, False])
def test_taken(part: int, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """A file that has appeared meanwhile is left alone: exit status 2."""
    Path("file").write_bytes(b"theirs")
    if not links:
        refuse(monkeypatch, "link", errno.EOPNOTSUPP)

    with pytest.raises(UsageError, match="file was created meanwhile"):
        place_if_free("part", "file")
    assert (Path("file").read_bytes(), Path("part").read_bytes()) == (b"theirs", SOUND)


def test_free_and_no_rename(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rename that fails leaves no empty file with that name."""
    refuse(monkeypatch, "link", errno.EPERM)
    refuse(monkeypatch, "replace", errno.EIO)

    with pytest.raises(OSError, match="Input/output error"):
        place_if_free("part", "file")
    assert os.listdir() == ["part"]


@pytest.mark.parametrize(
    ("sticky", "file", "directory", "refused"),
    [
        (True, 65534, 65534, True),
        (True, 1000, 65534, False),
        (True, 65534, 1000, False),
        (False, 65534, 65534, False),
    ],
)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_sticky_directory(
    monkeypatch: pytest.MonkeyPatch, sticky: bool, file: int, directory: int, refused: bool
) -> None:
    """In a sticky directory, only the owner of the directory or of the file may replace a file."""
    os.mkdir("there")
    os.chmod("there", 0o1777 if sticky else 0o777)
    os.chown("there", directory, -1)
    Path("there/file").touch()
    os.chown("there/file", file, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert (refuse_unplaceable("there/file") is not None) is refused
    assert refuse_unplaceable("there/none") is None


def test_protected_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with an attribute that forbids changes is found beforehand; one without permission is not."""
    Path("file").touch()
    assert refuse_unplaceable("file") is None
    for number, refused in ((errno.EPERM, True), (errno.EACCES, False), (errno.ETXTBSY, False)):
        refuse(monkeypatch, "open", number)
        assert (refuse_unplaceable("file") is not None) is refused
