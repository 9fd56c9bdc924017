"""A subtitle file: `lmnt_cli.io.subtitle_file`."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import anyio
import pytest

from lmnt_cli.core.captions.formats import JsonLines, SubRip, WebVtt
from lmnt_cli.core.captions.placement import Word
from lmnt_cli.errors import OutputError, UsageError
from lmnt_cli.io.audio.sinks import open_sink
from lmnt_cli.io.subtitle_file import SubtitleFile, open_subtitles
from tests.tools.limits import LIMIT


WORDS = [Word("One.", 0.0, 0.5, 1, closes=True), Word("Two", 0.5, 1.0, 2)]


def test_written_while_it_grows(tmp_path: Path) -> None:
    """The file in progress has every cue that is final; it is renamed when complete."""
    path = tmp_path / "story.srt"
    subtitles = SubtitleFile(open_sink(str(path), part=True, clobber=True), SubRip())
    subtitles.add(WORDS)
    first = "1\n00:00:00,000 --> 00:00:00,500\nOne.\n\n"

    assert path.with_name("story.srt.part").read_text() == first
    assert not path.exists()
    anyio.run(subtitles.complete)
    assert path.read_text() == first + "2\n00:00:00,500 --> 00:00:01,000\nTwo\n\n"


def test_an_incomplete_file_is_kept(tmp_path: Path) -> None:
    """An incomplete file ends with a whole cue, and its name is returned."""
    path = tmp_path / "story.vtt"
    subtitles = SubtitleFile(open_sink(str(path), part=True, clobber=True), WebVtt())
    subtitles.add(WORDS)
    kept = subtitles.keep()

    assert kept is not None
    assert kept.endswith("story.vtt.part")
    assert Path(kept).read_text().endswith("\nTwo\n\n")


def test_nothing_is_kept_of_nothing(tmp_path: Path) -> None:
    """A run that ends before the first word leaves no file."""
    subtitles = SubtitleFile(open_sink(str(tmp_path / "x.jsonl"), part=True, clobber=True), JsonLines())

    assert subtitles.keep() is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk() -> None:
    """A full disk is reported at the end."""
    subtitles = SubtitleFile(open_sink("/dev/full", part=True, clobber=True), JsonLines())
    subtitles.add(WORDS)

    with pytest.raises(OutputError, match="No space left on device"):
        anyio.run(subtitles.complete)


def test_a_reader_that_leaves(tmp_path: Path) -> None:
    """A reader that leaves ends the subtitles, and the run completes all the same."""
    fifo = tmp_path / "fifo.vtt"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    subtitles = SubtitleFile(open_sink(str(fifo), part=True, clobber=True), WebVtt())
    os.close(reading)
    subtitles.add(WORDS)

    anyio.run(subtitles.complete)


def continued(path: Path, at: float, *, part: bool = True, clobber: bool = True) -> SubtitleFile:
    return open_subtitles(str(path), SubRip, part=part, clobber=clobber, continued_at=at)


@pytest.mark.parametrize("part", [True, False], ids=["part", "in place"])
def test_continued(tmp_path: Path, part: bool) -> None:
    """What an earlier run left is cut to the audio that is kept, and goes on from there."""
    path = tmp_path / "story.srt"
    left = path.with_name("story.srt.part") if part else path
    whole = "1\n00:00:00,000 --> 00:00:00,500\nOne.\n\n2\n00:00:00,500 --> 00:00:01,000\nTwo\n\n"
    left.write_text(whole[:-4] + "what a killed run wrote after it\n\n3\n00:0")
    subtitles = continued(path, 0.5, part=part)
    assert left.read_text().endswith("3\n00:0")  # as it was, until there is more

    subtitles.add(WORDS[1:])
    anyio.run(subtitles.complete)

    assert [each.name for each in tmp_path.iterdir()] == ["story.srt"]
    assert path.read_text() == whole


def test_continued_without_another_word(tmp_path: Path) -> None:
    """What is complete as it is gets its name; a run that fails then leaves it as it is."""
    path, part = tmp_path / "story.srt", tmp_path / "story.srt.part"
    cue = "1\n00:00:00,000 --> 00:00:00,500\nOne.\n\n"
    part.write_text(cue + "2\n00:0")
    failed = continued(path, 0.5)
    assert failed.keep() is None
    assert part.read_text() == cue + "2\n00:0"
    os.close(failed._sink.descriptor)  # its lock, which would end with its process

    anyio.run(continued(path, 0.5).complete)

    assert path.read_text() == cue
    assert not part.exists()


@pytest.mark.parametrize("name", ["story.srt", "/dev/null", "fifo.srt"])
def test_nothing_to_continue(tmp_path: Path, name: str) -> None:
    """Where nothing is left, or what is written cannot be read again, subtitles begin there."""
    path = tmp_path / name
    reading = None
    if name == "fifo.srt":
        os.mkfifo(path)
        reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    subtitles = continued(path, 99.0)
    subtitles.add([Word("Two.", 99.0, 100.0, 2, closes=True)])
    anyio.run(subtitles.complete)

    cue = "1\n00:01:39,000 --> 00:01:40,000\nTwo.\n\n"
    if reading is not None:
        assert os.read(reading, 100).decode() == cue
        os.close(reading)
    elif path.is_file():
        assert path.read_text() == cue


def test_something_else(tmp_path: Path) -> None:
    """What is no subtitles is refused, and left as it is."""
    part = tmp_path / "story.srt.part"
    part.write_text("a letter\n\n")

    with pytest.raises(UsageError, match=r"could not continue .*story\.srt\.part: it is not SRT"):
        continued(tmp_path / "story.srt", 1.0)
    assert part.read_text() == "a letter\n\n"


def test_a_disk_that_takes_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a file is brought to the disk, everything else goes on; its error is reported."""
    ended = threading.Event()

    def slow(_descriptor: int) -> None:
        assert ended.wait(LIMIT), "the loop waits for the disk"
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", slow)
    subtitles = SubtitleFile(open_sink(str(tmp_path / "x.srt"), part=True, clobber=True), SubRip())
    subtitles.add(WORDS)

    async def both() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(complete)
            await anyio.sleep(0.05)
            ended.set()

    async def complete() -> None:
        with pytest.raises(OutputError, match="Input/output error"):
            await subtitles.complete()

    anyio.run(both)


@pytest.mark.parametrize("kind", ["cut", "grow"])
def test_another_program_changes_it(tmp_path: Path, kind: str) -> None:
    """A file that another program has cut or extended is not written any more, and reported at the end."""
    part = tmp_path / "x.srt.part"
    subtitles = SubtitleFile(open_sink(str(tmp_path / "x.srt"), part=True, clobber=True), SubRip())
    subtitles.add(WORDS[:1])
    content = part.read_bytes()
    part.write_bytes(content[:9] if kind == "cut" else content + b"more")

    subtitles.add([Word("Two.", 0.5, 1.0, 2, closes=True)])
    with pytest.raises(OutputError, match="another program has"):
        anyio.run(subtitles.complete)
    assert part.read_bytes() == (content[:9] if kind == "cut" else content + b"more")


def test_another_program_cuts_what_is_continued(tmp_path: Path) -> None:
    """So is one that was cut before the first cue was added to it."""
    part = tmp_path / "x.srt.part"
    part.write_text("1\n00:00:00,000 --> 00:00:00,500\nOne.\n\n")
    subtitles = continued(tmp_path / "x.srt", 0.5)
    part.write_bytes(b"")
    subtitles.add(WORDS[1:])

    with pytest.raises(OutputError, match="another program has"):
        anyio.run(subtitles.complete)
