"""What is done to a file of audio behind its writer: patched, cut, removed (contract, 4)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmnt_cli.errors import OutputError
from lmnt_cli.io.audio.patching import patch, patch_what_can_be, patchable_from, remove, truncate


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of ten bytes."""
    path = tmp_path / "audio"
    path.write_bytes(b"0123456789")
    return path


@pytest.fixture
def descriptor(file: Path) -> Iterator[int]:
    """The file, open to be written behind its third byte."""
    opened = os.open(file, os.O_RDWR)
    os.lseek(opened, 3, os.SEEK_SET)
    yield opened
    os.close(opened)


def test_where_we_begin(descriptor: int) -> None:
    """A regular file can be patched from where its descriptor stands."""
    assert patchable_from(descriptor) == 3


@pytest.mark.parametrize("flags", [os.O_WRONLY | os.O_APPEND])
def test_appending(file: Path, flags: int) -> None:
    """One that is open for appending cannot: a patch would go to its end."""
    opened = os.open(file, flags)

    assert patchable_from(opened) is None
    os.close(opened)


def test_no_file() -> None:
    """A pipe and a closed descriptor cannot, either."""
    end, write = os.pipe()
    os.close(end)

    assert patchable_from(write) is None
    os.close(write)
    assert patchable_from(write) is None


def test_patch(file: Path, descriptor: int) -> None:
    """Patches count from where we began, and leave the descriptor where it stands."""
    patch(descriptor, 3, [(0, b"ab"), (4, b"c")], "audio")

    assert file.read_bytes() == b"012ab56c89"
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == 3


def test_not_patchable(file: Path, descriptor: int) -> None:
    """Where nothing can be patched, nothing is."""
    patch(descriptor, None, [(0, b"ab")], "audio")

    assert file.read_bytes() == b"0123456789"


def test_patching_fails(file: Path) -> None:
    """A patch that cannot be written is told with the file's name; after a failure it is passed over."""
    opened = os.open(file, os.O_RDONLY)

    with pytest.raises(OutputError, match="could not write the audio: "):
        patch(opened, 0, [(0, b"a")], "the audio")
    patch_what_can_be(opened, 0, [(0, b"a")])
    os.close(opened)


def test_truncate(file: Path, descriptor: int) -> None:
    """The end is cut off; where that is impossible, nothing is raised."""
    truncate(descriptor, 4)

    assert file.read_bytes() == b"0123"
    end, write = os.pipe()
    truncate(write, 4)
    os.close(end)
    os.close(write)


def test_remove(file: Path) -> None:
    """A leftover goes, and one that is gone already is no trouble."""
    remove(str(file))
    remove(str(file))

    assert not file.exists()
