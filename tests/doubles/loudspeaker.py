"""A player for the tests: passes on what it hears as it arrives, and follows commands."""

from __future__ import annotations

import contextlib
import shlex
import socket
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.tools.descriptor_reader import Collector
from tests.tools.limits import LIMIT


PLAYER = """
import os, select, socket, sys
link = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
deaf = False
while True:
    ready = select.select([link] if deaf else [link, 0], [], [])[0]
    if link in ready:
        order = link.recv(1)
        if order == b"d":
            deaf = True
        elif order == b"h":
            deaf = False
        elif order == b"f":
            print("the loudspeaker is on fire", file=sys.stderr)
            sys.exit(3)
        elif order == b"s":
            print("audio open failed", file=sys.stderr)
            sys.exit(0)
        else:
            sys.exit(0)
    elif block := os.read(0, 4096):
        link.sendall(block)
    else:
        break
"""


class Performance:
    """One run of the player, from its start to its end."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._collector = Collector(link.fileno())
        self._collector.start()

    def hear(self, count: int, limit: float = LIMIT) -> bytes:
        """Return everything it has heard, as soon as that is this many bytes."""
        return self._collector.wait(lambda data: len(data) >= count, f"{count} bytes to hear", limit)

    def ended(self) -> bytes:
        """Return everything it has heard, once it has ended."""
        self._collector.wait(lambda _: self._collector.ended, "the player's end")
        return bytes(self._collector.data)

    @property
    def heard(self) -> bytes:
        """Return everything it has heard so far."""
        return bytes(self._collector.data)

    def tell(self, order: str) -> None:
        """Make it `d`eaf, `h`ear again, `q`uit, `f`ail, or fail `s`ilently."""
        self._link.sendall(order.encode())

    def close(self) -> None:
        self._collector.stop()
        self._link.close()


class Loudspeaker:
    """`player` is a command for --player; each run of it is a performance."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._performances: list[Performance] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def words(self) -> Sequence[str]:
        """The command as a list of words."""
        return (sys.executable, "-I", "-S", "-c", PLAYER, str(self._listener.getsockname()[1]))

    @property
    def player(self) -> str:
        """The command as quoted for a shell."""
        return shlex.join(self.words)

    def performance(self, number: int = 0, limit: float = LIMIT) -> Performance:
        """Return the n-th run of the player, as soon as it has started."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._performances) > number, limit):
                raise AssertionError(f"player {number} did not start within {limit} s")
            return self._performances[number]

    @property
    def performances(self) -> int:
        """The number of players started so far."""
        return len(self._performances)

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                link, _ = self._listener.accept()
                with self._changed:
                    self._performances.append(Performance(link))
                    self._changed.notify_all()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(LIMIT)
        for performance in self._performances:
            performance.close()
