"""Typing: lines are spoken, Ctrl-D ends the run, Ctrl-C drops the speech (contract, 7)."""

from __future__ import annotations

import signal
import termios
from pathlib import Path

from tests.doubles.behaviours import Behaviour, HangsUp
from tests.doubles.fake_service import FakeService
from tests.doubles.fake_session import Session
from tests.doubles.loudspeaker import Loudspeaker
from tests.tools.program import Running
from tests.tools.terminal import Terminal


HINT = "Ctrl-D ends"


def typing(terminal: Terminal, *args: str) -> Running:
    """A run with typed text, ready for the first key."""
    running = terminal.start(*args, stdin=None, stdout=None)
    terminal.read_until(HINT)
    return running


def wait_reset(session: Session) -> None:
    """Return when the service has received a reset."""
    session.wait(
        lambda: any(
            entry.who == "client" and entry.message.get("type") == "reset" for entry in session.transcript
        ),
        "reset",
    )


def test_lines_are_spoken_when_they_end(
    terminal: Terminal, service: FakeService, loudspeaker: Loudspeaker
) -> None:
    """Enter speaks the line, as edited; Ctrl-D passes on an unfinished one, a second Ctrl-D is exit 0.

    The screen has the hint and the typed text, and the terminal's modes are unchanged.
    """
    before = termios.tcgetattr(terminal.descriptor)
    running = typing(terminal, "--player", loudspeaker.player)
    assert termios.tcgetattr(terminal.descriptor) == before
    terminal.type(b"One line.\n")
    assert loudspeaker.performance().hear(10) == b"One line.\n"
    terminal.type(b"Wrong\x15Right\x7f\x7f\x7f\x7f\x7fCorrect.\n")
    loudspeaker.performance().hear(19)
    terminal.type(b"Half a line\x04\x04")

    assert terminal.end(running).status == 0
    assert loudspeaker.performance().ended() == b"One line.\nCorrect.\nHalf a line"
    hint, *rest = terminal.screen
    assert HINT in hint
    assert len(hint) < 80
    assert rest == ["One line.", "Correct.", "Half a line"]
    assert len(service.session().flushes) == 3


def test_typing_is_not_garbled(terminal: Terminal, service: FakeService, loudspeaker: Loudspeaker) -> None:
    """During speech the line being typed is unchanged: no status line is drawn over it."""
    service.does("confirms when told")
    running = typing(terminal, "--player", loudspeaker.player)
    terminal.type(b"Spoken.\nBeing typed")
    loudspeaker.performance().hear(8)
    service.let("flush_complete")

    assert terminal.see(lambda rows: rows[-1:] == ["Being typed"], "the line being typed")[1:] == [
        "Spoken.",
        "Being typed",
    ]
    terminal.type(b".\n\x04")
    service.let("flush_complete")
    assert terminal.end(running).status == 0


def test_interrupt_drops_what_is_being_said(terminal: Terminal, service: FakeService, tmp_path: Path) -> None:
    """The first Ctrl-C is a reset: sent text is dropped, later text is spoken, and the run is exit 0."""
    service.does("speaks when told")
    running = typing(terminal, "-o", "story.mp3", "--verbose")
    terminal.type(b"Dropped.\n")
    service.session().wait_flushes(1)

    terminal.type(b"\x03")
    wait_reset(service.session())
    terminal.read_until("dropped what was being said")
    service.let("audio", 3)
    terminal.type(b"Spoken.\n")
    service.session().wait_flushes(2)
    terminal.type(b"\x04")

    assert terminal.end(running).status == 0
    assert (tmp_path / "story.mp3").read_bytes() == b"Spoken.\n"
    rows = terminal.screen
    assert rows[2].startswith("^C")
    assert rows[3].startswith("lmnt-say: dropped what was being said")
    assert "dropped 9 B" in " ".join(rows)


