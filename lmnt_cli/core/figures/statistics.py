"""The figures of `--stats` and of the last event, counted from events and the time of each.

Names are stable. Times are seconds, sizes are bytes, text is UTF-8.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..session.happenings import (
    Attempt,
    Confirmed,
    Connected,
    Dropped,
    Happening,
    Lost,
    Ready,
    Sound,
    TextSent,
)
from .snapshot import Figures


# Every figure, with its unit. Figures are only ever added.
FIGURES = {
    "text_characters": "characters of text sent",
    "text_bytes": "UTF-8 bytes of text sent",
    "text_utterances": "utterances confirmed whole",
    "stripped_characters": "characters that --strip removed",
    "audio_seconds": "seconds of audio received",
    "audio_bytes": "bytes of audio received",
    "connected_after": "seconds from the start of the program to the first connection",
    "ready_after": "seconds from the start of the program to the first session",
    "first_sound_after_text": "seconds from the first text sent to the first audio",
    "first_sound_after_start": "seconds from the start of the program to the first audio",
    "utterance_wait_median": "seconds from the first text of an utterance to its first audio, the median",
    "utterance_wait_longest": "seconds from the first text of an utterance to its first audio, the longest",
    "speed": "audio received, times real time",
    "sessions": "sessions that were ready",
    "attempts": "attempts to connect",
    "words_twice": "words spoken twice because a connection was lost",
    "wall_time": "seconds the run took",
}


@dataclass
class _Sent:
    """Unconfirmed text of one utterance, which a lost session would have to send again."""

    first_text_at: float
    characters: int = 0
    bytes: int = 0
    words: int = 0
    sounded: bool = False


class Statistics:
    """Listens to a run that began at `began`, in seconds.

    `cuts` is whether the audio of a lost session is taken back, so that nothing is ever heard twice.
    """

    def __init__(self, began: float, *, cuts: bool) -> None:
        self._began = began
        self._cuts = cuts
        self._sent: dict[int, _Sent] = {}
        self._characters = self._bytes = self._utterances = 0
        self._sessions = self._attempts = self._twice = 0
        self._connected: float | None = None
        self._ready: float | None = None
        self._first_sound: float | None = None
        self._waits: list[float] = []

    def take(self, happening: Happening, now: float) -> None:
        """Count an event that happened at `now`, in seconds."""
        match happening:
            case Attempt():
                self._attempts += 1
            case Connected() if self._connected is None:
                self._connected = now - self._began
            case Ready():
                self._sessions += 1
                if self._ready is None:
                    self._ready = now - self._began
            case TextSent(utterance, text):
                self._count_text(utterance, text, now)
            case Sound(utterance):
                self._count_sound(utterance, now)
            case Confirmed(utterance, text, whole=whole):
                self._confirm(utterance, text, whole=whole)
            case Lost():
                self._forget_lost()
            case Dropped(first, last):
                for utterance in [each for each in self._sent if first <= each <= last]:
                    del self._sent[utterance]
            case _:
                pass

    def _count_text(self, utterance: int, text: str, now: float) -> None:
        sent = self._sent.setdefault(utterance, _Sent(now))
        size = len(text.encode())
        sent.characters += len(text)
        sent.bytes += size
        sent.words += _words(text)
        self._characters += len(text)
        self._bytes += size

    def _count_sound(self, utterance: int, now: float) -> None:
        if self._first_sound is None:
            self._first_sound = now - self._began
        sent = self._sent.get(utterance)
        if sent is not None and not sent.sounded:
            sent.sounded = True
            self._waits.append(now - sent.first_text_at)

    def _confirm(self, utterance: int, text: str | None, *, whole: bool) -> None:
        sent = self._sent.get(utterance)
        if sent is not None and text is not None:
            sent.characters -= len(text)
            sent.bytes -= len(text.encode())
            sent.words -= _words(text)
        if whole:
            self._sent.pop(utterance, None)
            self._utterances += 1

    def _forget_lost(self) -> None:
        """Subtract the unconfirmed text, which will be sent and counted again."""
        for sent in self._sent.values():
            self._characters -= sent.characters
            self._bytes -= sent.bytes
            if sent.sounded and not self._cuts:
                self._twice += max(0, sent.words)
        self._sent.clear()

    def figures(self, run: Figures, now: float) -> dict[str, float | int | None]:
        """Return the figures by name; None if not known."""
        return {
            "text_characters": self._characters,
            "text_bytes": self._bytes,
            "text_utterances": self._utterances,
            "stripped_characters": run.stripped.characters if run.stripped is not None else 0,
            "audio_seconds": _rounded(run.audio_seconds),
            "audio_bytes": run.audio_bytes,
            "connected_after": _rounded(self._connected),
            "ready_after": _rounded(self._ready),
            "first_sound_after_text": _rounded(run.first_sound),
            "first_sound_after_start": _rounded(self._first_sound),
            "utterance_wait_median": _rounded(_median(self._waits)),
            "utterance_wait_longest": _rounded(max(self._waits, default=None)),
            "speed": _rounded(run.speed),
            "sessions": self._sessions,
            "attempts": self._attempts,
            "words_twice": self._twice,
            "wall_time": _rounded(now - self._began),
        }


def figure_lines(figures: dict[str, float | int | None]) -> list[str]:
    """Return the lines of `--stats`, each a name and a value. Unknown figures are left out."""
    known = {name: value for name, value in figures.items() if value is not None}
    width = max(map(len, known), default=0)
    return [f"{name.replace('_', ' '):{width}}  {value}{_unit(name)}" for name, value in known.items()]


def _unit(name: str) -> str:
    if name == "speed":
        return " × real time"
    return " s" if FIGURES[name].startswith("seconds") else ""


def _median(values: list[float]) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
