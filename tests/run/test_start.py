"""The start of a run: what is loaded before the first message is on its way (contract, 9 and 10)."""

from __future__ import annotations

import sys

from tests.tools.program import Say


# What has been imported when the handshake is sent, told by the program itself.
_SPY = """
import socket, sys
send = socket.socket.sendall
def note(self, data, *flags):
    if data.startswith(b"GET "):
        print(*sorted(sys.modules), file=open("loaded", "w"))
    return send(self, data, *flags)
socket.socket.sendall = note
del sys.argv[1:4]
from lmnt_cli.__main__ import main
main()
"""
HEAVY = {"websockets", "ssl", "hashlib", "http.client", "email", "rich", "lmnt_cli.core.conversation"}


def test_little_is_loaded_before_the_first_message(say: Say) -> None:
    """When the handshake is sent, nothing is loaded that only a session needs."""
    result = say(stdin=b"Words.", under=(sys.executable, "-c", _SPY))

    assert (result.status, result.stdout) == (0, b"Words.")
    loaded = set((say.directory / "loaded").read_text().split())
    assert {"lmnt_cli.io.handshake", "lmnt_cli.run.start"} <= loaded
    assert loaded & HEAVY == set()
