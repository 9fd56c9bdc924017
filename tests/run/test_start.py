"""What is imported before the first message is sent, and a start that fails (contract, 5, 9 and 10)."""

from __future__ import annotations

import shlex
import socket
import sys
from pathlib import Path

from tests.tools.program import Say


# Writes down the modules that are imported when the dialing thread is started.
_SPY = """
import sys, threading
start = threading.Thread.start
def note(self):
    threading.Thread.start = start
    print(*sorted(sys.modules), file=open("loaded", "w"))
    return start(self)
threading.Thread.start = note
del sys.argv[1:4]
from lmnt_cli.__main__ import main
main()
"""
HEAVY = {
    *("websockets", "asyncio", "anyio", "ssl", "hashlib", "http.client", "email", "rich", "tomllib"),
    *("lmnt_cli.core.conversation", "lmnt_cli.core.session.ledger", "lmnt_cli.core.figures.statusline"),
    *("lmnt_cli.speak", "lmnt_cli.run.run", "lmnt_cli.io.websocket", "lmnt_cli.io.local_service"),
    *("lmnt_cli.core.session.messages", "lmnt_cli.run.outcome", "lmnt_cli.io.audio.part_file"),
}
# All modules, including those of Python itself. A new one has to be worth its time.
MOST = 220


def test_little_is_loaded_before_the_first_message(say: Say) -> None:
    """When dialing starts, few modules are imported, and none that only a session needs."""
    result = say(stdin=b"Words.", under=(sys.executable, "-c", _SPY))

    assert (result.status, result.stdout) == (0, b"Words.")
    loaded = set((say.directory / "loaded").read_text().split())
    assert {"lmnt_cli.io.handshake", "lmnt_cli.run.start"} <= loaded
    assert loaded & HEAVY == set()
    assert len(loaded) < MOST, sorted(loaded)


# The system refuses an event loop, by when the text has been read ahead.
_NO_LOOP = """
import sys, anyio
def run(*_):
    raise OSError(24, "Too many open files")
anyio.run = run
del sys.argv[1:4]
from lmnt_cli.__main__ import main
main()
"""


def test_text_that_was_read_ahead_is_saved(say: Say) -> None:
    """If the run cannot start, the text already read from standard input is saved with the rest."""
    text = b"One.\n\nTwo.\n"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"  # connected, and not answered
        result = say("--base-url", url, stdin=text, under=(sys.executable, "-c", _NO_LOOP))

    assert (result.status, len(result.lines)) == (5, 2)
    assert "could not start: Too many open files" in result.lines[0]
    assert Path(shlex.split(result.lines[1])[-1]).read_bytes() == text
