"""The status line on the terminal, and the messages above it (contract, 6)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import socket
import struct
import termios
from collections.abc import Iterator

import pyte
import pytest

from lmnt_cli.core.figures.redaction import Redaction
from lmnt_cli.core.figures.snapshot import Snapshot, State
from lmnt_cli.core.value import replace
from lmnt_cli.io.status import Display, PlainStatus, StatusLine, knows_unicode, open_display
from tests.tools.each import each
from tests.tools.terminal import CONTROL


SNAPSHOT = Snapshot("lily", 312, 18_400, 1_236_000, 103.0, 0.21, 14.2, State.WAITING)
RICHEST = (
    "lily  buffered 312 B · synthesized 18.4 kB → 1.2 MB audio 1:43"
    " · waiting for text · 14× · first sound 0.21 s"
)


class Screen:
    """A terminal on standard error: the bytes written, and what a person sees."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        self._columns = 80
        self._stderr = stderr_on(self._slave)
        self.resize(140)
        self.written = b""

    def __enter__(self) -> None:
        """Put the terminal on standard error; pytest captures it until the test itself runs."""
        self._stderr.__enter__()

    def __exit__(self, *exception: object) -> None:
        self._stderr.__exit__(None, None, None)

    def resize(self, columns: int) -> None:
        self._columns = columns
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self) -> bytes:
        """Return the bytes written since the last call."""
        new = b""
        while select.select([self._master], [], [], 0.05)[0]:
            new += os.read(self._master, 65536)
        self.written += new
        return new

    @property
    def rows(self) -> list[str]:
        """Return the rows that are not empty."""
        self.read()
        screen = pyte.Screen(self._columns, 24)
        pyte.ByteStream(screen).feed(self.written)
        return [row.rstrip() for row in screen.display if row.strip()]

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)


@pytest.fixture
def screen() -> Iterator[Screen]:
    opened = Screen()
    yield opened
    opened.close()


@contextlib.contextmanager
def stderr_on(descriptor: int) -> Iterator[None]:
    """Make standard error this descriptor for a while."""
    saved = os.dup(2)
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def test_one_row(screen: Screen) -> None:
    """Redraws stay in one row, and the line is correct."""
    with screen:
        status = StatusLine()
        for _ in range(3):
            status.show(SNAPSHOT, 0.0)

        assert len(screen.rows) == 1
        assert screen.rows[0][2:] == RICHEST


@pytest.mark.parametrize("columns", [140, 100, 80, 60, 41, 40, 30, 20, 10, 3, 1])
def test_never_wider_than_the_terminal(screen: Screen, columns: int) -> None:
    """There is one row at any width, even for a voice with double-width letters."""
    with screen:
        screen.resize(columns)
        status = StatusLine()
        for voice in ("lily", "声の人"):
            status.show(Snapshot(voice, 312, 18_400, 1_236_000, 103.0, 0.21, 14.2, State.WAITING), 0.0)

            assert len(screen.rows) <= 1
        if columns >= 41:
            assert "buffered" in screen.rows[0]


def test_a_terminal_without_a_size(screen: Screen) -> None:
    """A terminal that does not report its width is taken for one of 80 columns."""
    with screen:
        screen.resize(0)
        StatusLine().show(SNAPSHOT, 0.0)
        drawn = CONTROL.sub(b"", screen.read()).decode().strip()

    assert "buffered 312 B" in drawn
    assert 60 < len(drawn) <= 80


@pytest.mark.parametrize("columns", [140, 110, 105, 100, 95, 60])
def test_a_voice_with_controls(screen: Screen, columns: int) -> None:
    """Control characters are escaped, and count with their escaped width."""
    with screen:
        screen.resize(columns)
        StatusLine().show(replace(SNAPSHOT, name="a\x1b[2J\tb"), 0.0)

        assert len(screen.rows) == 1
        assert columns < 140 or r"a\x1b[2J\tb  buffered" in screen.rows[0]


def test_how_it_is_drawn(screen: Screen) -> None:
    """A redraw is carriage return, text, erase to the end; the cursor is never hidden."""
    with screen:
        StatusLine().show(SNAPSHOT, 0.0)
        drawn = screen.read()

        assert drawn.startswith(b"\r")
        assert drawn.endswith(b"\x1b[K")
        assert b"\n" not in drawn
        assert b"\x1b[?" not in drawn
        assert drawn.count(b"\r") == 1


