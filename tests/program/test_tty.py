"""The status line on a real terminal: correct, never too wide, and gone at the end (contract, section 6)."""

from __future__ import annotations

import re
import signal
import termios
from collections.abc import Callable

import pytest
from wcwidth import wcswidth

from tests.doubles.behaviours import Behaviour, Fails, HangsUp, Refuses
from tests.doubles.fake_service import FakeService
from tests.tools.program import PIPE, Running, Say
from tests.tools.terminal import Terminal


UNITS = {"B": 1, "kB": 1000, "MB": 1_000_000}
FIGURES = re.compile(r"buffered ([\d.]+) ?(k?M?B) · synthesized ([\d.]+) ?(?:of [\d.]+ ?)?(k?M?B)")
NARROW = re.compile(r"([\d.]+)(k?M?B) → ([\d.]+)(k?M?B)")
COLOUR = re.compile(rb"\x1b\[[\d;]*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[\d;]*m")


def figures(rows: list[str], pattern: re.Pattern[str] = FIGURES) -> tuple[float, float] | None:
    """Return buffered and synthesized bytes (narrow: buffered and audio), as shown on the screen."""
    found = pattern.search("\n".join(rows))
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
    visible and where it was, and standard output has only the audio.
    """
    running = speaking(terminal, service, "-v", "leah")
    terminal.see(shows(14, 0), "14 bytes buffered")
    assert "leah" in terminal.text

    service.let("flush_complete")
    terminal.see(shows(0, 14), "14 bytes synthesized")
    terminal.read_until("waiting for text")
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


def kill(running: Running) -> Running:
    running.signal(signal.SIGTERM)
    return running


@pytest.mark.parametrize("columns", [39, 1])
def test_never_wider_than_the_terminal(terminal: Terminal, service: FakeService, columns: int) -> None:
    """At any width, the line fits in one row (what is shown at which is tested in test_statusline.py)."""
    terminal.resize(columns)
    running = speaking(terminal, service)
    service.let("flush_complete", 2)
    running.type(b"Again.")
    service.session().wait_text("Hello world.\n\nAgain.")
    terminal.see(lambda rows: bool(rows) or columns < 10, "a line")
    running.end_input()

    assert terminal.end(running).status == 0
    assert max(map(wcswidth, drawn(terminal))) <= columns
    assert terminal.screen == []


def test_resize(terminal: Terminal, service: FakeService) -> None:
    """A narrower terminal gets a narrower line."""
    running = speaking(terminal, service)
    terminal.see(shows(14, 0), "a wide line")

    terminal.resize(20)
    terminal.see(lambda rows: figures(rows, NARROW) == (14, 14), "a narrow line")
    before = len(terminal.text)
    service.let("flush_complete")
    terminal.see(lambda rows: figures(rows, NARROW) == (0, 14), "another narrow line")

    assert max(map(wcswidth, re.split(r"[\r\n]", terminal.text[before:]))) <= 20
    running.end_input()
    assert terminal.end(running).status == 0


def test_replaced_by_an_error(terminal: Terminal, service: FakeService) -> None:
    """After a failure there is only the error."""
    service.does(HangsUp(1011, "synthesis failed", at=2))
    running = terminal.start("--retry", "0")
    running.type(b"One.\n\n")
    running.read(6)
    terminal.read_until(FIGURES)
    running.type(b"Two.\n\n")

    assert terminal.end(running, limit=5).status == 6
    rows = terminal.screen
    assert rows[0].startswith("lmnt-say: ")
    assert "synthesized" not in "".join(rows)
    assert terminal.cursor == (0, True)


def test_notice_above_the_line(terminal: Terminal, service: FakeService) -> None:
    """A notice stays on the screen; the line does not."""
    running = speaking(terminal, service)
    running.type(b"caf\xe9!")
    service.session().wait_text("Hello world.\n\ncaf�!")
    terminal.read_until(FIGURES)
    service.let("flush_complete", 2)
    running.end_input()

    assert terminal.end(running).status == 0
    rows = terminal.screen
    assert "U+FFFD" in rows[0]
    assert "synthesized" not in "".join(rows)


def test_terminal_that_goes_away(terminal: Terminal, service: FakeService) -> None:
    """When the terminal is closed, the program is killed by SIGHUP."""
    running = speaking(terminal, service)
    terminal.read_until(FIGURES)

    terminal.hang_up()

    assert terminal.end(running, limit=5).status == -signal.SIGHUP


def test_terminal_without_a_size(terminal: Terminal, service: FakeService) -> None:
    """A terminal that does not report its width is handled."""
    terminal.resize(0)
    running = speaking(terminal, service)
    service.let("flush_complete")
    running.end_input()

    assert terminal.end(running).status == 0


def test_ctrl_c_at_the_keyboard(terminal: Terminal, service: FakeService) -> None:
    """Ctrl-C is SIGINT: with text from a pipe, it kills the program, and the terminal is clean."""
    running = speaking(terminal, service)
    terminal.read_until(FIGURES)

    terminal.type(b"\x03")

    assert terminal.end(running, limit=5).status == -signal.SIGINT
    assert not any("synthesized" in row or "buffered" in row for row in terminal.screen)
    assert terminal.cursor[1]


def test_sigkill_leaves_a_usable_terminal(terminal: Terminal, service: FakeService) -> None:
    """The cursor is never hidden and echo never changed, so even SIGKILL leaves nothing to repair."""
    before = termios.tcgetattr(terminal.descriptor)
    running = speaking(terminal, service)
    terminal.read_until(FIGURES)

    assert termios.tcgetattr(terminal.descriptor) == before
    running.signal(signal.SIGKILL)
    terminal.end(running)
    assert terminal.cursor[1]
    assert b"\x1b[?" not in terminal.written


def test_a_terminal_without_manners(terminal: Terminal, service: FakeService) -> None:
    """With TERM unset, nothing is drawn."""
    running = speaking(terminal, service, TERM=None)
    service.let("flush_complete")
    running.end_input()

    assert terminal.end(running).status == 0
    assert terminal.written == b""


def test_switched_off(terminal: Terminal, service: FakeService) -> None:
    """With -q nothing is drawn."""
    running = speaking(terminal, service, "-q")
    service.let("flush_complete")
    running.end_input()

    assert terminal.end(running).status == 0
    assert terminal.written == b""


@pytest.mark.parametrize(
    ("args", "stdout"),
    [
        (("--tee", "-o", "x.mp3"), None),
        (("--tee", "-o", "-", "--progress", "always"), PIPE),
    ],
    ids=["stdout", "stderr, always"],
)
def test_no_line_over_the_text(
    terminal: Terminal, service: FakeService, args: tuple[str, ...], stdout: int | None
) -> None:
    """If `--tee` copies the text to the terminal, nothing is drawn over it."""
    service.does("confirms when told")
    running = terminal.start(*args, stdout=stdout)
    running.type(b"Hello world.\n\n")
    service.session().wait_flushes(1)
    running.type(b"No line end")
    service.session().wait_text("Hello world.\n\nNo line end")
    service.let("flush_complete", 2)
    running.end_input()

    assert terminal.end(running).status == 0
    assert terminal.written == b"Hello world.\r\n\r\nNo line end"


def test_the_line_beside_a_tee(terminal: Terminal, service: FakeService) -> None:
    """If the text is copied elsewhere, the line is drawn."""
    service.does("confirms when told")
    running = terminal.start("--tee", "-o", "x.mp3")
    running.type(b"Hello world.\n\n")
    service.session().wait_flushes(1)
    terminal.see(shows(14, 0), "the line")
    service.let("flush_complete")
    running.end_input()

    assert terminal.end(running).stdout == b"Hello world.\n\n"


def test_nothing_in_a_pipe(say: Say, service: FakeService) -> None:
    """Off a terminal nothing is drawn, whatever the environment says."""
    result = say(stdin=b"One.\n\nTwo.", env={"TERM": "xterm", "FORCE_COLOR": "1"})

    assert (result.status, result.stderr) == (0, "")


def test_plain_lines_in_a_pipe(say: Say, service: FakeService) -> None:
    """`--progress always` off a terminal is a plain line every five seconds."""
    running = say.start("--progress", "always")
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
    for number in range(300):
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
    """Typed text is spoken line by line; Ctrl-D speaks the rest and ends the run."""
    running = terminal.start(stdin=None)
    session = service.session()

    terminal.type(b"Hello there.\n")
    session.wait_flushes(1)
    running.read(13)
    terminal.type(b"And")
    terminal.type(b" good bye\x04\x04")

    result = terminal.end(running)
    assert (result.status, result.stdout) == (0, b"Hello there.\nAnd good bye")


def test_typing_stays_legible(terminal: Terminal, service: FakeService) -> None:
    """Lines typed on the terminal of the status line stay on the screen as typed."""
    service.does("confirms when told")
    running = terminal.start(stdin=None)
    session = service.session()
    terminal.type(b"First line.\n")
    session.wait_flushes(1)
    running.read(12)

    terminal.type(b"Second ")
    service.let("flush_complete")
    terminal.type(b"line.\n")
    session.wait_flushes(2)
    service.let("flush_complete")
    terminal.type(b"\x04")

    assert terminal.end(running).status == 0
    rows = terminal.screen
    assert "First line." in rows
    assert "Second line." in rows


def test_nasty_words_on_a_terminal(terminal: Terminal, service: FakeService) -> None:
    """Text from the service cannot control the terminal."""
    service.does(Fails("invalid_request_error", "\x1b[2J\x1b[31mred\x1b]0;title\x07 [red]literal[/red]"))
    terminal.resize(200)
    running = terminal.start()

    assert terminal.end(running, limit=5).status == 8
    assert "[red]literal[/red]" in " ".join(terminal.screen)
    assert b"\x1b[2J" not in terminal.written
    assert b"\x07" not in terminal.written


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
    """The size of a file is shown before it is read to its end."""
    service.does("stalls")
    (terminal.say.directory / "book.txt").write_text("All work and no play. " * 1_500_000)
    terminal.resize(120)
    running = terminal.start("-f", "book.txt", stdin=None)

    terminal.see(lambda rows: rows and "synthesized 0 B of 33.0 MB" in rows[0], "the size of the file")

    terminal.end(kill(running))


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
        (60, r". buffered 45B · synthesized 14B 23% · (flushing|stalled \d s|stalled)$"),
        (50, r". buffered 45B · synthesized 14B( 23%)? · (flushing|stalled \d s|stalled)$"),
        (40, r"(. )?buffered 45B (· )?synthesized 14B( stalled| flushing)?$"),
        (20, r"45B → \d+B$"),
    ):
        terminal.resize(columns)
        terminal.see(lambda rows: any(re.match(expected, row) for row in rows), f"{columns} columns")  # noqa: B023 - called at once
    service.let("flush_complete", 9)

    assert terminal.end(running).status == 0


def test_why_it_does_not_connect(terminal: Terminal, service: FakeService) -> None:
    """The number of the attempt, of how many, and the reason of the last failure, in red."""
    service.does(Refuses(503, Retry_After="30"))
    running = terminal.start()
    terminal.see(lambda rows: rows and "connecting (attempt 2 of 4: 503)" in rows[0], "why")
    assert b"\x1b[31mconnecting (" in terminal.written

    terminal.end(kill(running))


def test_ascii_where_the_locale_is(terminal: Terminal, service: FakeService) -> None:
    """If the locale is not UTF-8, every byte of the line is ASCII. NO_COLOR removes the colours only."""
    running = speaking(terminal, service, LC_ALL="C", NO_COLOR="1")
    terminal.see(lambda rows: rows and "buffered 14 B - synthesized 0 B -> 14 B audio" in rows[0], "the line")
    service.let("flush_complete")
    running.end_input()

    assert terminal.end(running).status == 0
    assert terminal.written.isascii()
    assert not COLOUR.search(terminal.written)
