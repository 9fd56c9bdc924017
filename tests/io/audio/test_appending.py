"""A recording left by an earlier run is opened for appending, or the run is refused (contract, 4)."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.io.audio.appending import Appending
from lmnt_cli.io.audio.part_claim import part_names
from lmnt_cli.io.audio.sinks import Sink, open_sink


pytestmark = pytest.mark.usefixtures("own_directory")

PCM = Appending(AudioFormat.PCM_S16LE, 24000)


def opened(path: str, appending: Appending = PCM, *, part: bool = True, clobber: bool = True) -> Sink:
    return open_sink(path, part=part, clobber=clobber, appending=appending)


def append(sink: Sink, audio: bytes) -> None:
    """Write as the writer does."""
    sink.begin()
    sink.check(sink.start.length)
    os.write(sink.descriptor, audio)


WAYS = pytest.mark.parametrize("part", [True, False], ids=["part", "in place"])


@WAYS
@pytest.mark.parametrize(("offset", "kept"), [(None, b"whole."), (4, b"whol"), (0, b"")])
def test_append(part: bool, offset: int | None, kept: bytes) -> None:
    """The recording is cut to where new audio begins, with the first audio and not before."""
    path = Path("a.pcm.part" if part else "a.pcm")
    path.write_bytes(b"whole.h")
    sink = opened("a.pcm", Appending(AudioFormat.PCM_S16LE, 24000, offset), part=part)
    assert sink.start.length == len(kept)
    assert path.read_bytes() == b"whole.h"
    append(sink, b"more")
    sink.complete(len(kept) + 4, lambda _: [])

    assert os.listdir() == ["a.pcm"]
    assert Path("a.pcm").read_bytes() == kept + b"more"


@WAYS
@pytest.mark.parametrize("end", ["keep", "complete"])
def test_no_more_audio(part: bool, end: str) -> None:
    """A run without audio leaves the recording unchanged."""
    path = Path("a.pcm.part" if part else "a.pcm")
    path.write_bytes(b"whole.h")
    sink = opened("a.pcm", part=part)
    if end == "keep":
        assert sink.keep(lambda _: []) is None
    else:
        sink.complete(6, lambda _: [])

    assert os.listdir() == [path.name]
    assert path.read_bytes() == b"whole.h"


def test_kept_again() -> None:
    """A run that fails as well keeps the longer recording, with correct sizes."""
    Path("a.pcm.part").write_bytes(b"..old.")
    sink = opened("a.pcm")
    append(sink, b"more")

    assert sink.keep(lambda length: [(0, b"%02d" % length)]) == "a.pcm.part"
    assert Path("a.pcm.part").read_bytes() == b"10old.more"


@WAYS
def test_nothing_there(part: bool) -> None:
    """Without a recording there is nothing to append to: exit status 2, and no file is created."""
    with pytest.raises(UsageError, match="nothing to append to") as raised:
        opened("a.pcm", part=part)
    assert raised.value.code is ExitCode.USAGE
    assert os.listdir() == []


def test_only_a_complete_recording() -> None:
    """A complete recording is appended to only if that is requested."""
    Path("a.pcm").write_bytes(b"old")

    with pytest.raises(UsageError) as raised:
        opened("a.pcm")
    assert raised.value.hint is not None
    assert "--no-part" in raised.value.hint
    assert os.listdir() == ["a.pcm"]


@WAYS
def test_an_empty_recording(part: bool) -> None:
    """An empty file is not appended to either."""
    name = "a.pcm.part" if part else "a.pcm"
    Path(name).touch()

    with pytest.raises(UsageError, match=f"{name}: it is empty"):
        opened("a.pcm", part=part)
    assert os.listdir() == [name]


@pytest.mark.parametrize("path", ["pipe", "/dev/null", "/dev/stdout", "/dev/fd/2"])
def test_no_recording(path: str) -> None:
    """A FIFO, a device or a descriptor cannot be appended to."""
    os.mkfifo("pipe")

    with pytest.raises(UsageError, match="nothing to append to"):
        opened(path)


@WAYS
def test_another_format(part: bool) -> None:
    """A recording of another format is exit status 2 with its name, and nothing is cut."""
    path = Path("a.wav.part" if part else "a.wav")
    path.write_bytes(b"no wav file")

    with pytest.raises(UsageError, match=f"could not append to {path}: it is not a WAVE file"):
        opened("a.wav", Appending(AudioFormat.WAV, 24000), part=part)
    assert path.read_bytes() == b"no wav file"


def test_long_mp3() -> None:
    """Frames are counted to the end, however long the recording is."""
    frame = b"\xff\xf3\xa4\xc4".ljust(288, b"\0")
    Path("a.mp3.part").write_bytes(frame * 10_000 + frame[:100])

    assert opened("a.mp3", Appending(AudioFormat.MP3, 24000)).start.length == 2_880_000


def test_no_clobber_in_place() -> None:
    """Appending replaces nothing, so --no-clobber allows it."""
    Path("a.pcm").write_bytes(b"old.")

    assert opened("a.pcm", part=False, clobber=False).start.length == 4


def test_no_clobber_with_a_part() -> None:
    """A complete recording beside the part is not replaced."""
    Path("a.pcm").write_bytes(b"old.")
    Path("a.pcm.part").write_bytes(b"part")

    with pytest.raises(UsageError, match="--no-clobber"):
        opened("a.pcm", clobber=False)


def test_without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part is appended to even where a run that still writes it could not be detected."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", fail)
    Path("a.pcm.part").write_bytes(b"part")

    assert opened("a.pcm").start.length == 4


def test_a_short_name() -> None:
    """The part of a file with a long name is found under its short name."""
    name = "x" * 255
    Path(part_names(name)[1]).write_bytes(b"part")

    assert opened(name).start.length == 4
