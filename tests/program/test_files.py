"""Other programs and file systems interfere with a file being written (contract, sections 4 and 5)."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.faulty_system import FaultySystem
from tests.tools.limits import wait_size
from tests.tools.program import Running, Say


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory in which the library is compiled, once."""
    return tmp_path_factory.mktemp("faulty")


@pytest.fixture
def faulty(needs: Callable[[str], str], compiled: Path) -> FaultySystem:
    """A system whose calls fail as told."""
    return FaultySystem(needs("gcc"), compiled)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """An old recording, which no failure may damage."""
    path = tmp_path / "story.wav"
    path.write_bytes(b"old")
    return path


def start(say: Say, how: str) -> tuple[Running, Path]:
    """Start a run that writes to a file, itself or by its standard output, and return that file too."""
    path = say.directory / "story.pcm"
    if how == ">":
        with path.open("wb") as file:
            return say.start("--format", "pcm_s16le", stdout=file.fileno()), path
    return say.start("-o", "story.pcm"), Path(f"{path}.part")


@pytest.mark.parametrize(
    ("how", "size", "more"),
    [("-o", 0, b""), (">", 3, b"Two..\n\n")],
    ids=["part", "standard output"],
)
def test_cut_while_it_is_written(say: Say, how: str, size: int, more: bytes) -> None:
    """A file that another program has cut, before a write or at the end, is never renamed: exit 7."""
    running, path = start(say, how)
    running.type(b"One.\n\n")
    wait_size(path, 6)
    os.truncate(path, size)
    running.type(more)
    running.end_input()

    result = say.end(running)
    assert result.status == 7
    assert "another program has cut it short" in result.stderr
    assert path.read_bytes() == b"One.\n\n"[:size]
    assert not path.name.endswith(".part") or not path.with_suffix("").exists()


def test_a_full_disk_that_is_reported_late(say: Say, faulty: FaultySystem, recording: Path) -> None:
    """An error reported only on sync is exit 7, and the old file is kept.

    Whoever may not read the file may not read its part either, which the failed run leaves.
    """
    recording.chmod(0o600)
    under = ("sh", "-c", 'umask 022; exec "$@"', "sh")
    env = faulty("story.wav", fsync=errno.ENOSPC)

    result = say("-o", "story.wav", stdin=b"One.\n\nTwo..", env=env, under=under)

    assert result.status == 7
    assert "No space left on device" in result.lines[0]
    assert recording.read_bytes() == b"old"
    assert stat.S_IMODE(Path(f"{recording}.part").stat().st_mode) == 0o600


def test_a_full_disk_under_standard_output(say: Say, faulty: FaultySystem, tmp_path: Path) -> None:
    """So is an error reported only on close, of a file opened by a shell."""
    env = faulty("story.mp3", close=errno.EDQUOT)
    with (tmp_path / "story.mp3").open("wb") as file:
        result = say(stdin=b"One.", stdout=file.fileno(), env=env)

    assert result.status == 7
    assert "standard output: Disk quota exceeded" in result.lines[0]


def test_a_poor_file_system(say: Say, faulty: FaultySystem, tmp_path: Path) -> None:
    """Without sync and without hard links the recording is written all the same, with --no-clobber too."""
    env = faulty("story", fsync=errno.EINVAL, link=errno.EPERM)

    assert say("--no-clobber", "-o", "story.mp3", stdin=b"One.", env=env).status == 0

    assert (tmp_path / "story.mp3").read_bytes() == b"One."
    assert not (tmp_path / "story.mp3.part").exists()


def test_a_file_system_without_locks(say: Say, faulty: FaultySystem, tmp_path: Path) -> None:
    """Two runs never write one file: without locks, the second one finds the first one's part."""
    env = faulty("story", flock=errno.ENOLCK)
    running = say.start("-o", "story.pcm", env=env)
    running.type(b"One.\n\n")
    wait_size(tmp_path / "story.pcm.part", 6)

    second = say("-o", "story.pcm", stdin=b"Two.", env=env)
    running.end_input()
    first = say.end(running)
    assert (first.status, second.status) == (0, 7)
    assert "story.pcm.part" in second.lines[0]
    assert (tmp_path / "story.pcm").read_bytes() == b"One.\n\n"


def test_planted_part(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A planted part is not followed, truncated or renamed: exit 7 at once."""
    (tmp_path / "precious").write_bytes(b"precious")
    os.symlink(tmp_path / "precious", tmp_path / "story.mp3.part")

    result = say("-o", "story.mp3", stdin=b"One.")

    assert (result.status, service.handshakes) == (7, [])
    assert "story.mp3.part" in result.lines[0]
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert not (tmp_path / "story.mp3").exists()


def test_a_file_that_cannot_be_renamed_over(say: Say, faulty: FaultySystem, recording: Path) -> None:
    """A complete recording gets into place, by a copy if necessary, and leaves no part."""
    before = recording.stat().st_ino
    env = faulty("story", rename=errno.EPERM, fchmod=errno.EPERM)

    assert say("-o", "story.wav", stdin=b"One two.", env=env).status == 0

    assert recording.read_bytes()[44:] == b"One two."
    assert (recording.stat().st_ino, list(recording.parent.glob("*.part"))) == (before, [])


def test_a_complete_recording_without_its_name(say: Say, faulty: FaultySystem, tmp_path: Path) -> None:
    """If neither a rename nor a copy is possible, the part is reported as complete."""
    result = say("-o", "story.mp3", stdin=b"One.", env=faulty("story", rename=errno.EBUSY))

    assert result.status == 7
    assert "the complete recording is in story.mp3.part" in result.stderr
    assert "so far" not in result.stderr
    assert (tmp_path / "story.mp3.part").read_bytes() == b"One."


def test_names_of_a_descriptor(say: Say, tmp_path: Path) -> None:
    """A file named by a descriptor is written at its offset: earlier content is kept."""
    (tmp_path / "log").write_bytes(b"before ")
    os.symlink("/dev/stdout", tmp_path / "link.mp3")
    with (tmp_path / "log").open("r+b") as log:
        log.seek(0, os.SEEK_END)
        assert say("-o", "link.mp3", stdin=b"Here.", stdout=log.fileno()).status == 0

    assert (tmp_path / "log").read_bytes() == b"before Here."


def test_a_long_name(say: Say, tmp_path: Path) -> None:
    """A file name that the file system allows works, though its part needs a shorter one."""
    name = "字" * 83 + ".mp3"
    assert say("-o", name, stdin=b"One.").status == 0

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]


def test_a_text_that_is_its_own_output(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A file that would be both read and written is exit 2, before anything is changed.

    Under which names it is the same file is tested in tests/io/test_same_file.py.
    """
    (tmp_path / "story.part").write_bytes(b"One. Two.")
    os.symlink("story", tmp_path / "link")

    result = say("-o", "link", stdin=tmp_path / "story.part")

    assert (result.status, len(result.lines), service.handshakes) == (2, 1, [])
    assert [path.read_bytes() for path in tmp_path.glob("story*")] == [b"One. Two."]


def test_standard_output_with_another_formats_name(say: Say, tmp_path: Path) -> None:
    """A file with the extension of another format causes a notice naming the option."""
    with (tmp_path / "story.wav").open("wb") as file:
        result = say(stdin=b"One.", stdout=file.fileno())

    assert (result.status, len(result.lines)) == (0, 1)
    assert "--format wav" in result.stderr
    assert "story.wav" in result.stderr
