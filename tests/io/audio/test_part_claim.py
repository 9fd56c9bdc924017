"""Which file may serve as FILE.part, what it is called, and who may read it (contract, 4)."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, OutputError
from lmnt_cli.io.audio.part_claim import abandon, claim_part, is_file_of, match_access, part_names


pytestmark = pytest.mark.usefixtures("own_directory")


@pytest.fixture
def umask() -> Iterator[None]:
    """The mask that most users have."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_new() -> None:
    """A part that does not exist is created."""
    claim = claim_part("a.mp3")

    assert (claim.path, claim.created) == ("a.mp3.part", True)
    assert os.listdir() == ["a.mp3.part"]


def test_abandoned() -> None:
    """A part left by an earlier run of ours is taken over, and not changed by that."""
    Path("a.mp3.part").write_bytes(b"left over")
    claim = claim_part("a.mp3")

    assert not claim.created
    assert Path("a.mp3.part").read_bytes() == b"left over"
    abandon(claim)
    assert Path("a.mp3.part").read_bytes() == b"left over"


def test_abandon() -> None:
    """A part that was created and stayed empty is removed, unless another file has taken its place."""
    abandon(claim_part("a.mp3"))
    assert os.listdir() == []

    claim = claim_part("a.mp3")
    os.unlink("a.mp3.part")
    Path("a.mp3.part").write_bytes(b"theirs")
    abandon(claim)
    assert Path("a.mp3.part").read_bytes() == b"theirs"


def test_held() -> None:
    """A part that another run has locked is exit status 7."""
    claim_part("a.mp3")

    with pytest.raises(OutputError, match=r"a\.mp3\.part: another run is writing it") as raised:
        claim_part("a.mp3")
    assert raised.value.code is ExitCode.OUTPUT


