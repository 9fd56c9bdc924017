"""The status line on a real terminal: correct, never too wide, and gone at the end (contract, section 6)."""

from __future__ import annotations

import re
import signal
import termios
import time
from collections.abc import Callable

from wcwidth import wcswidth

from tests.doubles.behaviours import Behaviour, HangsUp, Refuses
from tests.doubles.fake_service import FakeService
from tests.tools.program import PIPE, Running, Say
from tests.tools.terminal import Terminal


UNITS = {"B": 1, "kB": 1000, "MB": 1_000_000}
FIGURES = re.compile(r"buffered ([\d.]+) ?(k?M?B) · synthesized ([\d.]+) ?(?:of [\d.]+ ?)?(k?M?B)")
COLOUR = re.compile(rb"\x1b\[[\d;]*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[\d;]*m")


def figures(rows: list[str]) -> tuple[float, float] | None:
    """Return buffered and synthesized bytes, as shown on the screen."""
    found = FIGURES.search("\n".join(rows))
    if not found:
        return None
    buffered, unit, synthesized, other = found.groups()
    return float(buffered) * UNITS[unit], float(synthesized) * UNITS[other]


def shows(*expected: float) -> Callable[[list[str]], bool]:
    return lambda rows: figures(rows) == expected


def drawn(terminal: Terminal) -> list[str]:
    """Return every line that was ever drawn, including those overwritten."""
    return re.split(r"[\r\n]", terminal.text)


def speaking(terminal: Terminal, service: FakeService, *args: str, **env: str | None) -> Running:
    """A run with its status line drawn: one utterance sent, its flush unconfirmed, input open."""
    service.does("confirms when told")
    running = terminal.start(*args, env=env)
    running.type(b"Hello world.\n\n")
    service.session().wait_flushes(1)
    running.read(14)
    return running


def test_figures_are_true(terminal: Terminal, service: FakeService) -> None:
    """Buffered is what was sent and not confirmed, synthesized what was confirmed, in UTF-8 bytes.

    The line shows the voice, and when it waits for text. After success nothing of it is left, the cursor is
    visible and where it was, and standard output has only the audio. The cursor was never hidden and echo
    never changed, so that even SIGKILL leaves nothing to repair.
    """
    before = termios.tcgetattr(terminal.descriptor)
    running = speaking(terminal, service, "-v", "leah")
    terminal.see(shows(14, 0), "14 bytes buffered")
    assert "leah" in terminal.text

    service.let("flush_complete")
    terminal.see(shows(0, 14), "14 bytes synthesized")
    terminal.read_until("waiting for text")
    assert termios.tcgetattr(terminal.descriptor) == before
    running.type("Grüße".encode())
    service.session().wait_text("Hello world.\n\nGrüße")
    terminal.see(shows(7, 14), "7 more bytes buffered")
    running.type(b"!\n\n")
    terminal.see(shows(10, 14), "10 bytes buffered")
    service.let("flush_complete")
    terminal.see(shows(0, 24), "all synthesized")
    running.end_input()

    result = terminal.end(running)
    assert (result.status, result.stdout.decode()) == (0, "Hello world.\n\nGrüße!\n\n")
    assert terminal.screen == []
    assert terminal.cursor == (0, True)
    assert b"\x1b[?" not in terminal.written


def test_never_wider_than_the_terminal(terminal: Terminal, service: FakeService) -> None:
    """At any width the line fits in one row, also when the terminal gets wider or narrower.

    What is shown at which width is tested in tests/core/figures/test_statusline.py.
    """
    terminal.resize(1)
    running = speaking(terminal, service)
    service.let("flush_complete")
    running.type(b"Again.\n\n")
    service.session().wait_flushes(2)
    assert max(map(wcswidth, drawn(terminal))) <= 1

    for columns, expected in ((39, "buffered 8B synthesized 14B"), (20, "8B → 22B")):
        terminal.resize(columns)
        terminal.see(lambda rows: expected in "".join(rows), f"{columns} columns")  # noqa: B023 - called at once
    before = len(terminal.text)
    service.let("flush_complete")
    terminal.see(lambda rows: "0B → 22B" in "".join(rows), "nothing buffered")
    running.end_input()

    assert terminal.end(running).status == 0
    assert max(map(wcswidth, drawn(terminal))) <= 39
    assert max(map(wcswidth, re.split(r"[\r\n]", terminal.text[before:]))) <= 20
    assert terminal.screen == []


def test_replaced_by_an_error(terminal: Terminal, service: FakeService) -> None:
    """After a failure there is only the error; text from the service in it cannot control the terminal."""
    service.does(HangsUp(1011, "\x1b[2J\x1b[31mred\x1b]0;title\x07 [red]literal[/red]", at=2))
    terminal.resize(200)
    running = terminal.start("--retry", "0")
    running.type(b"One.\n\n")
    running.read(6)
    terminal.read_until(FIGURES)
    running.type(b"Two.\n\n")

    assert terminal.end(running, limit=5).status == 6
    rows = terminal.screen
    assert rows[0].startswith("lmnt-say: ")
    assert "[red]literal[/red]" in rows[0]
    assert "synthesized" not in "".join(rows)
    assert terminal.cursor == (0, True)
    assert b"\x1b[2J" not in terminal.written
    assert b"\x07" not in terminal.written


