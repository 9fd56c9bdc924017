"""FILE.part becomes FILE when it is complete; FILE changes only by that rename (contract, 4)."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, OutputError, UsageError
from lmnt_cli.io.audio.part_file import PartFile, paths_written


pytestmark = pytest.mark.usefixtures("own_directory")


def opened(path: str, *, clobber: bool = True) -> PartFile:
    return PartFile(path, clobber=clobber)


def write(sink: PartFile, audio: bytes) -> None:
    """Write as the writer does: prepare before the first byte."""
    sink.begin()
    os.write(sink.descriptor, audio)


def patches(length: int) -> list[tuple[int, bytes]]:
    """The patches of a container without sizes."""
    return []


def complete(sink: PartFile) -> None:
    sink.complete(os.lseek(sink.descriptor, 0, os.SEEK_CUR), patches)


def end_it(sink: PartFile, how: str, length: int) -> None:
    """End a run that succeeded, or one that failed and has no file name to report."""
    if how == "keep":
        assert sink.keep(patches) is None
    else:
        sink.complete(length, patches)


def test_part() -> None:
    """FILE.part becomes FILE when it is complete, and not before."""
    sink = opened("a.mp3")
    write(sink, b"audio")

    assert sorted(os.listdir()) == ["a.mp3.part"]
    complete(sink)
    assert sorted(os.listdir()) == ["a.mp3"]
    assert Path("a.mp3").read_bytes() == b"audio"


def test_old_file_until_the_rename() -> None:
    """An existing FILE changes only by the rename, and its mode is kept."""
    Path("a.mp3").write_bytes(b"old")
    Path("a.mp3").chmod(0o640)
    sink = opened("a.mp3")
    write(sink, b"new")

    assert Path("a.mp3").read_bytes() == b"old"
    complete(sink)
    assert Path("a.mp3").read_bytes() == b"new"
    assert stat.S_IMODE(Path("a.mp3").stat().st_mode) == 0o640


def test_new_file_has_the_mode_of_new_files() -> None:
    """A new FILE has the mode that the umask leaves."""
    Path("other").touch()
    sink = opened("a.mp3")
    write(sink, b"audio")
    complete(sink)

    assert Path("a.mp3").stat().st_mode == Path("other").stat().st_mode


def test_failure_keeps_the_part() -> None:
    """On failure the part is kept and named, and so is the old file."""
    Path("a.mp3").write_bytes(b"old")
    sink = opened("a.mp3")
    write(sink, b"half")

    assert sink.keep(patches) == "a.mp3.part"
    assert Path("a.mp3.part").read_bytes() == b"half"
    assert Path("a.mp3").read_bytes() == b"old"


def test_failure_without_audio() -> None:
    """A part without audio is removed."""
    sink = opened("a.mp3")

    assert sink.keep(patches) is None
    assert os.listdir() == []


def test_a_part_held_by_another_run() -> None:
    """A part held by another run is exit status 7, and is left unchanged."""
    first = opened("a.mp3")
    write(first, b"audio")

    with pytest.raises(OutputError, match=r"a\.mp3\.part") as raised:
        opened("a.mp3")
    assert raised.value.code is ExitCode.OUTPUT
    assert Path("a.mp3.part").read_bytes() == b"audio"
    complete(first)
    assert Path("a.mp3").read_bytes() == b"audio"


def test_an_abandoned_part() -> None:
    """An abandoned part is truncated by the first audio, and not before."""
    Path("a.mp3.part").write_bytes(b"left by somebody who was killed")
    sink = opened("a.mp3")
    assert Path("a.mp3.part").read_bytes() == b"left by somebody who was killed"
    write(sink, b"audio")
    complete(sink)

    assert Path("a.mp3").read_bytes() == b"audio"


@pytest.mark.parametrize("end", ["keep", "complete"])
def test_an_abandoned_part_and_no_audio(end: str) -> None:
    """A run without audio leaves an abandoned part and FILE unchanged."""
    Path("a.mp3").write_bytes(b"old")
    Path("a.mp3.part").write_bytes(b"left over")
    sink = opened("a.mp3")
    end_it(sink, end, 0)

    assert Path("a.mp3").read_bytes() == b"old"
    assert Path("a.mp3.part").read_bytes() == b"left over"


def test_an_abandoned_part_of_another_mode() -> None:
    """An abandoned part gets the mode of FILE before it gets audio."""
    Path("a.mp3").touch()
    Path("a.mp3").chmod(0o600)
    Path("a.mp3.part").touch()
    Path("a.mp3.part").chmod(0o666)
    sink = opened("a.mp3")
    sink.begin()

    assert stat.S_IMODE(Path("a.mp3.part").stat().st_mode) == 0o600


def test_cut_by_another_program() -> None:
    """A part that was cut short never becomes FILE."""
    sink = opened("a.mp3")
    write(sink, b"audio")
    sink.check(5)
    os.truncate("a.mp3.part", 2)

    with pytest.raises(OutputError, match=r"a\.mp3\.part"):
        sink.check(5)
    with pytest.raises(OutputError, match=r"a\.mp3\.part"):
        sink.complete(5, patches)
    assert sink.keep(patches) == "a.mp3.part"
    assert os.listdir() == ["a.mp3.part"]


def test_the_part_was_removed_meanwhile() -> None:
    """If the part was removed meanwhile, the run does not succeed."""
    sink = opened("a.mp3")
    write(sink, b"audio")
    os.unlink("a.mp3.part")

    with pytest.raises(OutputError):
        complete(sink)


def test_the_part_was_replaced_meanwhile() -> None:
    """A file that has replaced the part is not renamed to FILE."""
    sink = opened("a.mp3")
    write(sink, b"audio")
    os.unlink("a.mp3.part")
    Path("a.mp3.part").write_bytes(b"somebody else's")

    with pytest.raises(OutputError):
        complete(sink)
    assert not Path("a.mp3").exists()


def test_no_clobber_at_the_rename() -> None:
    """--no-clobber holds for a FILE that has appeared meanwhile; the recording stays in the part."""
    sink = opened("a.mp3", clobber=False)
    write(sink, b"new")
    Path("a.mp3").write_bytes(b"came meanwhile")

    with pytest.raises(UsageError, match=r"a\.mp3") as raised:
        complete(sink)
    assert raised.value.hint == "the complete recording is in a.mp3.part"
    assert sink.keep(patches) is None
    assert Path("a.mp3").read_bytes() == b"came meanwhile"
    assert Path("a.mp3.part").read_bytes() == b"new"


def test_no_clobber_that_succeeds() -> None:
    """If the name is free, --no-clobber changes nothing, and no part is left."""
    sink = opened("a.mp3", clobber=False)
    write(sink, b"audio")
    complete(sink)

    assert os.listdir() == ["a.mp3"]


def test_link() -> None:
    """The target of a link is replaced, and the link is kept."""
    os.mkdir("there")
    Path("there/real.mp3").write_bytes(b"old")
    os.symlink("there/real.mp3", "a.mp3")
    sink = opened("a.mp3")
    write(sink, b"new")
    complete(sink)

    assert os.path.islink("a.mp3")
    assert Path("there/real.mp3").read_bytes() == b"new"
    assert os.listdir("there") == ["real.mp3"]


def test_the_part_of_a_link_is_named_as_it_is() -> None:
    """The part of a link is reported by its real name."""
    os.mkdir("there")
    os.symlink("there/real.mp3", "a.mp3")
    sink = opened("a.mp3")
    write(sink, b"half")
    kept = sink.keep(patches)

    assert kept is not None
    assert Path(kept).read_bytes() == b"half"


def test_cut() -> None:
    """A part can be cut back to what is known to be whole."""
    sink = opened("a.mp3")
    write(sink, b"whole and half")
    sink.cut(5)

    assert sink.keep(patches) == "a.mp3.part"
    assert Path("a.mp3.part").read_bytes() == b"whole"


@pytest.mark.parametrize("number", [errno.EIO, errno.EBUSY])
def test_no_rename_and_no_copy(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A recording that cannot be renamed or copied is complete, and is reported as complete."""
    sink = opened("a.mp3")
    write(sink, b"audio")
    monkeypatch.setattr(os, "replace", _fails_with(number))

    with pytest.raises(OutputError, match=r"could not rename a\.mp3\.part to a\.mp3: ") as raised:
        complete(sink)
    assert raised.value.hint == "the complete recording is in a.mp3.part"
    assert sink.keep(patches) is None
    assert Path("a.mp3.part").read_bytes() == b"audio"