@pytest.mark.parametrize("number", [errno.EACCES, errno.EAGAIN])
def test_held_in_other_words(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """POSIX allows two errors for a lock that is held."""
    monkeypatch.setattr(fcntl, "flock", fails_with(number))

    with pytest.raises(OutputError, match="another run"):
        claim_part("a.mp3")


def fails_with(number: int) -> Callable[..., None]:
    """A system call that fails as on some file systems."""

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL])
def test_no_locks(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Without locks an existing part is used only to be continued."""
    monkeypatch.setattr(fcntl, "flock", fails_with(number))

    assert claim_part("a.mp3").created
    with pytest.raises(OutputError, match="no locks") as raised:
        claim_part("a.mp3")
    assert raised.value.hint is not None
    assert not claim_part("a.mp3", takes_over_unlocked=True).created


def hard_link(path: str) -> None:
    os.link("precious", path)


def symbolic_link(path: str) -> None:
    os.symlink("precious", path)


def dangling_link(path: str) -> None:
    os.symlink("nowhere", path)


def bind_socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(path)


PLANTED = [hard_link, symbolic_link, dangling_link, os.mkfifo, os.mkdir, bind_socket]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_planted(plant: Callable[[str], None]) -> None:
    """Anything but a regular file with one name is refused at once, left alone, and never followed."""
    Path("precious").write_bytes(b"precious")
    plant("a.mp3.part")
    before = os.lstat("a.mp3.part")

    with pytest.raises(OutputError, match=r"could not write a\.mp3\.part: it is (a|not a)") as raised:
        claim_part("a.mp3")
    assert raised.value.code is ExitCode.OUTPUT
    assert Path("precious").read_bytes() == b"precious"
    assert os.lstat("a.mp3.part") == before
    assert not os.path.lexists("nowhere")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
@pytest.mark.parametrize("bits", [0o666, 0o600])
def test_of_another_user(bits: int) -> None:
    """A file of another user is refused, even one that we could write."""
    Path("a.mp3.part").touch()
    os.chmod("a.mp3.part", bits)
    os.chown("a.mp3.part", 65534, 65534)

    with pytest.raises(OutputError, match="belongs to another user"):
        claim_part("a.mp3")


def test_the_lock_is_won_by_a_rename() -> None:
    """A part renamed before we got its lock is a complete recording: a new part is created."""
    first = claim_part("a.mp3")
    real = fcntl.flock
    calls: list[int] = []

    def rename_first(descriptor: int, how: int) -> None:
        if not calls:
            os.replace("a.mp3.part", "a.mp3")
            os.close(first.descriptor)
        calls.append(descriptor)
        real(descriptor, how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", rename_first)
        claim = claim_part("a.mp3")

    assert claim.created
    assert not is_file_of(claim.descriptor, "a.mp3")


def test_a_link_is_not_the_file() -> None:
    """A link to the open file that takes its name does not count as the file."""
    claim = claim_part("a.mp3")
    os.rename("a.mp3.part", "elsewhere")
    assert not is_file_of(claim.descriptor, "a.mp3.part")

    os.symlink("elsewhere", "a.mp3.part")
    assert not is_file_of(claim.descriptor, "a.mp3.part")


@pytest.mark.parametrize("bits", [0o600, 0o640, 0o666, 0o444])
def test_mode_of_an_old_file(umask: None, bits: int) -> None:
    """From the start, a new part is readable by whoever may read FILE, and writable by its owner."""
    Path("a.mp3").touch()
    os.chmod("a.mp3", bits)
    claim = claim_part("a.mp3")

    assert mode("a.mp3.part") == bits | 0o600
    match_access(claim.descriptor, "a.mp3", complete=True)
    assert mode("a.mp3.part") == bits


@pytest.mark.parametrize("bits", [0o600, 0o666])
def test_mode_of_a_new_file(umask: None, bits: int) -> None:
    """Without a FILE a part has the mode that the umask leaves, even if it had another one."""
    assert claim_part("a.mp3").created
    assert mode("a.mp3.part") == 0o644
    Path("b.mp3.part").touch()
    os.chmod("b.mp3.part", bits)

    match_access(claim_part("b.mp3").descriptor, "b.mp3", complete=False)
    assert mode("b.mp3.part") == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_group(umask: None) -> None:
    """What the group of FILE may read, no other group may."""
    Path("a.mp3").touch()
    os.chmod("a.mp3", 0o640)
    os.chown("a.mp3", -1, 1234)
    claim_part("a.mp3")

    assert os.stat("a.mp3.part").st_gid == 1234


def test_group_that_is_not_ours(umask: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the part cannot have FILE's group, its own group gets only the rights of everyone."""
    Path("a.mp3").touch()
    os.chmod("a.mp3", 0o664)
    monkeypatch.setattr(os, "fchown", fails_with(errno.EPERM))
    descriptor = claim_part("a.mp3").descriptor
    monkeypatch.setattr(os, "stat", _in_group(os.stat, 1234))

    match_access(descriptor, "a.mp3", complete=True)
    assert mode("a.mp3.part") == 0o644


def _in_group(real: Callable[..., os.stat_result], group: int) -> Callable[..., os.stat_result]:
    def answer(path: str, **options: bool) -> os.stat_result:
        found = list(real(path, **options))
        found[stat.ST_GID] = group
        return os.stat_result(found)

    return answer


def test_a_file_system_without_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mode that cannot be set is not an error."""
    Path("a.mp3").touch()
    monkeypatch.setattr(os, "fchmod", fails_with(errno.EPERM))

    assert claim_part("a.mp3").created


LONG = ["x" * 251, "x" * 255, "字" * 83 + "!!", "字" * 83 + ".mp3", "x" * 247 + ".mp3", "é" * 127]


@pytest.mark.parametrize("name", LONG, ids=map(str, range(len(LONG))))
def test_long_names(name: str) -> None:
    """If the file system refuses a part's name, it has a shorter one: unique, and always the same."""
    assert len(os.fsencode(name)) <= 255
    claim = claim_part(name)

    assert os.listdir() == [claim.path]
    assert claim.path == part_names(name)[1]
    assert claim.path.endswith(".part")
    assert part_names(name[:-1] + "#")[1] != claim.path


def test_a_name_that_is_itself_too_long() -> None:
    """If the name of FILE itself is too long, the part is refused."""
    with pytest.raises(OSError, match="File name too long"):
        claim_part("x" * 256)


def test_names_of_any_bytes() -> None:
    """A name need not be text."""
    name = os.fsdecode(b"\xff\xfe" * 126)

    path = claim_part(name).path

    assert os.listdir() == [path]
    assert path == part_names(name)[1]
