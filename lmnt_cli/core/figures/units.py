"""Bytes and seconds in human-readable form."""

from __future__ import annotations


_UNITS = ("kB", "MB", "GB", "TB")


def size(count: int, space: str = " ") -> str:
    """Return a number of bytes in decimal units: exact below 1000, otherwise rounded down, never up."""
    figure, unit = split_size(count)
    return f"{figure}{space}{unit}"


def split_size(count: int) -> tuple[str, str]:
    """Return the figure and the unit of a number of bytes."""
    if count < 1000:
        return f"{count}", "B"
    value = count
    for unit in _UNITS:
        if value < 1_000_000 or unit == _UNITS[-1]:
            break
        value //= 1000
    tenths = value // 100
    return f"{tenths // 10}.{tenths % 10}" if tenths < 1000 else f"{tenths // 10}", unit


def duration(seconds: float) -> str:
    """Return minutes and seconds, and hours if there are any, rounded down."""
    minutes, whole = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"


def times(speed: float, sign: str) -> str:
    """Return a speed and its sign, with a decimal below 10."""
    return f"{speed:.0f}{sign}" if speed >= 10 else f"{speed:.1f}{sign}"
