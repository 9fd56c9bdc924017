"""The status line: its pieces, and which of them are dropped as it gets narrower.

As the width shrinks, pieces are dropped one after another (`_STEPS`) until the line fits. From 50 columns up
the state is always shown, if only as a word; from 40 up, both figures have their names.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

from ..value import value
from .cells import cells, shorten
from .snapshot import Snapshot, State
from .units import duration, size, split_size, times


class Role(enum.Enum):
    """The kind of a piece of the line, which determines its colour."""

    SPINNER = "spinner"
    NAME = "name"
    LABEL = "label"
    FIGURE = "figure"
    STATE = "state"
    TROUBLE = "trouble"


@value
class Symbols:
    """The symbols of the line other than letters and digits."""

    spinner: str
    dot: str
    arrow: str
    times: str
    ellipsis: str


UNICODE = Symbols(spinner="⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", dot="·", arrow="→", times="×", ellipsis="…")
# For locales without them. No symbol is wider than the terminal expects.
ASCII = Symbols(spinner="|/-\\", dot="-", arrow="->", times="x", ellipsis="...")

Line = list[tuple[str, Role]]

# In the order in which they are dropped. "spaces" are those before units; "total" belongs to the text,
# "numbers" to the state; without "dots", spaces separate the pieces.
_STEPS = (
    "first sound",
    "speed",
    "audio bytes",
    "name",
    "spaces",
    "audio time",
    "total",
    "reason",
    "time left",
    "percentage",
    "numbers",
    "spinner",
    "dots",
)
_LONGEST_NAME = 24
_LONGEST_REASON = 60
_SHORTEST_REASON = 8


def status_line(snapshot: Snapshot, width: int, turn: int = 0, symbols: Symbols = UNICODE) -> Line:
    """Return the fullest form that fits in `width` columns, possibly empty; `turn` moves the spinner."""
    for gone in range(len(_STEPS) + 1):
        form = _Form(snapshot, symbols, turn, frozenset(_STEPS[:gone]))
        line = form.line()
        if cells(text_of(line)) <= width:
            return line
        if gone < len(_STEPS) and _STEPS[gone] == "reason":
            room = cells(form.reason) - (cells(text_of(line)) - width)
            if room >= _SHORTEST_REASON:
                return _Form(snapshot, symbols, turn, form.gone, reason_width=room).line()
    for narrow in _narrow_forms(snapshot, symbols, turn):
        if cells(text_of(narrow)) <= width:
            return narrow
    return []


def text_of(line: Line) -> str:
    """Return the line as text."""
    return "".join(text for text, _ in line)


class _Form:
    """One form of the line, without the pieces in `gone`."""

    def __init__(
        self,
        snapshot: Snapshot,
        symbols: Symbols,
        turn: int,
        gone: frozenset[str],
        reason_width: int = _LONGEST_REASON,
    ) -> None:
        self.gone = gone
        self.reason = shorten(_reason(snapshot.why), reason_width, symbols.ellipsis)
        self._snapshot = snapshot
        self._symbols = symbols
        self._turn = turn
        self._space = "" if "spaces" in gone else " "
        self._dot = " " if "dots" in gone else f" {symbols.dot} "

    def line(self) -> Line:
        """Return the form."""
        line: Line = []
        if "spinner" not in self.gone:
            spinner = self._symbols.spinner
            line.append((spinner[self._turn % len(spinner)] + " ", Role.SPINNER))
        if "name" not in self.gone:
            name = shorten(self._snapshot.name, _LONGEST_NAME, self._symbols.ellipsis)
            line.append((f"{name}  ", Role.NAME))
        line += [*self._buffered(), (self._dot, Role.LABEL), *self._synthesized()]
        if audio := self._audio():
            line += [(f" {self._symbols.arrow} ", Role.LABEL), *audio]
        for piece in self._rest():
            line += [(self._dot, Role.LABEL), *piece]
        return line

    def _buffered(self) -> Line:
        return [("buffered ", Role.LABEL), (size(self._snapshot.buffered, self._space), Role.FIGURE)]

    def _synthesized(self) -> Line:
        now = self._snapshot
        line: Line = [("synthesized ", Role.LABEL)]
        done, unit = split_size(now.synthesized)
        if not _is_measured(now):
            return [*line, (f"{done}{self._space}{unit}", Role.FIGURE)]
        total, total_unit = split_size(now.total)
        if "total" in self.gone:
            line.append((f"{done}{self._space}{unit}", Role.FIGURE))
        else:
            figure = done if unit == total_unit else f"{done}{self._space}{unit}"
            line += [(figure, Role.FIGURE), (" of ", Role.LABEL)]
            line.append((f"{total}{self._space}{total_unit}", Role.FIGURE))
        if "percentage" not in self.gone:
            line.append((f" {100 * now.synthesized // now.total}{self._space}%", Role.FIGURE))
        left = _time_left(now)
        if left is not None and "time left" not in self.gone:
            line += [(self._dot, Role.LABEL), (duration(left), Role.FIGURE), (" left", Role.LABEL)]
        return line

    def _audio(self) -> Line:
        now = self._snapshot
        if now.state is State.PLAYING and now.played is not None and "audio time" not in self.gone:
            whole = duration(now.audio_seconds or 0.0)
            return [("playing ", Role.STATE), (f"{duration(now.played)} / {whole}", Role.FIGURE)]
        line: Line = []
        # Beside a total, the bytes of audio would add nothing.
        if "audio bytes" not in self.gone and not _is_measured(now):
            line.append((size(now.audio_bytes, self._space) + " ", Role.FIGURE))
        if now.audio_seconds is not None and "audio time" not in self.gone:
            return [*line, ("audio ", Role.LABEL), (duration(now.audio_seconds), Role.FIGURE)]
        return [*line, ("audio", Role.LABEL)] if line else []

    def _rest(self) -> Iterator[Line]:
        now = self._snapshot
        shows_position = now.state is State.PLAYING and now.played is not None
        if not (shows_position and "audio time" not in self.gone):
            yield [(self._state(), Role.TROUBLE if _is_trouble(now) else Role.STATE)]
        if now.state is State.PLAYING:
            return
        if now.speed is not None and "speed" not in self.gone:
            yield [(times(now.speed, self._symbols.times), Role.FIGURE)]
        if now.first_sound is not None and "first sound" not in self.gone:
            yield [("first sound ", Role.LABEL), (f"{now.first_sound:.2f} s", Role.FIGURE)]

    def _state(self) -> str:
        now = self._snapshot
        seconds = int(now.seconds)
        numbers = "numbers" not in self.gone
        reason = self.reason if "reason" not in self.gone else ""
        match now.state:
            case State.CONNECTING if now.attempt > 1 and numbers:
                why = f": {reason}" if reason else ""
                return f"connecting (attempt {now.attempt} of {now.attempts}{why})"
            case State.RECONNECTING if numbers:
                wait = f" in {seconds} s" if seconds else ""
                return f"reconnecting{wait} ({reason})" if reason else f"reconnecting{wait}"
            case State.WAITING if not numbers:
                return "waiting"
            case State.WAITING if seconds >= 2:
                return f"waiting for text {seconds} s"
            case State.STALLED:
                return f"stalled {seconds} s" if numbers else "stalled"
            case _:
                words: str = now.state.value
                return words


def _narrow_forms(now: Snapshot, symbols: Symbols, turn: int) -> Iterator[Line]:
    """Yield the forms for fewer than 50 columns: the figures, with names as long as they fit."""
    spinner = (symbols.spinner[turn % len(symbols.spinner)] + " ", Role.SPINNER)
    buffered, synthesized = size(now.buffered, ""), size(now.synthesized, "")
    audio = size(now.audio_bytes, "")
    named: Line = [
        *(("buffered ", Role.LABEL), (buffered, Role.FIGURE), (f" {symbols.dot} ", Role.LABEL)),
        *(("synthesized ", Role.LABEL), (synthesized, Role.FIGURE)),
    ]
    yield [spinner, *named, (f" {symbols.arrow} ", Role.LABEL), (audio, Role.FIGURE)]
    yield [spinner, *named]
    yield named
    yield [(buffered, Role.FIGURE), (f" {symbols.arrow} ", Role.LABEL), (audio, Role.FIGURE)]
    yield [(buffered, Role.FIGURE), (symbols.arrow, Role.LABEL), (audio, Role.FIGURE)]
    yield [(audio, Role.FIGURE)]


def _reason(why: str) -> str:
    """Return the reason in a message like "could not connect to HOST: REASON: more", or all of it.

    Of a refused handshake ("status 503 Service Unavailable") the number says it all.
    """
    parts = why.split(": ")
    reason = parts[1] if len(parts) > 1 else why
    kind, _, status = reason.partition(" ")
    return status[:3] if kind == "status" and status[:3].isdecimal() else reason


def _is_measured(now: Snapshot) -> bool:
    """Return whether there is a total that is not reached yet."""
    return now.ended and now.synthesized < now.total


def _is_trouble(now: Snapshot) -> bool:
    return now.state in (State.STALLED, State.RECONNECTING) or (
        now.state is State.CONNECTING and now.attempt > 1
    )


def _time_left(now: Snapshot) -> float | None:
    """Return the seconds until all text is synthesized at the speed so far; None if not known."""
    if not now.synthesized or not now.audio_seconds or not now.speed:
        return None
    audio_to_come = (now.total - now.synthesized) * now.audio_seconds / now.synthesized
    return audio_to_come / now.speed
