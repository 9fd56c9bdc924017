"""A conversation is created from settings (contract, 2 and 5)."""

from __future__ import annotations

from lmnt_cli.core.session.requests import Init, encode
from lmnt_cli.options import Flags
from lmnt_cli.run.conversation import new_conversation
from lmnt_cli.settings import resolve


def test_every_session_begins_alike() -> None:
    """Each session of a run begins with the same message."""
    settings = resolve(
        Flags(text=("words",)), {"LMNT_API_KEY": "a-key"}, stdin_typed=False, stdout_terminal=False
    )
    init = Init("a-key", "lily", "mp3", 24000)
    conversation = new_conversation(settings, init)
    conversation.begin(0.0)

    assert conversation.next_message(0.0, 0) == encode(init)
