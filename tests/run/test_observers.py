"""Observers of a run: `lmnt_cli.run.observers`."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import anyio

from lmnt_cli.core.captions.formats import JsonLines
from lmnt_cli.core.figures.snapshot import Figures
from lmnt_cli.core.figures.statistics import Statistics
from lmnt_cli.core.session.happenings import Confirmed, Happening, Notice, Sound, TextSent
from lmnt_cli.errors import Killed, OutputError
from lmnt_cli.io.audio.sinks import open_sink
from lmnt_cli.io.event_file import EventFile, open_events
from lmnt_cli.io.status import Display
from lmnt_cli.io.subtitle_file import SubtitleFile
from lmnt_cli.run.observers import Observers
from lmnt_cli.run.outcome import Outcome


FIGURES = Figures(
    began=True,
    confirmed_bytes=5,
    dropped_bytes=0,
    audio_bytes=0,
    audio_seconds=None,
    first_sound=None,
    speed=None,
    resumed=0,
    replaced=0,
)
HAPPENED: list[Happening] = [
    TextSent(1, "Hello."),
    Sound(1, 0.0),
    Confirmed(1, "Hello.", 0.0, 1.0, whole=True),
    Notice("a notice"),
]


class Lines(Display):
    """A display that keeps its lines."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def line(self, text: str, *, wait: bool = True) -> None:
        self.shown.append(text)


def observed(display: Lines, tmp_path: Path, **more: bool) -> Observers:
    sink = open_sink(str(tmp_path / "x.jsonl"), part=True, clobber=True)
    return Observers(
        display,
        events=EventFile(open_events(str(tmp_path / "events")), 0.0, str),
        subtitles=[SubtitleFile(sink, JsonLines())],
        statistics=Statistics(0.0, cuts=True),
        **more,
    )


def test_everybody_hears(tmp_path: Path) -> None:
    """One stream of happenings feeds debug lines, events, subtitles and statistics."""
    display = Lines()
    observers = observed(display, tmp_path, debug=True, shows_statistics=True)
    for happening in HAPPENED:
        observers.take(1.0, happening)
    assert observers.lacks_times

    anyio.run(observers.complete, 2.0)
    anyio.run(observers.end, Outcome(notices=("repaired",)), FIGURES, 3.0)
    events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]

    assert [event["event"] for event in events] == [
        *("text", "sound", "confirmed", "notice", "words", "notice", "end")
    ]
    assert [json.loads(line)["text"] for line in (tmp_path / "x.jsonl").read_text().splitlines()] == [
        "Hello."
    ]
    assert any(line.startswith("> text") for line in display.shown)
    assert any(line.startswith("text bytes") for line in display.shown)


def test_a_failure(tmp_path: Path) -> None:
    """Subtitles are kept, and the last events are the error and the end."""
    observers = observed(Lines(), tmp_path)
    for happening in HAPPENED:
        observers.take(1.0, happening)
    observers.keep(2.0)
    failure = OutputError("full", hint="make room")
    anyio.run(observers.end, Outcome(failure), FIGURES, 3.0)
    events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]

    assert events[-2] == {
        "t": 3.0,
        "event": "error",
        "status": 7,
        "message": "full",
        "hint": "make room",
        "request_id": None,
    }
    assert (events[-1]["event"], events[-1]["status"]) == ("end", 7)
    assert [path.name for path in tmp_path.glob("x.*")] == ["x.jsonl.part"]


def test_no_figures_of_a_killed_run(tmp_path: Path) -> None:
    """A run that was killed prints no statistics."""
    display = Lines()
    observers = Observers(display, statistics=Statistics(0.0, cuts=True), shows_statistics=True)
    anyio.run(partial(observers.end, Outcome(Killed(2)), FIGURES, 3.0))

    assert display.shown == []
    assert os.listdir(tmp_path) == []
