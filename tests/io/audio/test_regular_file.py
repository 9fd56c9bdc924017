"""A regular file of audio is checked, patched, cut and synced (contract, 4 and 5)."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmnt_cli.errors import OutputError
from lmnt_cli.io.audio.regular_file import Patches, RegularFile, remove, sync


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of ten bytes."""
    path = tmp_path / "audio"
    path.write_bytes(b"0123456789")
    return path


@pytest.fixture
def descriptor(path: Path) -> Iterator[int]:
    """The file, open for writing after its ten bytes."""
    opened = os.open(path, os.O_RDWR)
    os.lseek(opened, 10, os.SEEK_SET)
    yield opened
    os.close(opened)


def size_at(offset: int) -> Patches:
    """The patches of a container that has its length, as two digits, at this offset."""
    return lambda length: [(offset, b"%02d" % length)]


def test_all_is_there(descriptor: int) -> None:
    """A file as long as what was written passes the check."""
    RegularFile(descriptor, "audio").check(10)
    RegularFile(descriptor, "audio", start=3).check(7)


@pytest.mark.parametrize("size", [0, 9])
@pytest.mark.parametrize("alone", [True, False])
def test_cut_by_another_program(path: Path, descriptor: int, size: int, alone: bool) -> None:
    """Audio that was written and then cut off is noticed."""
    os.truncate(path, size)

    with pytest.raises(OutputError, match="audio: another program has cut it short"):
        RegularFile(descriptor, "audio", alone=alone).check(10)


def test_lengthened_by_another_program(path: Path, descriptor: int) -> None:
    """Extra bytes are an error in a file of our own, but not in one that others write too."""
    with path.open("ab") as file:
        file.write(b"theirs")

    RegularFile(descriptor, "audio", alone=False).check(10)
    with pytest.raises(OutputError, match="another program has written to it"):
        RegularFile(descriptor, "audio").check(10)


def test_complete(path: Path, descriptor: int) -> None:
    """Patches count from where we began, and do not move the offset of the descriptor."""
    RegularFile(descriptor, "audio", start=3).complete(7, size_at(1))

    assert path.read_bytes() == b"0123076789"
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == 10


def test_complete_although_cut(path: Path, descriptor: int) -> None:
    """A file that was cut after the last write is not complete."""
    os.truncate(path, 4)

    with pytest.raises(OutputError):
        RegularFile(descriptor, "audio").complete(10, size_at(0))


def test_appending(path: Path, descriptor: int) -> None:
    """A file that cannot be patched is complete without that."""
    RegularFile(descriptor, "audio", can_patch=False).complete(10, size_at(0))

    assert path.read_bytes() == b"0123456789"


def test_patching_fails(path: Path) -> None:
    """A patch that cannot be written is reported with the file's name; after a failure it is skipped."""
    opened = os.open(path, os.O_RDONLY)
    file = RegularFile(opened, "the audio")

    with pytest.raises(OutputError, match="could not write the audio: "):
        file.complete(10, size_at(0))
    file.keep(size_at(0))
    os.close(opened)


@pytest.mark.parametrize(("size", "kept"), [(10, b"0110456789"), (6, b"010645"), (0, b"")])
def test_keep(path: Path, descriptor: int, size: int, kept: bytes) -> None:
    """A kept file is patched with the size that is really there."""
    os.truncate(path, size)

    RegularFile(descriptor, "audio").keep(lambda length: size_at(2)(length) if length >= 4 else [])

    assert path.read_bytes() == kept


def test_cut(path: Path, descriptor: int) -> None:
    """The end is cut off, and what follows replaces it."""
    RegularFile(descriptor, "audio", start=3).cut(4)
    os.write(descriptor, b"new")

    assert path.read_bytes() == b"0123456new"


def test_a_cut_adds_nothing(path: Path, descriptor: int) -> None:
    """A file that is already shorter is not filled up with zeros."""
    with pytest.raises(OSError, match="cut it short"):
        RegularFile(descriptor, "audio").cut(11)
    assert path.read_bytes() == b"0123456789"


def test_nothing_to_sync() -> None:
    """A pipe cannot be synced, which is not an error."""
    end, write = os.pipe()
    sync(write)
    os.close(end)
    os.close(write)


@pytest.mark.parametrize("call", ["fsync", "close"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_errors_that_are_reported_late(
    descriptor: int, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    """An error of an earlier write that a disk reports only on sync or close is an error of the output."""
    file, really = RegularFile(descriptor, "the audio"), getattr(os, call)

    def late(opened: int) -> None:
        really(opened)
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, late)
        with pytest.raises(OutputError, match=f"could not write the audio: {os.strerror(number)}"):
            file.complete(10, size_at(0))


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_that_cannot_sync(
    descriptor: int, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Where nothing can be synced, that is not an error."""

    def refuse(_opened: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    RegularFile(descriptor, "the audio").complete(10, size_at(0))


def test_remove(path: Path) -> None:
    """A leftover file is removed, and one that does not exist is no error."""
    remove(str(path))
    remove(str(path))

    assert not path.exists()
