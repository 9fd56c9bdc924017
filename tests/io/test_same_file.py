"""The same file is never read and written, nor written twice: `lmnt_cli.io.same_file`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.io.same_file import End, refuse_same_file, refuse_same_output
from tests.tools.each import each


@pytest.fixture(autouse=True)
def _text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text file, under any of its names."""
    monkeypatch.chdir(tmp_path)
    Path("text").write_bytes(b"text")
    os.symlink("text", "symlink")
    os.link("text", "hardlink")


@pytest.fixture
def descriptor() -> Iterator[int]:
    """The file, opened by another program."""
    opened = os.open("text", os.O_RDONLY)
    yield opened
    os.close(opened)


NAMES = ["text", "./text", "symlink", "hardlink"]


@each("read", NAMES)
@each("written", NAMES)
def test_same_file(read: str, written: str) -> None:
    """Whatever it is called, the same file is exit status 2, and nothing is changed."""
    with pytest.raises(UsageError, match=read) as raised:
        refuse_same_file([End(read, (read,))], [End(written, (written,))])
    assert raised.value.code is ExitCode.USAGE
    assert (written in raised.value.message, Path("text").read_bytes()) == (True, b"text")


def test_descriptors(descriptor: int) -> None:
    """A descriptor leads to a file as a name does, on either side, by number or by name."""
    for place in (descriptor, f"/dev/fd/{descriptor}"):
        with pytest.raises(UsageError):
            refuse_same_file([End("standard input", (place,))], [End("symlink", ("symlink",))])
        with pytest.raises(UsageError):
            refuse_same_file([End("text", ("text",))], [End("standard output", (place,))])


def test_any_of_several() -> None:
    """Each input is compared with each output, and with all paths that an output may write."""
    Path("other").touch()
    inputs = [End("other", ("other",)), End("text", ("text",))]
    outputs = [End("new", ("new", "new.part")), End("story", ("story", "hardlink"))]

    with pytest.raises(UsageError, match=r"text .* as story"):
        refuse_same_file(inputs, outputs)


def test_different_files() -> None:
    """Files with equal content, new files and inaccessible ones are accepted."""
    Path("copy").write_bytes(b"text")
    places = ("copy", "new", "text/below", "nul\0", 1000)

    refuse_same_file([End("text", ("text",))], [End("outputs", places)])
    refuse_same_file([], [End("text", ("text",))])


def pipe() -> int:
    return os.pipe()[0]


def null() -> int:
    return os.open("/dev/null", os.O_RDWR)


def terminal() -> int:
    return os.openpty()[1]


@pytest.mark.parametrize("make", [pipe, null, terminal])
def test_no_file(make: Callable[[], int]) -> None:
    """A terminal, a pipe or a device may be both read and written."""
    place = make()

    refuse_same_file([End("standard input", (place,))], [End("standard output", (place,))])
    os.close(place)


@each("audio", NAMES)
@each("other", NAMES)
def test_same_output(audio: str, other: str) -> None:
    """Whatever it is called, two outputs in one file are exit status 2, and nothing is changed."""
    with pytest.raises(UsageError) as raised:
        refuse_same_output([End(audio, (audio,))], [End(other, (other,))])
    assert raised.value.code is ExitCode.USAGE
    assert (audio in raised.value.message, other in raised.value.message) == (True, True)
    assert Path("text").read_bytes() == b"text"


@pytest.mark.parametrize("name", ["new", "./new", "dangling", "new.part"])
def test_same_new_output(name: str) -> None:
    """A file that does not exist yet is recognised too, and so is its `.part`."""
    os.symlink("new", "dangling")

    new, other = End("new", ("new", "new.part")), End(name, (name,))
    for audio, others in ([new], [other]), ([], [new, other]):
        with pytest.raises(UsageError, match=r"^new (would be written twice|and .* are the same file)$"):
            refuse_same_output(audio, others)


def test_same_output_twice_with_text() -> None:
    """Two outputs of text in one file are refused as well, by path or by path and descriptor."""
    opened = os.open("text", os.O_WRONLY)

    for other in (End("symlink", ("symlink",)), End("fd", (opened,))):
        with pytest.raises(UsageError, match=r"text and .* are the same file"):
            refuse_same_output([], [End("text", ("text",)), other])
    os.close(opened)


def test_same_descriptor(descriptor: int) -> None:
    """Audio shares a file or a pipe with nothing; texts may share a descriptor."""
    reader, writer = os.pipe()

    for place in (descriptor, writer):
        ends = [End("standard output", (place,)), End("fd:1", (place,))]
        with pytest.raises(UsageError, match="standard output and fd:1 are the same file"):
            refuse_same_output(ends[:1], ends[1:])
        refuse_same_output([], ends)
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("place", ["/dev/null", "other", "text/below", "nul\0", 1000])
def test_different_outputs(place: str | int) -> None:
    """Different files are accepted, and so are devices."""
    refuse_same_output([End("audio", ("new", "text"))], [End("other", (place,))])
    refuse_same_output([End("audio", ("/dev/null",))], [End("other", ("/dev/null",))])
