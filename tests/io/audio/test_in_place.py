"""Files, FIFOs and devices are written in place (contract, 4)."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from lmnt_cli.errors import OutputError
from lmnt_cli.io.audio.in_place import InPlace


LIMIT = 10.0
pytestmark = pytest.mark.usefixtures("own_directory")


def opened(path: str, *, clobber: bool = True) -> InPlace:
    return InPlace(path, clobber=clobber)


def write(sink: InPlace, audio: bytes) -> None:
    """Write as the writer does: prepare before the first byte."""
    sink.begin()
    os.write(sink.descriptor, audio)


def patches(length: int) -> list[tuple[int, bytes]]:
    return [(0, b"%02d" % length)]


def end_it(sink: InPlace, how: str, length: int) -> None:
    """End a run that succeeded, or one that failed and has no file name to report."""
    if how == "keep":
        assert sink.keep(patches) is None
    else:
        sink.complete(length, patches)


def test_new() -> None:
    """The file itself is written."""
    sink = opened("a.mp3")
    write(sink, b"..audio")

    assert os.listdir() == ["a.mp3"]
    sink.check(7)
    sink.complete(7, patches)
    assert Path("a.mp3").read_bytes() == b"07audio"


def test_over_an_old_file() -> None:
    """An old file is truncated by the first audio, so that a refused key does not cost it."""
    Path("a.mp3").write_bytes(b"an old recording")
    sink = opened("a.mp3")

    assert sink.keep(patches) is None
    assert Path("a.mp3").read_bytes() == b"an old recording"
    write(sink, b"..new")
    assert Path("a.mp3").read_bytes() == b"..new"
    assert sink.keep(patches) == "a.mp3"
    assert Path("a.mp3").read_bytes() == b"05new"


@pytest.mark.parametrize("end", ["keep", "complete"])
def test_without_audio(end: str) -> None:
    """A file that was created and stayed empty is removed, and no other file is."""
    sink = opened("a.mp3")
    assert os.listdir() == ["a.mp3"]
    end_it(sink, end, 0)
    assert os.listdir() == []

    sink = opened("a.mp3")
    os.unlink("a.mp3")
    Path("a.mp3").write_bytes(b"theirs")
    assert sink.keep(patches) is None
    assert Path("a.mp3").read_bytes() == b"theirs"


def test_no_clobber() -> None:
    """An existing file is not opened."""
    Path("a.mp3").touch()

    with pytest.raises(FileExistsError):
        opened("a.mp3", clobber=False)
    write(opened("b.mp3", clobber=False), b"audio")
    assert Path("b.mp3").read_bytes() == b"audio"


def test_dangling_link() -> None:
    """The target of a dangling link is created."""
    os.symlink("b.mp3", "a.mp3")
    write(opened("a.mp3"), b"audio")

    assert Path("b.mp3").read_bytes() == b"audio"


def test_cut_by_another_program() -> None:
    """Missing audio is noticed before a write and at the end."""
    sink = opened("a.mp3")
    write(sink, b"audio")
    os.truncate("a.mp3", 2)

    with pytest.raises(OutputError, match="another program"):
        sink.check(5)
    with pytest.raises(OutputError, match="another program"):
        sink.complete(5, lambda _: [])


def test_cut() -> None:
    """Written audio can be removed again."""
    sink = opened("a.mp3")
    write(sink, b"whole and half")
    sink.cut(5)

    assert Path("a.mp3").read_bytes() == b"whole"


def test_fifo() -> None:
    """A FIFO is written and kept; it has no size to check, no sizes to patch and cannot be cut."""
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()), daemon=True)
    reader.start()
    sink = opened("pipe")
    write(sink, b"..audio")
    sink.check(7)
    sink.cut(3)
    sink.complete(7, patches)
    assert sink.keep(patches) is None
    os.close(sink.descriptor)
    reader.join(LIMIT)

    assert read == [b"..audio"]
    assert (os.listdir(), sink.can_cut) == (["pipe"], False)


def test_fifo_without_audio() -> None:
    """A FIFO is not removed."""
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert opened("pipe").keep(patches) is None
    os.close(reader)

    assert os.listdir() == ["pipe"]
