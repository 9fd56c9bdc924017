"""The terminal of the tests is a real one: it has a size, echoes, and sends signals."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.program import Say
from tests.tools.terminal import Terminal


class Script(Say):
    """Runs a line of shell in place of the program."""

    def start(self, *args, under=(), **options):  # type: ignore[no-untyped-def]  # the same as Say's
        return super().start(under=(*under, "sh", "-c", *args), **options)


@pytest.fixture
def script(environment: dict[str, str], tmp_path: Path) -> Iterator[Terminal]:
    program = Script({**environment, "TERM": "xterm"}, tmp_path)
    terminal = Terminal(program)
    yield terminal
    program.close()
    terminal.close()


def test_size(script: Terminal) -> None:
    """A program sees the size that was set."""
    script.resize(40)

    script.end(script.start("stty size", stdin=None, stdout=None))

    assert script.screen == ["24 40"]


def test_resize_reaches_the_program(script: Terminal) -> None:
    """A new size is announced by SIGWINCH."""
    running = script.start(
        "trap 'stty size; exit' WINCH; echo ready; while read -r line; do :; done", stdin=None, stdout=None
    )
    script.read_until("ready")

    script.resize(33)

    assert "24 33" in script.read_until("24 33")
    script.type(b"\x04")
    script.end(running)


def test_typing_is_echoed(script: Terminal) -> None:
    """Typed text is shown by the terminal and read by the program."""
    running = script.start("read -r word; echo got $word", stdin=None, stdout=None)

    script.type(b"hello\n")
    script.end(running)

    assert script.screen == ["hello", "got hello"]


def test_interrupt_key(script: Terminal) -> None:
    """Ctrl-C on the keyboard sends SIGINT to the program."""
    running = script.start("echo ready; exec sleep 60", stdin=None, stdout=None)
    script.read_until("ready")

    script.type(b"\x03")

    assert script.end(running).status == -signal.SIGINT


def test_descriptors_are_chosen(script: Terminal) -> None:
    """Only the chosen descriptors are on the terminal."""
    running = script.start("test -t 0; a=$?; test -t 1; b=$?; test -t 2; echo $a $b $?")
    running.end_input()

    assert script.end(running).stdout == b"1 1 0\n"
    assert script.screen == []


def test_screen_after_a_redraw(script: Terminal) -> None:
    """The screen has what a person sees, not what was overwritten."""
    script.end(script.start(r"printf 'first\r\033[Ksecond\033[?25l'", stdout=None))

    assert script.screen == ["second"]
    assert script.cursor == (6, False)
    assert "first" in script.text