def test_terminal_that_goes_away(terminal: Terminal, service: FakeService) -> None:
    """When the terminal is closed, the program is killed by SIGHUP."""
    running = speaking(terminal, service)
    terminal.read_until(FIGURES)

    terminal.hang_up()

    assert terminal.end(running, limit=5).status == -signal.SIGHUP


def test_ctrl_c_at_the_keyboard(terminal: Terminal, service: FakeService) -> None:
    """Ctrl-C is SIGINT: with text from a pipe, it kills the program within a second, and all is clean."""
    running = speaking(terminal, service)
    service.let("flush_complete")
    terminal.read_until("waiting for text")

    pressed = time.monotonic()
    terminal.type(b"\x03")

    assert terminal.end(running, limit=5).status == -signal.SIGINT
    assert time.monotonic() - pressed < 1
    assert not any("synthesized" in row or "buffered" in row for row in terminal.screen)
    assert terminal.cursor[1]


def test_no_line_over_the_text(terminal: Terminal, service: FakeService) -> None:
    """If `--tee` copies the text to the terminal, nothing is drawn over it.

    Where else no line is drawn is tested in tests/io/test_status.py.
    """
    service.does("confirms when told")
    running = terminal.start("--tee", "-o", "x.mp3", stdout=None)
    running.type(b"Hello world.\n\n")
    service.session().wait_flushes(1)
    running.type(b"No line end")
    service.session().wait_text("Hello world.\n\nNo line end")
    service.let("flush_complete", 2)
    running.end_input()

    assert terminal.end(running).status == 0
    assert terminal.written == b"Hello world.\r\n\r\nNo line end"


def test_plain_lines_in_a_pipe(say: Say, service: FakeService) -> None:
    """`--progress always` off a terminal is a plain line every five seconds, whatever TERM may be."""
    running = say.start("--progress", "always", env={"TERM": "xterm", "FORCE_COLOR": "1"})
    running.type(b"One.\n\n")
    running.read(6)

    said = running.read_errors("synthesized", limit=8)

    assert figures([said]) == (0, 6)
    assert not set(said) & set("\r\x1b")
    running.end_input()
    assert say.end(running).status == 0


def test_redraws_are_few(terminal: Terminal, service: FakeService) -> None:
    """However fast things happen, the line is drawn at most ten times a second."""
    service.does(Behaviour(at_once=True))
    running = terminal.start()
    session = service.session()
    seen = ""
    for number in range(100):
        running.type(b"%d " % number)
        seen += f"{number} "
        session.wait_text(seen)
    running.end_input()

    result = terminal.end(running)
    assert result.status == 0
    assert terminal.written.count(b"\r") <= 10 * result.elapsed + 3


def test_terminal_on_standard_output(terminal: Terminal, service: FakeService) -> None:
    """Audio is never written to a terminal: without a player exit 2 at once, with alternatives."""
    running = terminal.start(stdout=None, env={"PATH": "/nowhere"})

    assert terminal.end(running, limit=5).status == 2
    rows = terminal.screen
    assert rows[0].startswith("lmnt-say: ")
    assert "-o" in " ".join(rows)
    assert service.handshakes == []


def test_dash_forces_audio_on_a_terminal(terminal: Terminal, service: FakeService) -> None:
    """`-o -` is standard output, even if that is a terminal."""
    running = terminal.start("-o", "-", stdout=None)
    running.type(b"Loud and clear.")
    running.end_input()

    assert terminal.end(running).status == 0
    assert "Loud and clear." in terminal.text


def test_a_terminal_that_is_not_read_is_no_hindrance(terminal: Terminal, service: FakeService) -> None:
    """With text from arguments nothing is typed, so the line is drawn, also on standard output's terminal."""
    service.does("confirms when told")
    running = terminal.start("Hello world.", "-o", "story.mp3", stdin=None, stdout=None)
    service.session().wait_flushes(1)
    terminal.see(shows(12, 0), "12 bytes buffered", limit=3)
    service.let("flush_complete")

    assert terminal.end(running).status == 0
    assert (terminal.say.directory / "story.mp3").read_bytes() == b"Hello world."
    assert terminal.screen == []


def test_stopped_and_continued(terminal: Terminal, service: FakeService, needs: Callable[[str], str]) -> None:
    """Ctrl-Z erases the line, and `fg` draws it again."""
    service.does("confirms when told")
    script = 'set -m; "$@"; read -r go <&3; fg >&3 2>&3; exit $?'
    running = terminal.start(under=(needs("bash"), "-c", f"exec 3<>{terminal.name}; {script}", "bash"))
    running.type(b"Hello world.\n\n")
    terminal.see(shows(14, 0), "the line")

    terminal.type(b"\x1a")
    terminal.see(lambda rows: figures(rows) is None, "no line")
    terminal.type(b"go\n")
    terminal.see(shows(14, 0), "the line again")

    service.let("flush_complete")
    running.end_input()
    assert terminal.end(running).status == 0