def test_interrupt_silences_the_player(
    terminal: Terminal, service: FakeService, loudspeaker: Loudspeaker
) -> None:
    """Text confirmed long ago that the player is still playing counts as speech too."""
    service.does(Behaviour(audio=lambda text: text.encode() * 20_000))
    running = typing(terminal, "--player", loudspeaker.player)
    terminal.type(b"Long.\n")
    loudspeaker.performance().hear(1)
    loudspeaker.performance().tell("d")
    service.session().wait_audio(120_000)

    terminal.type(b"\x03")
    loudspeaker.performance().ended()
    terminal.type(b"Next.\n")
    assert loudspeaker.performance(1).hear(120_000) == b"Next.\n" * 20_000
    terminal.type(b"\x04")
    assert terminal.end(running).status == 0


def test_one_drops_and_the_next_ends(terminal: Terminal, service: FakeService) -> None:
    """Once everything is dropped there is silence: Ctrl-C ends the run. The hint names the flush rule."""
    service.does("speaks when told")
    running = typing(terminal, "-o", "story.mp3", "--flush-on", "blank-line")
    assert "an empty line speaks" in terminal.screen[0]
    terminal.type(b"Dropped.\n\n")
    service.session().wait_flushes(1)
    terminal.type(b"\x03")
    wait_reset(service.session())
    terminal.read_until("dropped what was being said")

    terminal.type(b"\x03")
    assert terminal.end(running, limit=5).status == -signal.SIGINT


def test_interrupt_after_the_end(terminal: Terminal, service: FakeService) -> None:
    """Nothing more can be typed after Ctrl-D: Ctrl-C then ends the run, whatever is being said."""
    service.does("speaks when told")
    running = typing(terminal, "-o", "story.mp3")
    terminal.type(b"One.\nTwo\x04\x04")
    service.session().wait_flushes(2)  # the second is that of the end
    terminal.type(b"\x03")

    assert terminal.end(running, limit=5).status == -signal.SIGINT


def test_cut_off(terminal: Terminal, service: FakeService) -> None:
    """The command offered for typed text speaks it line by line, as it was typed."""
    service.does(HangsUp(1011, at=1))
    running = typing(terminal, "--on-drop", "fail", "-o", "story.mp3")
    terminal.type(b"One.\n")

    assert terminal.end(running).status == 6
    assert "--flush-on newline" in "".join(terminal.screen)


def test_interrupt_at_a_pipe(terminal: Terminal, service: FakeService) -> None:
    """With a pipe on standard output, Ctrl-C is for the whole pipeline: it ends the run."""
    service.does("speaks when told")
    running = terminal.start(stdin=None)
    terminal.read_until(HINT)
    terminal.type(b"Spoken.\n")
    service.session().wait_flushes(1)
    terminal.type(b"\x03")

    assert terminal.end(running, limit=5).status == -signal.SIGINT


def test_interrupt_while_text_comes_from_elsewhere(
    terminal: Terminal, service: FakeService, loudspeaker: Loudspeaker
) -> None:
    """If the text is not typed, Ctrl-C ends the run, and the player with it."""
    service.does(Behaviour(audio=lambda text: text.encode() * 20_000))
    running = terminal.start("--player", loudspeaker.player, stdout=None)
    running.type(b"Long.\n\n")
    loudspeaker.performance().hear(1)
    terminal.type(b"\x03")

    assert terminal.end(running, limit=5).status == -signal.SIGINT
    loudspeaker.performance().ended()


def test_all_dropped_quietly(terminal: Terminal, service: FakeService, loudspeaker: Loudspeaker) -> None:
    """Dropped text is not owed: exit 0, and no player complains; -q prints nothing, not even about a drop."""
    service.does("speaks when told")
    running = terminal.start("-q", "--player", loudspeaker.player, stdin=None, stdout=None)
    service.session()
    terminal.type(b"Dropped.\n")
    service.session().wait_flushes(1)
    terminal.type(b"\x03")
    wait_reset(service.session())
    service.let("audio", 2)
    terminal.type(b"\x04")

    assert terminal.end(running).status == 0
    assert "lmnt-say" not in terminal.text
