"""Inherited descriptors are written at their current offset, whatever names them (contract, 4)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmnt_cli.errors import OutputError
from lmnt_cli.io.audio.descriptor import OpenDescriptor, descriptor_named, path_of


pytestmark = pytest.mark.usefixtures("own_directory")


def patches(length: int) -> list[tuple[int, bytes]]:
    return [(0, b"%02d" % length)]


def on_file(flags: int = 0) -> int:
    """A file with some content, open for writing after it."""
    descriptor = os.open("out", os.O_RDWR | os.O_CREAT | flags)
    os.write(descriptor, b"before ")
    return descriptor


def write(sink: OpenDescriptor, audio: bytes) -> None:
    sink.begin()
    os.write(sink.descriptor, audio)


def end_it(sink: OpenDescriptor, how: str, length: int) -> None:
    """End a run that succeeded, or one that failed and has no file name to report."""
    if how == "keep":
        assert sink.keep(patches) is None
    else:
        sink.complete(length, patches)


@pytest.mark.parametrize("end", ["complete", "keep"])
def test_file(end: str) -> None:
    """Existing content is kept, and sizes are patched relative to where we began."""
    sink = OpenDescriptor(on_file(), "standard output")
    write(sink, b"..audio")
    sink.check(7)
    end_it(sink, end, 7)

    assert Path("out").read_bytes() == b"before 07audio"


def test_middle_of_a_file() -> None:
    """Content after our audio is kept too, and does not count as ours."""
    descriptor = on_file()
    os.lseek(descriptor, 2, os.SEEK_SET)
    sink = OpenDescriptor(descriptor, "standard output")
    write(sink, b"..a")
    sink.keep(patches)

    assert Path("out").read_bytes() == b"be03ae "


@pytest.mark.parametrize("end", ["complete", "keep"])
def test_appending(end: str) -> None:
    """A file opened for appending is not patched: a patch would go to its end."""
    sink = OpenDescriptor(on_file(os.O_APPEND), "standard output")
    write(sink, b"..audio")
    Path("out").open("ab").close()
    sink.check(7)
    end_it(sink, end, 7)

    assert Path("out").read_bytes() == b"before ..audio"


@pytest.mark.parametrize("flags", [0, os.O_APPEND], ids=["writing", "appending"])
def test_cut_by_another_program(flags: int) -> None:
    """Audio that has been cut off is noticed, however the file was opened."""
    sink = OpenDescriptor(on_file(flags), "standard output")
    write(sink, b"audio")
    os.truncate("out", 4)

    with pytest.raises(OutputError, match="standard output"):
        sink.check(5)
    with pytest.raises(OutputError, match="standard output"):
        sink.complete(5, lambda _: [])


def test_others_write_too() -> None:
    """A log that other programs append to may be longer than our audio."""
    sink = OpenDescriptor(on_file(os.O_APPEND), "standard output")
    write(sink, b"audio")
    with Path("out").open("ab") as file:
        file.write(b"theirs")

    sink.complete(5, patches)


def test_pipe() -> None:
    """A pipe has no size to check or patch."""
    end, other = os.pipe()
    sink = OpenDescriptor(other, "standard output")
    write(sink, b"..audio")
    sink.check(7)
    sink.complete(7, patches)

    assert sink.keep(patches) is None
    assert os.read(end, 100) == b"..audio"


def test_closed() -> None:
    """A closed descriptor fails when it is written, not before."""
    end, other = os.pipe()
    os.close(end)
    os.close(other)

    assert OpenDescriptor(other, "standard output").keep(patches) is None


@pytest.fixture
def inherited() -> Iterator[int]:
    """A writable descriptor as passed on by a shell."""
    descriptor = on_file()
    os.set_inheritable(descriptor, True)
    yield descriptor
    os.set_inheritable(descriptor, False)


@pytest.mark.parametrize(
    "form", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/thread-self/fd/{}", "/dev/../dev/fd/{}", "link", "far"]
)
def test_names(inherited: int, form: str) -> None:
    """A descriptor is recognised by all the names that systems have for it, and through links."""
    os.symlink(f"/dev/fd/{inherited}", "link")
    os.mkdir("there")
    os.symlink("../link", "there/far")
    os.symlink("there/far", "far")

    assert descriptor_named(form.format(inherited)) == inherited


@pytest.mark.parametrize(("name", "number"), [("/dev/stdout", 1), ("/dev/stderr", 2), ("/proc/{}/fd/1", 1)])
def test_standard_names(capfd: pytest.CaptureFixture[str], name: str, number: int) -> None:
    """Standard output and standard error have names of their own."""
    name = name.format(os.getpid())
    os.symlink(name, "link")

    assert (descriptor_named(name), descriptor_named("link")) == (number, number)


@pytest.mark.parametrize(
    "path", ["a.mp3", "out", "/dev/null", "/dev/fd", "/proc/self/fd/", "/dev/fd/x", "loop"]
)
def test_other_paths(inherited: int, path: str) -> None:
    """Everything else is a path, including a loop of links."""
    os.symlink("loop", "loop")

    assert descriptor_named(path) is None


def test_not_to_be_written(inherited: int) -> None:
    """A descriptor that is closed, read-only or our own is refused."""
    reading = os.open("out", os.O_RDONLY)
    os.set_inheritable(reading, True)
    ours = os.open("out", os.O_WRONLY)
    for number in (reading, ours, 1000):
        with pytest.raises(OSError, match="Bad file descriptor"):
            descriptor_named(f"/dev/fd/{number}")
    os.close(reading)


def test_path_of_a_file() -> None:
    """The path of the file behind a descriptor is found where the system reports it; a pipe has none."""
    descriptor = on_file()
    end, other = os.pipe()

    assert path_of(descriptor) in (os.path.realpath("out"), None)
    assert path_of(other) is None
    os.close(end)
    os.close(other)
    os.close(descriptor)