def test_typed_text_is_flushed_by_line(terminal: Terminal, service: FakeService) -> None:
    """Typed text is spoken line by line; Ctrl-D speaks the rest and ends the run.

    Lines typed on the terminal of the status line stay on the screen as typed.
    """
    service.does("confirms when told")
    running = terminal.start(stdin=None)
    session = service.session()
    terminal.type(b"Hello there.\n")
    session.wait_flushes(1)
    running.read(13)

    terminal.type(b"And ")
    service.let("flush_complete")
    terminal.type(b"welcome.\n")
    session.wait_flushes(2)
    service.let("flush_complete", 2)
    terminal.type(b"And")
    terminal.type(b" good bye\x04\x04")

    result = terminal.end(running)
    assert (result.status, result.stdout) == (0, b"Hello there.\nAnd welcome.\nAnd good bye")
    assert {"Hello there.", "And welcome."} < set(terminal.screen)


def test_stopped_terminal_never_stops_the_audio(terminal: Terminal, service: FakeService) -> None:
    """A terminal that is stopped (Ctrl-S) costs redraws, not audio."""
    running = terminal.start(stdin=PIPE)
    service.session()
    terminal.type(b"\x13")

    running.type(b"Words.\n\n")
    assert running.read(8) == b"Words.\n\n"
    running.end_input()

    assert terminal.end(running, limit=5).status == 0
    terminal.type(b"\x11")


def test_a_file_that_is_still_read(terminal: Terminal, service: FakeService) -> None:
    """The size of a file is shown before it is read to its end, where a signal ends the run all the same."""
    service.does("stalls")
    (terminal.say.directory / "book.txt").write_text("All work and no play. " * 1_500_000)
    terminal.resize(120)
    running = terminal.start("-f", "book.txt", stdin=None)

    terminal.see(lambda rows: rows and "synthesized 0 B of 33.0 MB" in rows[0], "the size of the file")

    killed(terminal, running, signal.SIGTERM)


def killed(terminal: Terminal, running: Running, number: signal.Signals) -> None:
    """Check that the signal ends the run within a second."""
    result = running.stop_with(number, limit=5)
    terminal.say.results.append(result)

    assert (result.status, result.elapsed < 1) == (-number, True)


def test_how_far_a_file_is(terminal: Terminal, service: FakeService) -> None:
    """A run with a file shows its name, its progress, and the state last."""
    service.does("confirms when told")
    (terminal.say.directory / "ch07.txt").write_text("Hello world.\n\n" + "And the rest.\n\n" * 3)
    terminal.resize(120)
    running = terminal.start("-f", "ch07.txt", stdin=None)
    service.session().wait_flushes(1)
    service.let("flush_complete")
    wide = re.compile(r". ch07.txt  buffered 45 B · synthesized 14 of 59 B 23 % · 0:0\d left → audio 0:00 · ")
    terminal.see(lambda rows: rows and wide.match(rows[0]), "how far it is")
    for columns, expected in (
        (60, r". buffered 45B · synthesized 14B 23% · (0:0\d left · )?(flushing|stalled \d s|stalled)$"),
        (50, r". buffered 45B · synthesized 14B( 23%)? · (flushing|stalled \d s|stalled)$"),
        (40, r"(. )?buffered 45B (· )?synthesized 14B( stalled| flushing)?$"),
        (20, r"45B → \d+B$"),
    ):
        terminal.resize(columns)
        terminal.see(lambda rows: any(re.match(expected, row) for row in rows), f"{columns} columns")  # noqa: B023 - called at once
    service.let("flush_complete", 9)

    assert terminal.end(running).status == 0


def test_why_it_does_not_connect(terminal: Terminal, service: FakeService) -> None:
    """Between attempts: the number of the next, of how many, and the reason of the last failure, in red.

    A signal ends the run then, too.
    """
    service.does(Refuses(503, Retry_After="30"))
    running = terminal.start()
    terminal.see(lambda rows: rows and "connecting (attempt 2 of 4: 503)" in rows[0], "why")
    assert b"\x1b[31mconnecting (" in terminal.written

    killed(terminal, running, signal.SIGHUP)


def test_ascii_where_the_locale_is(terminal: Terminal, service: FakeService) -> None:
    """If the locale is not UTF-8, every byte of the line is ASCII. NO_COLOR removes the colours only.

    A notice stays on the screen; the line does not.
    """
    running = speaking(terminal, service, LC_ALL="C", NO_COLOR="1")
    terminal.see(lambda rows: rows and "buffered 14 B - synthesized 0 B -> 14 B audio" in rows[0], "the line")
    running.type(b"caf\xe9!")
    service.let("flush_complete", 2)
    running.end_input()

    assert terminal.end(running).status == 0
    rows = terminal.screen
    assert "U+FFFD" in rows[0]
    assert "synthesized" not in "".join(rows)
    assert terminal.written.isascii()
    assert not COLOUR.search(terminal.written)
