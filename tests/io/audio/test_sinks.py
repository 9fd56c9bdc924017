"""Where audio goes, and what becomes of it at the end (contract, 4)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, OutputError, UsageError
from lmnt_cli.io.audio.sinks import Sink, open_sink
from tests.tools.limits import LIMIT


@pytest.fixture(autouse=True)
def _in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Names are relative, as they are given; descriptors that a sink left open are closed."""
    monkeypatch.chdir(tmp_path)
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    yield
    for name in set(os.listdir("/proc/self/fd")) - before if before else ():
        try:
            os.close(int(name))
        except OSError:
            pass


def opened(path: str | None, *, part: bool = True, clobber: bool = True) -> Sink:
    return open_sink(path, part=part, clobber=clobber)


def write(sink: Sink, audio: bytes) -> None:
    """Write as the writer does: prepared before the first byte."""
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
    """A link that leads nowhere is a name that is taken."""
    os.symlink("nowhere", "a.mp3")

    with pytest.raises(UsageError):
        opened("a.mp3", clobber=False, part=part)


@pytest.mark.parametrize(
    ("path", "words"),
    [("none/a.mp3", "No such file or directory"), (".", "Is a directory"), ("file/a.mp3", "Not a directory")],
)
@pytest.mark.parametrize("part", [True, False])
def test_cannot_be_created(path: str, words: str, part: bool) -> None:
    """What cannot be created is exit status 7, before anything else, with its name and the reason."""
    Path("file").touch()

    with pytest.raises(OutputError, match=words) as raised:
        opened(path, part=part)
    assert path in raised.value.message
    assert os.listdir() == ["file"]


def test_in_place() -> None:
    """With --no-part FILE itself is written."""
    sink = opened("a.mp3", part=False)
    write(sink, b"audio")

    assert os.listdir() == ["a.mp3"]
    sink.complete([])
    assert Path("a.mp3").read_bytes() == b"audio"


def test_in_place_over_an_old_file() -> None:
    """An old file is cut when the first audio comes, so that a refused key does not cost it."""
    Path("a.mp3").write_bytes(b"an old recording")
    sink = opened("a.mp3", part=False)

    assert Path("a.mp3").read_bytes() == b"an old recording"
    assert sink.keep([]) is None
    assert Path("a.mp3").read_bytes() == b"an old recording"
    write(sink, b"new")
    assert Path("a.mp3").read_bytes() == b"new"
    assert sink.keep([]) == "a.mp3"


def test_in_place_without_audio() -> None:
    """A file that was made for nothing goes."""
    assert opened("a.mp3", part=False).keep([]) is None
    assert os.listdir() == []


def test_in_place_no_clobber() -> None:
    """--no-clobber holds there too."""
    Path("a.mp3").touch()

    with pytest.raises(UsageError):
        opened("a.mp3", part=False, clobber=False)


@pytest.mark.parametrize("part", [True, False])
def test_fifo(part: bool) -> None:
    """A FIFO is written in place, and stays."""
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()), daemon=True)
    reader.start()
    sink = opened("pipe", part=part)
    write(sink, b"audio")
    sink.complete([(0, b"never patched")])
    os.close(sink.descriptor)
    reader.join(LIMIT)

    assert read == [b"audio"]
    assert os.listdir() == ["pipe"]


def test_device() -> None:
    """So is a device."""
    sink = opened("/dev/null")
    write(sink, b"audio")
    sink.complete([(0, b"x")])

    assert not os.path.exists("/dev/null.part")


def test_regular_file_on_a_device_directory(tmp_path: Path) -> None:
    """A regular file is one wherever it is: also under /dev it has a part until it is complete."""
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


@pytest.mark.parametrize("part", [True, False])
def test_patches(part: bool) -> None:
    """Sizes are patched in, in a complete file and in a kept one."""
    for name in ("complete", "kept"):
        sink = opened(name, part=part)
        write(sink, b"....audio")
        if name == "complete":
            sink.complete([(0, b"AB"), (2, b"CD")])
        else:
            sink.keep([(0, b"AB"), (2, b"CD")])

    assert Path("complete").read_bytes() == b"ABCDaudio"
    assert Path("kept.part" if part else "kept").read_bytes() == b"ABCDaudio"


@pytest.fixture
def standard_output() -> Iterator[int]:
    """Whatever is put on descriptor 1 during the test is taken off it again."""
    saved = os.dup(1)
    yield 1
    os.dup2(saved, 1)
    os.close(saved)


def test_standard_output_that_is_a_file(standard_output: int) -> None:
    """Sizes are patched relative to where we began."""
    descriptor = os.open("out", os.O_RDWR | os.O_CREAT)
    os.write(descriptor, b"before ")
    os.dup2(descriptor, standard_output)
    sink = opened(None)
    write(sink, b"..audio")
    sink.complete([(0, b"AB")])

    assert Path("out").read_bytes() == b"before ABaudio"


def test_standard_output_that_appends(standard_output: int) -> None:
    """A file opened for appending is not patched: a patch would go to its end."""
    descriptor = os.open("out", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, standard_output)
    sink = opened(None)
    write(sink, b"..audio")
    sink.complete([(0, b"AB")])

    assert Path("out").read_bytes() == b"..audio"


def test_standard_output_that_is_a_pipe(standard_output: int) -> None:
    """A pipe cannot be patched, and nobody tries."""
    end, other = os.pipe()
    os.dup2(other, standard_output)
    sink = opened(None)
    write(sink, b"..audio")
    sink.complete([(0, b"AB")])

    assert sink.keep([(0, b"AB")]) is None
    assert os.read(end, 100) == b"..audio"


def test_patching_fails(standard_output: int) -> None:
    """A file that cannot be patched is exit status 7; a failed run keeps its own reason."""
    Path("out").touch()
    descriptor = os.open("out", os.O_RDWR)
    os.dup2(descriptor, standard_output)
    sink = opened(None)
    null = os.open("out", os.O_RDONLY)
    os.dup2(null, standard_output)

    with pytest.raises(OutputError):
        sink.complete([(0, b"AB")])
    assert sink.keep([(0, b"AB")]) is None
