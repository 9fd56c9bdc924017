"""Continue the subtitles of an earlier run: decide how much of the file to keep.

Cues are kept if they end within the audio that is kept. The last cue may be incomplete, because a run can be
killed at any moment. The file may have been edited, so only the number and the end of each cue are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from ...errors import UsageError
from ..value import value
from .formats import CaptionFormat, CaptionKind, JsonLines, SubRip, WebVtt


# Rounding to milliseconds can make a cue end later than its audio, by this much.
_ROUNDING = 1


@value
class Kept:
    """The part of a file to keep: its first `length` bytes, 0 if no cue is kept.

    `ended` is the end of the last cue, in milliseconds. `number` is its number in SRT, or the number of its
    utterance in JSON lines.
    """

    length: int = 0
    number: int = 0
    ended: int = 0


@value
class _Cue:
    """A cue of `size` bytes. `ended` is None for a header or a note."""

    size: int
    ended: int | None = None
    number: int = 0


def keep_captions(kind: CaptionKind, lines: Iterable[bytes], seconds: float) -> Kept:
    """Return what to keep of a file, given its lines, if `seconds` of the audio are kept.

    Raises UsageError if the file is not of this kind.
    """
    kept, size = Kept(), 0
    if seconds <= 0:
        return kept
    limit = round(seconds * 1000) + _ROUNDING
    try:
        for cue in _cues(kind, lines):
            size += cue.size
            if cue.ended is None:
                continue
            if cue.ended > limit:
                break
            kept = Kept(size, cue.number, max(kept.ended, cue.ended))
    except (ValueError, OverflowError, RecursionError):
        raise UsageError(f"it is not {_NAMES[kind]}") from None
    return kept


def continued(kind: CaptionKind, kept: Kept, *, mid_utterance: bool = False) -> CaptionFormat:
    """Return the format that continues a file; `mid_utterance` is whether its last utterance continues."""
    if issubclass(kind, JsonLines):
        # Each run counts its utterances from 1.
        return JsonLines(ended=kept.ended, utterances=max(0, kept.number - mid_utterance))
    return kind(count=kept.number, ended=kept.ended)


_NAMES: dict[CaptionKind, str] = {SubRip: "SRT", WebVtt: "WebVTT", JsonLines: "JSON lines"}
_SIGNATURE = b"WEBVTT"
_TIMES = rb"[\d:.,]+[ \t]+-->[ \t]+(?:(\d+):)?(\d+):(\d+)[.,](\d{3})"


def _cues(kind: CaptionKind, lines: Iterable[bytes]) -> Iterator[_Cue]:
    """Yield the complete parts of a file. Raises ValueError if it is not of this kind."""
    if kind is JsonLines:
        return _words(lines)
    return _numbered(_blocks(lines)) if kind is SubRip else _signed(_blocks(lines))


def _words(lines: Iterable[bytes]) -> Iterator[_Cue]:
    for line in lines:
        if line.endswith(b"\n"):
            yield _word(line)
        elif not line.startswith(b"{"):
            raise ValueError


def _word(line: bytes) -> _Cue:
    match json.loads(line):
        case {"end": float() | int() as end, "utterance": int(utterance)}:
            return _Cue(len(line), round(end * 1000), utterance)
    raise ValueError


def _numbered(blocks: Iterable[bytes]) -> Iterator[_Cue]:
    cue = re.compile(rb"(\d+)[ \t\r]*\n" + _TIMES)
    for block in blocks:
        if not _is_whole(block):
            if not block[:1].isdigit():
                raise ValueError
        elif found := cue.match(block):
            yield _Cue(len(block), _milliseconds(found.groups()[1:]), int(found[1]))
        elif block.strip():
            raise ValueError
        else:
            yield _Cue(len(block))


def _signed(blocks: Iterator[bytes]) -> Iterator[_Cue]:
    signature = next(blocks, b"")
    if signature[: len(_SIGNATURE)] != _SIGNATURE[: len(signature)]:
        raise ValueError
    if _is_whole(signature):
        yield _Cue(len(signature))
    cue = re.compile(rb"(?:[^\n]*\n)?" + _TIMES)  # after its identifier, if any
    for block in filter(_is_whole, blocks):
        found = cue.match(block)
        yield _Cue(len(block), _milliseconds(found.groups()) if found else None)


def _blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the file in blocks that end with a blank line; the last one may be incomplete."""
    block: list[bytes] = []
    for line in lines:
        block.append(line)
        if line in (b"\n", b"\r\n"):
            yield b"".join(block)
            block.clear()
    if block:
        yield b"".join(block)


def _is_whole(block: bytes) -> bool:
    return block.endswith((b"\n\n", b"\n\r\n")) or block in (b"\n", b"\r\n")


def _milliseconds(parts: Sequence[bytes | None]) -> int:
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