def test_copied_into_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """If FILE cannot be replaced by a rename, it is overwritten, and no part is left."""
    Path("a.mp3").write_bytes(b"an old recording")
    sink = opened("a.mp3")
    write(sink, b"audio")
    monkeypatch.setattr(os, "replace", _fails_with(errno.EBUSY))
    complete(sink)

    assert os.listdir() == ["a.mp3"]
    assert Path("a.mp3").read_bytes() == b"audio"


def _fails_with(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
@pytest.mark.parametrize("exists", [True, False])
def test_no_room_for_a_part(monkeypatch: pytest.MonkeyPatch, number: int, exists: bool) -> None:
    """If a part cannot be created but FILE can be written, --no-part is suggested."""
    if exists:
        Path("a.mp3").write_bytes(b"old")
    real = os.open

    def refuse(path: str, *rest: int) -> int:
        if path.endswith(".part"):
            raise OSError(number, os.strerror(number), path)
        return real(path, *rest)

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(OutputError, match=r"could not open a\.mp3\.part") as raised:
        opened("a.mp3")
    assert (raised.value.hint is not None and "--no-part" in raised.value.hint) is exists


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_sticky_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that could not be replaced at the end is refused at the start."""
    os.mkdir("there")
    os.chmod("there", 0o1777)
    Path("there/a.mp3").write_bytes(b"old")
    for path in ("there", "there/a.mp3"):
        os.chown(path, 65534, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(OutputError, match=r"there/a\.mp3") as raised:
        opened("there/a.mp3")
    assert raised.value.code is ExitCode.OUTPUT
    assert os.listdir("there") == ["a.mp3"]


def test_a_deep_directory() -> None:
    """Paths are used as given: one within the system's limits stays within them."""
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    sink = opened("a.mp3")
    write(sink, b"audio")
    complete(sink)

    assert os.listdir() == ["a.mp3"]


def test_paths_written() -> None:
    """A recording may write its file, and a part under one of two names, beside the target of a link."""
    os.mkdir("there")
    os.symlink("there/real.mp3", "a.mp3")

    given, part, short = paths_written("a.mp3")
    assert given == "a.mp3"
    assert part == os.path.realpath("there/real.mp3") + ".part"
    assert (os.path.dirname(short), short[-5:]) == (os.path.dirname(part), ".part")
