"""Draw the status line on the terminal, and write everything else that people are to read above it.

One write a redraw: carriage return, text, erase to the end of the line. The cursor is never hidden and echo
never touched, so that even SIGKILL leaves nothing but a line of text.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.figures.redaction import Redaction
from .terminal import LONGEST_WAIT, escape, is_terminal, same_terminal, write


if TYPE_CHECKING:
    # The line itself is loaded when it is drawn: by then the first message is on its way.
    from rich.console import Console
    from rich.text import Text

    from ..core.figures.snapshot import Snapshot
    from ..core.figures.statusline import Line

_ERASE = b"\r\x1b[K"
_PLAIN_EVERY = 5.0  # seconds
_PLAIN_WIDTH = 200
# Sixteen colours do, and dim and bold where there is none. Rich obeys NO_COLOR.
_STYLES = {"spinner": "cyan", "name": "", "label": "dim", "figure": "bold", "state": "", "trouble": "red"}
# What of our own words is not ASCII.
_IN_ASCII = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "→": "->", "×": "x", "·": "-"})
_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
# Characters of a line that are looked at: several times what `escape` leaves of it.
_LONGEST_LINE = 8000


class Display:
    """Where words for people go. This one shows no status: lines only."""

    def __init__(self, *, redact: Redaction | None = None, ascii_only: bool = False) -> None:
        """`redact` takes secrets out of what is shown; `ascii_only`: nothing else can be shown."""
        self.redact = redact or Redaction()
        self._ascii_only = ascii_only
        self._stuck = False

    def line(self, text: str, *, wait: bool = True) -> None:
        """Write a line of its own, without secrets and with controls made visible.

        Waits a little for a stderr that is not writable, unless an earlier wait was in vain. `wait` off drops
        the line at once.
        """
        if len(text) > _LONGEST_LINE:
            text = text[:_LONGEST_LINE] + "…"
        text = escape(self.redact(text))
        patience = LONGEST_WAIT if wait and not self._stuck else 0.0
        self._stuck = not self._line(self._encode(text + "\n"), patience)

    def show(self, snapshot: Snapshot, now: float) -> None:
        """Show the figures of this moment, if they are shown at all."""

    def erase(self) -> None:
        """Take the status line away."""

    def _line(self, data: bytes, wait: float) -> bool:
        return write(2, data, wait=wait)

    def _status_line(self, snapshot: Snapshot, width: int, turn: int = 0) -> Line:
        from ..core.figures.statusline import ASCII, UNICODE, status_line

        texts = (escape(self.redact(text)) for text in (snapshot.name, snapshot.why))
        name, why = (self._encode(text).decode() for text in texts)
        symbols = ASCII if self._ascii_only else UNICODE
        return status_line(replace(snapshot, name=name, why=why), width, turn, symbols)

    def _encode(self, text: str) -> bytes:
        if not self._ascii_only:
            return text.encode()
        return text.translate(_IN_ASCII).encode("ascii", "backslashreplace")


class PlainStatus(Display):
    """A plain line every few seconds, for a log."""

    _shown_at: float | None = None

    def show(self, snapshot: Snapshot, now: float) -> None:
        """Write the line if it is time."""
        if self._shown_at is None:
            self._shown_at = now
        elif now - self._shown_at >= _PLAIN_EVERY:
            self._shown_at = now
            _spinner, *line = self._status_line(snapshot, _PLAIN_WIDTH)
            self.line("".join(piece for piece, _ in line), wait=False)


class StatusLine(Display):
    """The line that is redrawn in place, rendered by Rich."""

    def __init__(self, *, redact: Redaction | None = None, ascii_only: bool = False) -> None:
        super().__init__(redact=redact, ascii_only=ascii_only)
        self._console: Console | None = None
        self._turn = 0
        self._drawn = False

    def show(self, snapshot: Snapshot, now: float) -> None:  # noqa: ARG002 - every call is a redraw here
        """Redraw; dropped where it would block, or while another job has the terminal."""
        if not _in_foreground():
            return
        self._turn += 1
        width = _width()
        # The last column stays free: text in it makes some terminals wrap.
        line = self._status_line(snapshot, width - 1, self._turn)
        if write(2, b"\r" + self._encode(self._render(line, width)) + b"\x1b[K", wait=0):
            self._drawn = True

    def erase(self) -> None:
        """Leave the row empty and the cursor at its start."""
        if self._drawn and write(2, _ERASE, wait=0.1):
            self._drawn = False

    def _line(self, data: bytes, wait: float) -> bool:
        written = write(2, (_ERASE if self._drawn else b"") + data, wait=wait)
        self._drawn = self._drawn and not written
        return written

    def _render(self, line: Line, width: int) -> str:
        # Rich is imported with the first line, while the connection is under way: it costs 60 ms.
        from rich.console import Console

        if self._console is None:
            self._console = Console(file=io.StringIO(), force_terminal=True, highlight=False)
        self._console.width = width
        with self._console.capture() as capture:
            self._console.print(styled(line), end="", no_wrap=True, overflow="crop")
        return capture.get()


def styled(line: Line) -> Text:
    """Return the line with its colours, for Rich to draw."""
    from rich.text import Text

    return Text.assemble(*((piece, _STYLES[role.value]) for piece, role in line))


def open_display(
    progress: str,
    environment: Mapping[str, str],
    *,
    typed: bool,
    redact: Redaction | None,
    tee: int | None = None,
) -> Display:
    """Return the display for `--progress auto|always|never`.

    `typed`: standard input is what is spoken; `tee` is the descriptor that the text is passed on to.
    """
    on_terminal = is_terminal(2)
    ascii_only = on_terminal and not knows_unicode(environment)
    plain = Display(redact=redact, ascii_only=ascii_only)
    if progress == "never" or tee == 2:
        return plain
    if on_terminal:
        if environment.get("TERM", "dumb") in ("", "dumb"):
            return plain
        if (typed and same_terminal(0, 2)) or (tee is not None and same_terminal(tee, 2)):
            # Text typed or passed on to this terminal would be garbled by a line redrawn under it.
            return plain
        return StatusLine(redact=redact, ascii_only=ascii_only)
    return PlainStatus(redact=redact) if progress == "always" else plain


def knows_unicode(environment: Mapping[str, str]) -> bool:
    """Return whether the locale's encoding is UTF-8, as the first of these variables that is set says."""
    if os.name == "nt":
        return True  # its consoles are written to in Unicode
    locale = next((value for name in _LOCALE if (value := environment.get(name))), "C")
    return "utf8" in locale.lower().replace("-", "")


def _width() -> int:
    try:
        return os.get_terminal_size(2).columns or 80
    except OSError:
        return 80


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(2) == os.getpgrp()
    except (OSError, AttributeError):
        return True  # not our controlling terminal, or Windows
