"""Where audio is written, and what happens to it at the end (contract, 4)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, OutputError, UsageError
from lmnt_cli.io.audio.descriptor import OpenDescriptor
from lmnt_cli.io.audio.in_place import InPlace
from lmnt_cli.io.audio.part_file import PartFile
from lmnt_cli.io.audio.sinks import Sink, open_sink


pytestmark = pytest.mark.usefixtures("own_directory")


def opened(path: str | None, *, part: bool = True, clobber: bool = True) -> Sink:
    return open_sink(path, part=part, clobber=clobber)


def write(sink: Sink, audio: bytes) -> None:
    """Write as the writer does: prepare before the first byte."""
    sink.begin()
    os.write(sink.descriptor, audio)


def test_no_clobber_at_start() -> None:
    """An existing FILE is refused before anything else: exit status 2."""
    Path("a.mp3").write_bytes(b"old")

    with pytest.raises(UsageError, match=r"a\.mp3") as raised:
        opened("a.mp3", clobber=False)
    assert raised.value.code is ExitCode.USAGE
    assert os.listdir() == ["a.mp3"]


@pytest.mark.parametrize("part", [True, False])
def test_no_clobber_of_a_dangling_link(part: bool) -> None:
    """A dangling link counts as an existing file."""
    os.symlink("nowhere", "a.mp3")

    with pytest.raises(UsageError):
        opened("a.mp3", clobber=False, part=part)


@pytest.mark.parametrize(
    ("path", "words"),
    [("none/a.mp3", "No such file or directory"), (".", "Is a directory"), ("file/a.mp3", "Not a directory")],
)
@pytest.mark.parametrize("part", [True, False])
def test_cannot_be_created(path: str, words: str, part: bool) -> None:
    """A file that cannot be created is exit status 7 at the start, with its name and the reason."""
    Path("file").touch()

    with pytest.raises(OutputError, match=words) as raised:
        opened(path, part=part)
    assert path in raised.value.message
    assert os.listdir() == ["file"]


@pytest.mark.parametrize("path", ["nodir/", "dir/", "nodir/sub/", "dir//", "./"])
@pytest.mark.parametrize("part", [True, False])
def test_a_slash_at_the_end(path: str, part: bool) -> None:
    """A path with a trailing slash is a directory: no file without the slash is created."""
    os.mkdir("dir")

    with pytest.raises(OutputError, match=path):
        opened(path, part=part)
    assert os.listdir() == ["dir"]


def test_in_place_no_clobber() -> None:
    """--no-clobber also holds for a file written in place."""
    Path("a.mp3").touch()

    with pytest.raises(UsageError):
        opened("a.mp3", part=False, clobber=False)


@pytest.mark.parametrize("part", [True, False])
def test_kinds(part: bool) -> None:
    """A regular file has a part by default; a FIFO or a device never has one."""
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)

    assert isinstance(opened("a.mp3", part=part), PartFile if part else InPlace)
    assert isinstance(opened("pipe", part=part), InPlace)
    assert isinstance(opened("/dev/null", part=part), InPlace)
    assert isinstance(opened(None, part=part), OpenDescriptor)
    os.close(reader)


def test_device() -> None:
    """A device is written in place."""
    sink = opened("/dev/null")
    write(sink, b"audio")
    sink.complete(5, lambda _: [(0, b"x")])

    assert not os.path.exists("/dev/null.part")


def test_regular_file_on_a_device_directory(tmp_path: Path) -> None:
    """A regular file has a part until it is complete, wherever it is, even in /dev."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or not os.access(shared, os.W_OK):
        pytest.skip("no /dev/shm here")
    path = shared / f"lmnt-say-{os.getpid()}.mp3"
    path.write_bytes(b"an old recording")
    try:
        sink = opened(str(path))
        write(sink, b"half")

        assert path.read_bytes() == b"an old recording"
    finally:
        path.unlink()
        Path(f"{path}.part").unlink(missing_ok=True)


def test_a_descriptor_by_name() -> None:
    """The descriptor named by /dev/fd/3 is written at its current offset, and never has a part."""
    descriptor = os.open("out", os.O_RDWR | os.O_CREAT)
    os.write(descriptor, b"before ")
    os.set_inheritable(descriptor, True)
    for clobber in (True, False):
        sink = opened(f"/dev/fd/{descriptor}", clobber=clobber)
        write(sink, b"audio")
        sink.complete(5, lambda _: [])

    assert os.listdir() == ["out"]
    assert Path("out").read_bytes() == b"before audioaudio"


def test_a_descriptor_that_is_closed() -> None:
    """A closed descriptor is exit status 7 with the name as given."""
    with pytest.raises(OutputError, match="could not open /dev/fd/1000: Bad file descriptor"):
        opened("/dev/fd/1000")
    with pytest.raises(OutputError, match="could not open /dev/stdout: Bad file descriptor"):
        open_sink("/dev/stdout", part=True, clobber=True, closed=frozenset({1}))