@each("columns", [20, 80, 200])
def test_one_write(columns: int) -> None:
    """Each redraw is a single write, so that nothing is ever left half drawn."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    wide = Snapshot(
        "a-voice-with-a-name", 999_999, 999_999_999, 9_999_999, 9999.0, 9.99, 130.0, State.WAITING, 42.0
    )
    with stderr_on(theirs.fileno()):
        StatusLine().show(wide, 0.0)
    ours.setblocking(False)
    packets = [ours.recv(65536)]
    with contextlib.suppress(BlockingIOError):
        packets.append(ours.recv(65536))

    assert len(packets) == 1
    ours.close()
    theirs.close()


def test_erase(screen: Screen) -> None:
    """Erasing leaves an empty row; once is enough."""
    with screen:
        status = StatusLine()
        status.show(SNAPSHOT, 0.0)
        status.erase()

        assert screen.rows == []
        status.erase()
        assert screen.read() == b""


def test_nothing_to_erase(screen: Screen) -> None:
    """If nothing was drawn, nothing is erased."""
    with screen:
        StatusLine().erase()

        assert screen.read() == b""


def test_lines_stand_above(screen: Screen) -> None:
    """Messages appear above the status line, whole, and leave no remains of it."""
    with screen:
        status = StatusLine()
        status.show(SNAPSHOT, 0.0)
        status.line("lmnt-say: a notice")
        status.show(SNAPSHOT, 0.0)

        assert screen.rows[0] == "lmnt-say: a notice"
        assert screen.rows[1][2:] == RICHEST
        assert len(screen.rows) == 2


def test_colour_only_where_words_are(screen: Screen) -> None:
    """Without control sequences, the drawn text is the line itself."""
    with screen:
        StatusLine().show(SNAPSHOT, 0.0)

        assert CONTROL.sub(b"", screen.read()).decode().strip()[2:] == RICHEST


def test_a_redraw_never_blocks() -> None:
    """A redraw that would block is dropped; an error waits at most half a second, once."""
    end, write = os.pipe()
    os.set_blocking(write, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write, b"x" * 4096)
    os.set_blocking(write, True)
    status = StatusLine()
    with stderr_on(write):
        for _ in range(20):
            status.show(SNAPSHOT, 0.0)
        for _ in range(20):
            status.line("lmnt-say: an error")
        status.erase()

    assert b"buffered" not in os.read(end, 1 << 20)
    os.close(end)
    os.close(write)


def test_key_is_never_shown(screen: Screen) -> None:
    """Every line is redacted before it is written."""
    with screen:
        StatusLine(redact=Redaction(keys=["s3cr3t"])).line("the key s3cr3t was refused: s3cr3t")

        assert screen.rows == ["the key [key] was refused: [key]"]


def test_key_is_not_shown_by_the_status(screen: Screen) -> None:
    """The voice, and the reason of a failure, are redacted in the status line too."""
    with screen:
        status = StatusLine(redact=Redaction(keys=["s3cr3t"]))
        status.show(replace(SNAPSHOT, name="as3cr3tb"), 0.0)
        assert screen.rows[0].endswith(RICHEST.replace("lily", "a[key]b"))

        why = "could not connect to a.b: as3cr3tb is unknown"
        status.show(replace(SNAPSHOT, state=State.CONNECTING, attempt=2, attempts=4, why=why), 1.0)
        assert "(attempt 2 of 4: a[key]b is unknown)" in screen.rows[0]


def test_key_is_not_shown_by_a_long_line(screen: Screen) -> None:
    """A shortened line shows no part of a key at the place where it was cut."""
    line = "s3cr3t-0123 " * 600
    with screen:
        for begin in range(12):
            StatusLine(redact=Redaction(keys=["s3cr3t-0123"])).line(line[begin:])

        assert not any("s3cr" in row for row in screen.rows)


def test_controls_are_visible(screen: Screen) -> None:
    """Control characters are escaped; brackets are not markup."""
    with screen:
        Display().line("a\x1b[2Jb\r\n[bold]c[/bold]")

        assert screen.rows == ["a\\x1b[2Jb\\r\\n[bold]c[/bold]"]


def test_plain_lines(screen: Screen) -> None:
    """Off a terminal, with `always`: a plain line every five seconds, without control sequences."""
    with screen:
        status = PlainStatus()
        for second in range(21):
            status.show(SNAPSHOT, 100.0 + second)
        status.erase()
        lines = screen.read().decode().splitlines()

        assert lines == [RICHEST] * 4


def test_no_status(screen: Screen) -> None:
    """If no status is wanted, none is shown."""
    with screen:
        display = Display()
        display.show(SNAPSHOT, 0.0)
        display.erase()

        assert screen.read() == b""


def kind(progress: str, tee: int | None = None, **environment: str) -> type[Display]:
    return type(open_display(progress, environment, typed=False, redact=None, tee=tee))


@pytest.mark.parametrize(
    ("progress", "term", "expected"),
    [
        ("auto", "xterm", StatusLine),
        ("always", "xterm", StatusLine),
        ("never", "xterm", Display),
        ("auto", "dumb", Display),
        ("auto", "", Display),
    ],
)
def test_on_a_terminal(screen: Screen, progress: str, term: str, expected: type[Display]) -> None:
    """On a terminal the line is drawn, unless TERM is dumb or it is switched off."""
    with screen:
        assert kind(progress, TERM=term) is expected


def test_no_term(screen: Screen) -> None:
    """Without TERM no line is drawn."""
    with screen:
        assert kind("auto") is Display


def test_text_on_the_terminal(screen: Screen) -> None:
    """No line is drawn over text that is copied to the terminal; beside text copied elsewhere it is."""
    elsewhere = os.open(os.devnull, os.O_WRONLY)
    with screen:
        assert kind("always", 2, TERM="xterm") is Display
        same = os.dup(2)
        assert kind("always", same, TERM="xterm") is Display
        os.close(same)
        assert kind("auto", elsewhere, TERM="xterm") is StatusLine
    os.close(elsewhere)


@each(
    ("progress", "tee", "expected"),
    [
        ("auto", None, Display),
        ("always", None, PlainStatus),
        ("never", None, Display),
        ("always", 1, PlainStatus),
        ("always", 2, Display),
    ],
)
def test_off_a_terminal(progress: str, tee: int | None, expected: type[Display]) -> None:
    """Off a terminal there is no line, unless `always` is set and standard error does not carry the text."""
    end, write = os.pipe()
    with stderr_on(write):
        found = kind(progress, tee, TERM="xterm")
    os.close(end)
    os.close(write)

    assert found is expected


def test_nothing_on_a_pipe() -> None:
    """On a pipe, showing and erasing write nothing."""
    end, write = os.pipe()
    with stderr_on(write):
        display = open_display("auto", {"TERM": "xterm"}, typed=False, redact=None)
        display.show(SNAPSHOT, 0.0)
        display.erase()
    os.close(write)

    assert os.read(end, 100) == b""
    os.close(end)


@each(
    ("variables", "expected"),
    [
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "de_DE.ISO-8859-1", "LANG": "C.UTF-8"}, False),
        ({"LC_CTYPE": "UTF-8"}, True),
        ({}, False),
    ],
)
def test_the_locale(variables: dict[str, str], expected: bool) -> None:
    """The first variable that is set decides whether the terminal uses UTF-8."""
    assert knows_unicode(variables) == expected


@pytest.mark.parametrize("voice", ["lily", "Zoë", "声の人" * 9])
def test_ascii(screen: Screen, voice: str) -> None:
    """On a terminal without UTF-8 every byte is ASCII, and the line is as wide as it looks."""
    with screen:
        status = StatusLine(ascii_only=True)
        for columns in (20, 50, 80, 100, 140):
            screen.resize(columns)
            status.show(replace(SNAPSHOT, name=voice), 0.0)

            assert len(screen.rows) == 1
        status.line("lmnt-say: “Grüße” → …")
        screen.read()
    assert screen.written.isascii()
    assert b'lmnt-say: "Gr\\xfc\\xdfe" -> ...' in screen.written


def test_colours(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels are dim and errors are red, using only the 16 basic colours."""
    monkeypatch.setenv("TERM", "xterm")
    with screen:
        StatusLine().show(replace(SNAPSHOT, state=State.STALLED, seconds=12.0), 0.0)
        written = screen.read()

    assert b"\x1b[2mbuffered " in written
    assert b"\x1b[31mstalled 12 s" in written
    assert not re.search(rb"\x1b\[[\d;]*[34]8[;:]", written)
