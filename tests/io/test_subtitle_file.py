"""A file of subtitles: `lmnt_cli.io.subtitle_file`."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest

from lmnt_cli.core.captions.formats import JsonLines, SubRip, WebVtt
from lmnt_cli.core.captions.placement import Word
from lmnt_cli.errors import OutputError
from lmnt_cli.io.audio.sinks import open_sink
from lmnt_cli.io.subtitle_file import SubtitleFile


WORDS = [Word("One.", 0.0, 0.5, 1, closes=True), Word("Two", 0.5, 1.0, 2)]


def test_written_while_it_grows(tmp_path: Path) -> None:
    """The file in progress holds every cue that is certain; it is renamed when it is complete."""
    path = tmp_path / "story.srt"
    subtitles = SubtitleFile(open_sink(str(path), part=True, clobber=True), SubRip())
    subtitles.add(WORDS)
    first = "1\n00:00:00,000 --> 00:00:00,500\nOne.\n\n"

    assert path.with_name("story.srt.part").read_text() == first
    assert not path.exists()
    anyio.run(subtitles.complete)
    assert path.read_text() == first + "2\n00:00:00,500 --> 00:00:01,000\nTwo\n\n"


def test_an_incomplete_file_is_kept(tmp_path: Path) -> None:
    """It ends with a whole cue, and its name is returned."""
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
    """It is reported at the end."""
    subtitles = SubtitleFile(open_sink("/dev/full", part=True, clobber=True), JsonLines())
    subtitles.add(WORDS)

    with pytest.raises(OutputError, match="No space left on device"):
        anyio.run(subtitles.complete)


def test_a_reader_that_leaves(tmp_path: Path) -> None:
    """Reading along is over, and the run is complete all the same."""
    fifo = tmp_path / "fifo.vtt"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    subtitles = SubtitleFile(open_sink(str(fifo), part=True, clobber=True), WebVtt())
    os.close(reading)
    subtitles.add(WORDS)

    anyio.run(subtitles.complete)
