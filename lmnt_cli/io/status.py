"""Draw the status line on the terminal, and write all other messages above it.

A redraw is a single write: carriage return, text, erase to the end of the line. The cursor is never hidden
and echo never changed, so even SIGKILL leaves only a line of text.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..core.figures.redaction import Redaction
from ..core.value import replace
from .terminal import LONGEST_WAIT, escape, is_terminal, same_terminal, write


if TYPE_CHECKING:
    # Imported when the line is first drawn, by which time the first message has been sent.
    from rich.console import Console
    from rich.text import Text

    from ..core.figures.snapshot import Snapshot
    from ..core.figures.statusline import Line

_ERASE = b"\r\x1b[K"
_PLAIN_EVERY = 5.0  # seconds
_PLAIN_WIDTH = 200
# Uses only the 16 basic colours, with dim and bold. Rich respects NO_COLOR.
_STYLES = {"spinner": "cyan", "name": "", "label": "dim", "figure": "bold", "state": "", "trouble": "red"}
# The characters outside ASCII in our own messages.
_IN_ASCII = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "→": "->", "×": "x", "·": "-"})
_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
# Characters of a line that are processed: several times as many as `escape` keeps.
_LONGEST_LINE = 8000


class Display:
    """Writes messages for the user to stderr. This class shows no status line."""

    def __init__(self, *, redact: Redaction | None = None, ascii_only: bool = False) -> None:
        """`redact` removes secrets from messages. With `ascii_only`, all output is ASCII."""
        self.redact = redact or Redaction()
        self._ascii_only = ascii_only
        self._stuck = False

    def line(self, text: str, *, wait: bool = True) -> None:
        """Write a line, without secrets and with control characters escaped.

        If stderr is not writable, waits briefly, unless an earlier wait was without effect. With `wait` off,
        the line is dropped at once.
        """
        if len(text) > _LONGEST_LINE:
            text = text[:_LONGEST_LINE] + "…"
        text = escape(self.redact(text))
        patience = LONGEST_WAIT if wait and not self._stuck else 0.0
        self._stuck = not self._line(self._encode(text + "\n"), patience)

    def show(self, snapshot: Snapshot, now: float) -> None:
        """Show the current figures, if this display shows any."""

    def erase(self) -> None:
        """Erase the status line."""

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
    """Writes the status as a plain line every few seconds, for a log."""

    _shown_at: float | None = None

    def show(self, snapshot: Snapshot, now: float) -> None:
        """Write a line if one is due."""
        if self._shown_at is None:
            self._shown_at = now
        elif now - self._shown_at >= _PLAIN_EVERY:
            self._shown_at = now
            _spinner, *line = self._status_line(snapshot, _PLAIN_WIDTH)
            self.line("".join(piece for piece, _ in line), wait=False)


class StatusLine(Display):
    """The status line, rendered by Rich and redrawn in place."""

    def __init__(self, *, redact: Redaction | None = None, ascii_only: bool = False) -> None:
        super().__init__(redact=redact, ascii_only=ascii_only)
        self._console: Console | None = None
        self._turn = 0
        self._drawn = False

    def show(self, snapshot: Snapshot, now: float) -> None:  # noqa: ARG002 - every call is a redraw here
        """Redraw the line, unless that would block or another job has the terminal."""
        if not _in_foreground():
            return
        self._turn += 1
        width = _width()
        # Leave the last column empty: text in it makes some terminals wrap.
        line = self._status_line(snapshot, width - 1, self._turn)
        if write(2, b"\r" + self._encode(self._render(line, width)) + b"\x1b[K", wait=0):
            self._drawn = True

    def erase(self) -> None:
        """Erase the line and leave the cursor at its start."""
        if self._drawn and write(2, _ERASE, wait=0.1):
            self._drawn = False

    def _line(self, data: bytes, wait: float) -> bool:
        written = write(2, (_ERASE if self._drawn else b"") + data, wait=wait)
        self._drawn = self._drawn and not written
        return written

    def _render(self, line: Line, width: int) -> str:
        # Importing Rich takes 60 ms, so do it with the first line, while the connection is being opened.
        from rich.console import Console

        if self._console is None:
            self._console = Console(file=io.StringIO(), force_terminal=True, highlight=False)
        self._console.width = width
        with self._console.capture() as capture:
            self._console.print(styled(line), end="", no_wrap=True, overflow="crop")
        return capture.get()


def styled(line: Line) -> Text:
    """Return the line with its colours, to be drawn by Rich."""
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

    `typed`: the text is read from standard input. `tee` is the descriptor it is copied to, None for none.
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
            # A line redrawn on this terminal would garble the text that is typed or copied to it.
            return plain
        return StatusLine(redact=redact, ascii_only=ascii_only)
    return PlainStatus(redact=redact) if progress == "always" else plain


def knows_unicode(environment: Mapping[str, str]) -> bool:
    """Return whether the encoding of the locale is UTF-8. The first variable that is set decides."""
    if os.name == "nt":
        return True  # consoles accept Unicode
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
