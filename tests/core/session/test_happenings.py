"""The events of a run, as values for listeners."""

from __future__ import annotations

import typing

import pytest

from lmnt_cli.core.session import happenings
from lmnt_cli.core.session.happenings import Happening, of_message
from lmnt_cli.core.session.requests import ClientMessage, Finish, Flush, Init, Reset, Text
from tests.tools.each import each


@each(
    ("message", "happening"),
    [
        (Init("s3cr3t", "lily", "mp3", 24000, "en"), happenings.Connected("lily", "mp3", 24000)),
        (Text("One."), happenings.TextSent(7, "One.")),
        (Flush(3), happenings.Flushed(7, 3)),
        (Reset(3), happenings.ResetSent(3)),
        (Finish(), happenings.FinishSent()),
    ],
    ids=["init", "text", "flush", "reset", "finish"],
)
def test_of_message(message: ClientMessage, happening: Happening) -> None:
    """Every message sent is an event, without the key."""
    assert of_message(message, 7) == happening


def test_closed() -> None:
    """Every kind of event is in the union, and listeners cannot change any."""
    found = vars(happenings).values()
    ours = {each for each in found if isinstance(each, type) and each.__module__ == happenings.__name__}

    assert ours == set(typing.get_args(Happening))
    for kind in ours:
        with pytest.raises(AttributeError):
            setattr(object.__new__(kind), "a field", 1)
