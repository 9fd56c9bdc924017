"""The status line as text: what is shown in how many columns."""

from __future__ import annotations

import unicodedata

from .snapshot import Snapshot, State


SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def status_line(snapshot: Snapshot, width: int, turn: int = 0) -> str:
    """Return the richest form that fits in `width` columns, perhaps none; `turn` moves the spinner."""
    for line in _forms(snapshot, SPINNER[turn % len(SPINNER)]):
        if cells(line) <= width:
            return line
    return ""


def cells(text: str) -> int:
    """Return how many columns a terminal gives this text."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _forms(snapshot: Snapshot, spinner: str) -> list[str]:
    audio = size(snapshot.audio_bytes)
    sound = "" if snapshot.first_sound is None else f" · first sound {snapshot.first_sound:.2f} s"
    speed = "" if snapshot.speed is None else f" · {_speed(snapshot.speed)}"
    state = f" · {state_words(snapshot)}"
    time = "" if snapshot.audio_seconds is None else f" {duration(snapshot.audio_seconds)}"
    words = f"buffered {size(snapshot.buffered)} · synthesized {size(snapshot.synthesized)} → {audio} audio"
    bare = f"buffered {size(snapshot.buffered, '')} · synthesized {size(snapshot.synthesized, '')}"
    voice = f"{snapshot.voice}  "
    return [
        f"{spinner} {voice}{words}{time}{sound}{speed}{state}",
        f"{spinner} {voice}{words}{time}{sound}{speed}",
        f"{spinner} {voice}{words}{time}{sound}",
        f"{spinner} {voice}{words}{time}",
        f"{spinner} {words}{time}",
        f"{spinner} {words}",
        f"{spinner} {bare} → {size(snapshot.audio_bytes, '')}",
        bare,
        f"{size(snapshot.buffered, '')} → {size(snapshot.audio_bytes, '')}",
        f"{size(snapshot.buffered, '')}→{size(snapshot.audio_bytes, '')}",
        size(snapshot.audio_bytes, ""),
    ]


def state_words(snapshot: Snapshot) -> str:
    """Return what is waited for, in a few words."""
    seconds = int(snapshot.seconds)
    match snapshot.state:
        case State.CONNECTING if snapshot.attempt > 1:
            return f"connecting (attempt {snapshot.attempt} of {snapshot.attempts}: {snapshot.why})"
        case State.RECONNECTING if seconds:
            return f"reconnecting in {seconds} s ({snapshot.why})"
        case State.RECONNECTING if snapshot.why:
            return f"reconnecting ({snapshot.why})"
        case State.WAITING if seconds >= 2:
            return f"waiting for text {seconds} s"
        case State.STALLED:
            return f"stalled {seconds} s"
        case _:
            words: str = snapshot.state.value
            return words


def size(count: int, space: str = " ") -> str:
    """Return a number of bytes in decimal units: exact below 1000, then rounded down, never up."""
    if count < 1000:
        return f"{count}{space}B"
    value = count
    for unit in ("kB", "MB", "GB", "TB"):
        if value < 1_000_000 or unit == "TB":
            break
        value //= 1000
    tenths = value // 100
    return f"{tenths // 10}.{tenths % 10}{space}{unit}" if tenths < 1000 else f"{tenths // 10}{space}{unit}"


def duration(seconds: float) -> str:
    """Return minutes and seconds, and hours if there are any, rounded down."""
    minutes, whole = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"


def _speed(speed: float) -> str:
    return f"{speed:.0f}×" if speed >= 10 else f"{speed:.1f}×"
