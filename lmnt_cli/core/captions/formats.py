"""The three subtitle formats: SRT, WebVTT (W3C) and JSON lines with one word per line.

A format takes words with their times and returns text to append to the file, always in whole cues or lines,
so that a file in progress is valid up to its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..json_text import to_json
from ..value import value
from .cues import Cue, Cues
from .placement import Word


class CaptionFormat(Protocol):
    """Takes words and returns text to append."""

    def begin(self) -> str:
        """Return the text that starts a new file."""
        ...

    def feed(self, words: Sequence[Word]) -> str:
        """Take words in order; return the cues they complete."""
        ...

    def finish(self) -> str:
        """Return the last cue: no more words follow."""
        ...


@value
class _Shown:
    """A cue in whole milliseconds. It lasts at least one, and does not overlap the previous cue."""

    start: int
    end: int
    lines: tuple[str, ...]


class _CueFormat:
    """The common part of SRT and WebVTT.

    To continue a file, `count` is how many cues it has and `ended` the end of its last, in milliseconds.
    """

    def __init__(self, *, count: int = 0, ended: int = 0) -> None:
        self._cues = Cues()
        self._count = count
        self._ended = ended

    def begin(self) -> str:
        return ""

    def feed(self, words: Sequence[Word]) -> str:
        return self._text([cue for word in words for cue in self._cues.feed(word)])

    def finish(self) -> str:
        return self._text(self._cues.finish())

    def _text(self, cues: Sequence[Cue]) -> str:
        return "".join(self._cue(self._shown(cue)) for cue in cues)

    def _shown(self, cue: Cue) -> _Shown:
        start = max(round(cue.start * 1000), self._ended)
        self._ended = max(round(cue.end * 1000), start + 1)
        self._count += 1
        return _Shown(start, self._ended, cue.lines)

    def _cue(self, cue: _Shown) -> str:
        raise NotImplementedError


class SubRip(_CueFormat):
    """SRT: numbered from 1, with a comma before the milliseconds, and no escapes."""

    def _cue(self, cue: _Shown) -> str:
        times = f"{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}"
        return "\n".join([str(self._count), times, *cue.lines]) + "\n\n"


class WebVtt(_CueFormat):
    """WebVTT: `&`, `<` and `>` are escaped, so that `-->` never appears in a cue."""

    def begin(self) -> str:
        """Return the signature."""
        return "WEBVTT\n\n"

    def _cue(self, cue: _Shown) -> str:
        times = f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}"
        return "\n".join([times, *map(_escape, cue.lines)]) + "\n\n"


class JsonLines:
    """A JSON object per word. Times are in seconds, to the millisecond.

    To continue a file, `ended` is the end of its last word, in milliseconds, and `utterances` their number.
    """

    def __init__(self, *, ended: int = 0, utterances: int = 0) -> None:
        self._ended = ended
        self._utterances = utterances

    def begin(self) -> str:
        """Return nothing: there is no header."""
        return ""

    def feed(self, words: Sequence[Word]) -> str:
        """Return a line for each word."""
        return "".join(map(self._line, words))

    def finish(self) -> str:
        """Return nothing: no word is held."""
        return ""

    def _line(self, word: Word) -> str:
        start = max(round(word.start * 1000), self._ended)
        self._ended = max(round(word.end * 1000), start)
        fields = {
            "text": word.text,
            "start": start / 1000,
            "end": self._ended / 1000,
            "utterance": self._utterances + word.utterance,
        }
        return to_json(fields) + "\n"


CaptionKind = type[SubRip] | type[WebVtt] | type[JsonLines]

_KINDS: dict[str, CaptionKind] = {".srt": SubRip, ".vtt": WebVtt, ".jsonl": JsonLines}


def format_of_subtitles(extension: str) -> CaptionKind | None:
    """Return the format for a file extension, in any case; None if it is not one of subtitles."""
    return _KINDS.get(extension.lower())


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}"


def _escape(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
