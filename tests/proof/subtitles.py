"""The subtitles of a rehearsal: written as by the program, and read as by other programs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from pathlib import Path

import srt
import webvtt

from lmnt_cli.core.captions.formats import format_of_subtitles
from lmnt_cli.core.captions.placement import Word
from lmnt_cli.core.captions.word_stream import WordStream
from lmnt_cli.core.session.happenings import Happening
from lmnt_cli.io.subtitle_file import SubtitleFile, open_subtitles


NAMES = ("speech.srt", "speech.vtt", "speech.jsonl")


class Subtitles:
    """The words of one run, and subtitle files in a directory, if any, new or continued at a time."""

    def __init__(
        self,
        directory: Path | None = None,
        names: tuple[str, ...] = NAMES,
        at: float | None = None,
        *,
        mid_utterance: bool = False,
    ) -> None:
        self.words: list[Word] = []
        self._stream = WordStream()
        self._files: list[SubtitleFile] = []
        for name in names if directory else ():
            kind = format_of_subtitles(Path(name).suffix)
            assert directory
            assert kind
            where = str(directory / name)
            self._files.append(
                open_subtitles(
                    where, kind, part=True, clobber=True, continued_at=at, mid_utterance=mid_utterance
                )
            )

    def take(self, _now: float, happening: Happening) -> None:
        """Take a happening."""
        self._add(self._stream.take(happening))

    @property
    def lacks_times(self) -> bool:
        return self._stream.lacks_times

    async def complete(self) -> None:
        """Complete the files: everything was spoken."""
        self._add(self._stream.finish())
        for file in self._files:
            await file.complete()

    def keep(self) -> None:
        """Keep the files: the run has failed."""
        self._add(self._stream.give_up())
        for file in self._files:
            file.keep()

    def close(self) -> None:
        """Close the files, as the end of a process does."""
        for file in self._files:
            os.close(file._sink.descriptor)

    def _add(self, words: list[Word]) -> None:
        self.words += words
        for file in self._files:
            file.add(words)


def wrong_words(text: str, words: list[Word]) -> str:
    """Return what is wrong with these words: each letter occurs once, in order, and times never decrease."""
    shown = [letter for word in words for letter in word.text if letter.isalnum()]
    edges = [edge for word in words for edge in (word.start, word.end)]
    if shown != _letters(text):
        return f"subtitles of {len(shown)} letters, and {len(_letters(text))} were spoken"
    return "" if edges == sorted(edges) else "times of the subtitles fall"


def wrong_files(text: str, directory: Path, names: tuple[str, ...] = NAMES) -> str:
    """Return what is wrong with these files in a directory, "" if nothing is."""
    wrong = [f"{name}: {fault}" for name in names for fault in _faults(text, directory / name)]
    if list(directory.glob("*.part")):
        wrong.append("a .part is left")
    return ", ".join(wrong)


def _faults(text: str, path: Path) -> Iterator[str]:
    content = path.read_text()
    match path.suffix:
        case ".srt":
            cues = list(srt.parse(content))
            shown = [cue.content for cue in cues]
            edges = [edge.total_seconds() for cue in cues for edge in (cue.start, cue.end)]
            if [cue.index for cue in cues] != list(range(1, len(cues) + 1)):
                yield "the numbers"
        case ".vtt":
            captions = webvtt.from_string(content).captions
            shown = [unescape(caption.raw_text) for caption in captions]
            edges = [e for caption in captions for e in (caption.start_in_seconds, caption.end_in_seconds)]
        case _:
            lines = [json.loads(line) for line in content.splitlines()]
            shown = [line["text"] for line in lines]
            edges = [edge for line in lines for edge in (line["start"], line["end"])]
            numbers = [line["utterance"] for line in lines for _ in _letters(line["text"])]
            if numbers != [n for n, part in enumerate(text.split("\n\n"), 1) for _ in _letters(part)]:
                yield "the utterances"
    if _letters(" ".join(shown)) != _letters(text):
        yield "the words"
    if edges != sorted(edges):
        yield "times fall"


@lru_cache(64)  # the same text in thousands of cases
def _letters(text: str) -> list[str]:
    return [letter for letter in text if letter.isalnum()]
