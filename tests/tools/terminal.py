"""A real terminal for the program: a pty of a given size, its output, and what a person would see."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

from tests.tools.descriptor_reader import Collector
from tests.tools.limits import LIMIT
from tests.tools.program import PIPE, Result, Running, Say


CONTROL = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Za-z0-9]|\x1b[@-_]")
# Written by the test itself after a run: everything before it was written by the program.
MARK = b"\0"
# Opening the terminal by name makes it the controlling one of a new session, with signals and resizes.
TAKE_TERMINAL = 'exec 9<>"$0" && exec "$@" 9<&-'


class Terminal:
    """A terminal; `start` chooses which of the program's three descriptors are on it."""

    def __init__(self, say: Say, columns: int = 80, rows: int = 24) -> None:
        self.say = say
        self.columns = columns
        self.rows = rows
        self._master, self._slave = pty.openpty()
        self.name = os.ttyname(self._slave)
        self._set_size()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._shown = 0  # the bytes that are on the emulated screen
        self._collector = Collector(self._master)
        self._collector.start()

    def start(
        self,
        *args: str | Path,
        stdin: int | None = PIPE,
        stdout: int | None = PIPE,
        stderr: int | None = None,
        env: Mapping[str, str | None] | None = None,
        under: Sequence[str] = (),
    ) -> Running:
        """Start a run with this controlling terminal; a descriptor that is None is on it."""
        return self.say.start(
            *args,
            stdin=self._slave if stdin is None else stdin,
            stdout=self._slave if stdout is None else stdout,
            stderr=self._slave if stderr is None else stderr,
            env=env,
            under=("/bin/sh", "-c", TAKE_TERMINAL, self.name, *under),
            new_session=True,
        )

    def end(self, running: Running, limit: float = LIMIT) -> Result:
        """Wait for the end, and until everything written is on the screen."""
        result = self.say.end(running, limit)
        with contextlib.suppress(OSError):  # after `hang_up` nothing more is written
            if select.select([], [self._slave], [], 0)[1]:
                os.write(self._slave, MARK)
                self._collector.wait(lambda data: data.endswith(MARK), "the last that was written", limit)
        return result

    def type(self, keys: bytes) -> None:
        """Press these keys."""
        os.write(self._master, keys)

    def resize(self, columns: int) -> None:
        self._emulated().resize(columns=columns)
        self.columns = columns
        self._set_size()

    @property
    def descriptor(self) -> int:
        """The terminal's descriptor, to query its settings."""
        return self._slave

    @property
    def written(self) -> bytes:
        """All bytes written to the terminal, including the echo of keys."""
        return bytes(self._collector.data).replace(MARK, b"")

    @property
    def text(self) -> str:
        """The text written, without control sequences."""
        return CONTROL.sub(b"", self.written).decode(errors="replace")

    @property
    def screen(self) -> list[str]:
        """The rows that a person sees, without empty ones at the end."""
        rows = [row.rstrip() for row in self._emulated().display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    @property
    def cursor(self) -> tuple[int, bool]:
        """The column of the cursor, and whether it is visible."""
        screen = self._emulated()
        return screen.cursor.x, not screen.cursor.hidden

    def read_until(self, what: str | re.Pattern[str], limit: float = LIMIT) -> str:
        """Return the text so far, as soon as `what` is in it."""

        def holds(data: bytearray) -> object:
            text = CONTROL.sub(b"", bytes(data).replace(MARK, b"")).decode(errors="replace")
            return what in text if isinstance(what, str) else what.search(text)

        self._collector.wait(holds, f"{what!r} on the terminal", limit)
        return self.text

    def see(self, question: Callable[[list[str]], object], what: str, limit: float = LIMIT) -> list[str]:
        """Return the rows on the screen, as soon as `question` is true of them."""
        self._collector.wait(lambda _: question(self.screen), f"{what} on the screen", limit)
        return self.screen

    def story(self) -> str:
        return "\n".join([self.say.story(), "screen:", *self.screen, f"written: {self.written[-600:]!r}"])

    def hang_up(self) -> None:
        """Close the terminal, as closing its window does."""
        self._collector.stop()
        os.close(self._master)

    def close(self) -> None:
        os.close(self._slave)
        self._collector.join()
        with contextlib.suppress(OSError):
            os.close(self._master)

    def _emulated(self) -> pyte.Screen:
        """Return an emulated terminal with all output, each part at the width of its time."""
        new = bytes(self._collector.data[self._shown :])
        self._shown += len(new)
        self._stream.feed(new.replace(MARK, b""))
        return self._screen

    def _set_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
