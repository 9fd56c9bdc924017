"""What a fault costs: exit status, words, memory and time, measured from outside and kept in a table."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.tools.figures import Figures
from tests.tools.limits import LIMIT
from tests.tools.program import PIPE, Result, Running, Say


# Each word occurs once, so that losses and repeats can be counted.
WORDS = tuple(f"word{number:03}" for number in range(40))
# Two utterances ended by flushes, and one by the end of the text.
TEXT = "\n\n".join([" ".join(WORDS[:15]), " ".join(WORDS[15:30]), " ".join(WORDS[30:])]).encode()

MIB = 1 << 20

# The largest resident size of a child, as reported by the kernel, includes that of its parent at the fork. So
# a small program starts it, writes the figure to a file, and ends as the program ended.
_WATCHER = """
import os, signal, sys
child = os.fork()
if not child:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss))
code = os.waitstatus_to_exitcode(status)
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
"""


@dataclass(frozen=True)
class Outcome:
    """How a run with a fault ended; `peak` is its largest resident size in bytes.

    `lost` counts the words that are neither heard nor saved, `twice` those heard more than once. Both are
    None if there is nothing to count: no words, no session, or no audio that was kept.
    """

    fault: str
    result: Result
    lost: int | None
    twice: int | None
    peak: int

    @property
    def is_one_message(self) -> bool:
        """Return whether stderr has one `lmnt-say:` line, and at most one more with a hint."""
        lines = self.result.lines
        return 1 <= len(lines) <= 2 and all(line.startswith("lmnt-say: ") for line in lines)

    def __str__(self) -> str:
        lost, twice = ("–" if count is None else str(count) for count in (self.lost, self.twice))
        figures = f"{lost:>5} {twice:>6} {self.peak / MIB:7.0f} {self.result.elapsed:7.1f}"
        return f"{self.fault:64} {self.result.status:>4} {figures}"


class Measured:
    """Runs the program and keeps the cost of each fault, in the table with this title."""

    def __init__(self, say: Say, figures: Figures, title: str) -> None:
        self.say = say
        self._figures = figures
        self._title = f"{title:64} exit  lost  twice     MiB       s"
        self._figure = say.directory / "peak"

    def start(
        self,
        *args: str | Path,
        stdin: int = PIPE,
        stdout: int = PIPE,
        env: Mapping[str, str | None] | None = None,
        paused: bool = False,
        under: Sequence[str] = (),
    ) -> Running:
        """Start a run."""
        watcher = (sys.executable, "-I", "-S", "-c", _WATCHER, str(self._figure), *under)
        return self.say.start(*args, stdin=stdin, stdout=stdout, env=env, paused=paused, under=watcher)

    def end(self, fault: str, running: Running, *, text: bytes = TEXT, limit: float = LIMIT) -> Outcome:
        """Wait for the end of a run with this text, whose words are counted."""
        result = self.say.end(running, limit)
        return self.judge(fault, result, text, result.stdout if running.process.stdout else None)

    def judge(self, fault: str, result: Result, text: bytes, audio: bytes | None) -> Outcome:
        """Judge a run with this text and this audio, None if the audio was not kept."""
        words = re.findall(rb"word\d+", text)
        lost = twice = None
        if words and audio is not None and result.status in (0, 4, 5, 6, 7, 8):
            kept = audio + b"".join(path.read_bytes() for path in self._saved())
            lost = sum(word not in kept for word in words)
            twice = sum(audio.count(word) > 1 for word in words)
        peak = int(self._figure.read_text()) * (1 if sys.platform == "darwin" else 1024)
        outcome = Outcome(fault, result, lost, twice, peak)
        self._figures.row(self._title, str(outcome))
        return outcome

    def run(self, fault: str, *args: str | Path, text: bytes = TEXT, limit: float = LIMIT) -> Outcome:
        """Speak a text to its end."""
        running = self.start(*args)
        running.feed(text)
        return self.end(fault, running, text=text, limit=limit)

    def _saved(self) -> list[Path]:
        state = Path(self.say.environment["XDG_STATE_HOME"])
        return [Path(found, name) for found, _, names in os.walk(state) for name in names]
