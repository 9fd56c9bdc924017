"""The status line as it looks: lines for the manual page, and a picture for the README."""

from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text

from lmnt_cli.core.figures.snapshot import Snapshot, State
from lmnt_cli.core.figures.statusline import Line, status_line, text_of
from lmnt_cli.core.value import replace
from lmnt_cli.io.status import styled


_WAITING = Snapshot(
    name="lily",
    buffered=312,
    synthesized=18_400,
    audio_bytes=1_236_000,
    audio_seconds=103.0,
    first_sound=0.21,
    speed=14.2,
    state=State.WAITING,
)
_MEASURED = replace(
    _WAITING, name="ch07.txt", buffered=597, total=29_100, ended=True, state=State.FLUSHING, speed=4.8
)
_REFUSED = replace(
    _WAITING,
    synthesized=0,
    audio_bytes=0,
    audio_seconds=None,
    first_sound=None,
    speed=None,
    state=State.CONNECTING,
    attempt=2,
    attempts=4,
    why="503",
)
_LOST = replace(
    _MEASURED, name="ch08.txt", state=State.RECONNECTING, seconds=4.0, why="no close code", speed=None
)
_PLAYING = replace(_WAITING, buffered=0, synthesized=29_100, state=State.PLAYING, played=12.7)

# What a person sees in the course of these commands, on a terminal of this width.
_WIDTH = 114
_SCENES = (
    ('llm "tell me a story" | lmnt-say > story.mp3', _WAITING),
    ("lmnt-say -f ch07.txt -o ch07.mp3", _MEASURED),
    ("lmnt-say -f ch08.txt -o ch08.mp3", _LOST),
    ('llm "tell me a story" | lmnt-say', _PLAYING),
)
# The turn of the spinner.
_TURN = 2


def sample_lines() -> str:
    """Return the line of several moments at 66 columns, indented as an example of the manual page."""
    snapshots = (_WAITING, _MEASURED, _REFUSED, _PLAYING)
    return "\n".join(f"    {text_of(status_line(each, 66, _TURN))}" for each in snapshots)


def picture() -> str:
    """Return an SVG of the line, drawn as on a terminal."""
    console = Console(
        file=io.StringIO(), record=True, width=_WIDTH, force_terminal=True, color_system="standard"
    )
    for command, snapshot in _SCENES:
        console.print(Text.assemble(("$ ", "green"), command))
        console.print(styled(_spaces_last(status_line(snapshot, _WIDTH - 1, _TURN))))
    return console.export_svg(title="lmnt-say")


def _spaces_last(line: Line) -> Line:
    """Return the line with no piece that begins with spaces: some viewers drop them there."""
    moved: Line = []
    for text, role in line:
        bare = text.lstrip(" ")
        if moved:
            before, its_role = moved.pop()
            moved.append((before + " " * (len(text) - len(bare)), its_role))
        moved.append((bare, role))
    return moved
