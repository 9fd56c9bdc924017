"""FILE.part becomes FILE when it is complete; FILE changes by that rename alone (contract, 4)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, OutputError, UsageError
from lmnt_cli.io.audio.part_file import PartFile


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


def opened(path: str, *, clobber: bool = True) -> PartFile:
    return PartFile(path, clobber=clobber)


def write(sink: PartFile, audio: bytes) -> None:
    """Write as the writer does: prepared before the first byte."""
    sink.begin()
    os.write(sink.descriptor, audio)


def test_part() -> None:
    """FILE.part becomes FILE when it is complete, and not before."""
    sink = opened("a.mp3")
    write(sink, b"audio")

    assert sorted(os.listdir()) == ["a.mp3.part"]
    sink.complete([])
    assert sorted(os.listdir()) == ["a.mp3"]
    assert Path("a.mp3").read_bytes() == b"audio"


def test_old_file_until_the_rename() -> None:
    """An existing FILE changes only by that rename, and its mode is kept."""
    Path("a.mp3").write_bytes(b"old")
    Path("a.mp3").chmod(0o640)
    sink = opened("a.mp3")
    write(sink, b"new")

    assert Path("a.mp3").read_bytes() == b"old"
    sink.complete([])
    assert Path("a.mp3").read_bytes() == b"new"
    assert stat.S_IMODE(Path("a.mp3").stat().st_mode) == 0o640


def test_new_file_has_the_mode_of_new_files() -> None:
    """A new FILE has what the umask leaves."""
    Path("other").touch()
    sink = opened("a.mp3")
    write(sink, b"audio")
    sink.complete([])

    assert Path("a.mp3").stat().st_mode == Path("other").stat().st_mode


def test_failure_keeps_the_part() -> None:
    """On failure the part stays and is named, and the old file with it."""
    Path("a.mp3").write_bytes(b"old")
    sink = opened("a.mp3")
    write(sink, b"half")

    assert sink.keep([]) == "a.mp3.part"
    assert Path("a.mp3.part").read_bytes() == b"half"
    assert Path("a.mp3").read_bytes() == b"old"


def test_failure_without_audio() -> None:
    """A part without audio is removed."""
    sink = opened("a.mp3")

    assert sink.keep([]) is None
    assert os.listdir() == []


def test_a_part_held_by_another_run() -> None:
    """It is exit status 7, and stays as it is."""
    first = opened("a.mp3")
    write(first, b"audio")

    with pytest.raises(OutputError, match=r"a\.mp3\.part") as raised:
        opened("a.mp3")
    assert raised.value.code is ExitCode.OUTPUT
    assert Path("a.mp3.part").read_bytes() == b"audio"
    first.complete([])
    assert Path("a.mp3").read_bytes() == b"audio"


def test_an_abandoned_part() -> None:
    """It is overwritten."""
    Path("a.mp3.part").write_bytes(b"left by somebody who was killed")
    sink = opened("a.mp3")
    write(sink, b"audio")
    sink.complete([])

    assert Path("a.mp3").read_bytes() == b"audio"


def test_the_part_was_removed_meanwhile() -> None:
    """What was written has no name any more: that is no success."""
    sink = opened("a.mp3")
    write(sink, b"audio")
    os.unlink("a.mp3.part")

    with pytest.raises(OutputError):
        sink.complete([])


def test_the_part_was_replaced_meanwhile() -> None:
    """Somebody else's file is not renamed to ours."""
    sink = opened("a.mp3")
    write(sink, b"audio")
    os.unlink("a.mp3.part")
    Path("a.mp3.part").write_bytes(b"somebody else's")

    with pytest.raises(OutputError):
        sink.complete([])
    assert not Path("a.mp3").exists()


def test_no_clobber_at_the_rename() -> None:
    """It holds when the file came meanwhile; what we have stays in the part."""
    sink = opened("a.mp3", clobber=False)
    write(sink, b"new")
    Path("a.mp3").write_bytes(b"came meanwhile")

    with pytest.raises(UsageError, match=r"a\.mp3"):
        sink.complete([])
    assert sink.keep([]) == "a.mp3.part"
    assert Path("a.mp3").read_bytes() == b"came meanwhile"
    assert Path("a.mp3.part").read_bytes() == b"new"


def test_no_clobber_that_succeeds() -> None:
    """With the name free it is as ever, and no part is left."""
    sink = opened("a.mp3", clobber=False)
    write(sink, b"audio")
    sink.complete([])

    assert os.listdir() == ["a.mp3"]


def test_link() -> None:
    """A link's file is replaced, and the link stays."""
    os.mkdir("there")
    Path("there/real.mp3").write_bytes(b"old")
    os.symlink("there/real.mp3", "a.mp3")
    sink = opened("a.mp3")
    write(sink, b"new")
    sink.complete([])

    assert os.path.islink("a.mp3")
    assert Path("there/real.mp3").read_bytes() == b"new"
    assert os.listdir("there") == ["real.mp3"]


def test_the_part_of_a_link_is_named_as_it_is() -> None:
    """What is named can be found."""
    os.mkdir("there")
    os.symlink("there/real.mp3", "a.mp3")
    sink = opened("a.mp3")
    write(sink, b"half")
    kept = sink.keep([])

    assert kept is not None
    assert Path(kept).read_bytes() == b"half"


def test_cut() -> None:
    """What is kept can be cut back to what is known to be whole."""
    sink = opened("a.mp3")
    write(sink, b"whole and half")
    sink.cut(5)

    assert sink.keep([]) == "a.mp3.part"
    assert Path("a.mp3.part").read_bytes() == b"whole"
