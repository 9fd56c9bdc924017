"""Messages on stderr are written without blocking for long, and are never dangerous (contract, 7)."""

from __future__ import annotations

import os
import pty
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.io.terminal import escape, is_terminal, same_terminal, write
from tests.tools.each import each
from tests.tools.strategies import properties


@pytest.fixture
def terminals() -> Iterator[list[int]]:
    """Two terminals: master and slave of each."""
    descriptors = [*pty.openpty(), *pty.openpty()]
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


@each(
    ("text", "shown"),
    [
        ("plain [bold] text é 😀", "plain [bold] text é 😀"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\r\nb\tc\x00", "a\\r\\nb\\tc\\x00"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("\x7f\x85", "\\x7f\\x85"),
        ("\udcff", "\\udcff"),
    ],
)
def test_escape(text: str, shown: str) -> None:
    """Characters that a terminal would act on are escaped; everything else is kept."""
    assert escape(text) == shown


def test_a_long_line() -> None:
    """A very long line is shortened."""
    assert len(escape("x" * 10**6)) < 2100


@properties
@given(st.text())
def test_nothing_dangerous(text: str) -> None:
    """Any text becomes one line that can be encoded and has no control character."""
    shown = escape(text)

    assert shown.encode().decode() == shown
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)
    assert len(shown.splitlines()) <= 1


def test_write(pipe: tuple[int, int]) -> None:
    """Everything is written, and True is returned."""
    assert write(pipe[1], b"words\n")
    assert os.read(pipe[0], 100) == b"words\n"


def test_write_much(pipe: tuple[int, int]) -> None:
    """A slow reader gets everything."""
    got = bytearray()

    def read() -> None:
        while len(got) < 300_000:
            got.extend(os.read(pipe[0], 5000))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()

    assert write(pipe[1], b"x" * 300_000, wait=10.0)
    reader.join(10)
    assert len(got) == 300_000


def fill(descriptor: int) -> None:
    """Fill a pipe completely."""
    os.set_blocking(descriptor, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(descriptor, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(descriptor, True)


@pytest.mark.parametrize("wait", [0.0, 0.1])
def test_a_full_pipe(pipe: tuple[int, int], wait: float) -> None:
    """A pipe that is not read is waited for up to the limit."""
    fill(pipe[1])
    begin = time.monotonic()

    assert not write(pipe[1], b"words\n", wait=wait)
    assert time.monotonic() - begin < wait + 0.5


def test_a_pipe_with_little_room(pipe: tuple[int, int]) -> None:
    """A pipe with room for a part gets that part, and is waited for up to the limit."""
    fill(pipe[1])
    os.read(pipe[0], 4096)
    begin = time.monotonic()

    assert not write(pipe[1], b"x" * 100_000, wait=0.1)
    assert time.monotonic() - begin < 1.0


def test_nobody_reads(pipe: tuple[int, int]) -> None:
    """A reader that has left is no error, and neither is a closed descriptor."""
    os.close(pipe[0])

    assert not write(pipe[1], b"words\n")
    os.close(pipe[1])
    assert not write(pipe[1], b"words\n")


def test_is_terminal(pipe: tuple[int, int], terminals: list[int]) -> None:
    """A terminal is one; a pipe or a closed descriptor is not."""
    assert is_terminal(terminals[1])
    assert not is_terminal(pipe[0])
    os.close(pipe[0])
    assert not is_terminal(pipe[0])


def test_same_terminal(pipe: tuple[int, int], terminals: list[int]) -> None:
    """Two descriptors are the same terminal even if it was opened twice."""
    again = os.open(os.ttyname(terminals[1]), os.O_RDWR | os.O_NOCTTY)

    assert same_terminal(terminals[1], again)
    assert not same_terminal(terminals[1], terminals[3])
    assert not same_terminal(pipe[0], pipe[0])
    assert not same_terminal(terminals[1], pipe[0])
    os.close(again)
    assert not same_terminal(terminals[1], again)
