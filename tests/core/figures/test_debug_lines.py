"""The lines of `--debug`."""

from __future__ import annotations

from lmnt_cli.core.figures.debug_lines import debug_line
from lmnt_cli.core.session.happenings import (
    Attempt,
    Connected,
    Dropped,
    FinishSent,
    Flushed,
    Happening,
    Lost,
    Notice,
    Received,
    ResetSent,
    Sound,
    TextSent,
)
from lmnt_cli.core.session.messages import (
    Audio,
    Closed,
    Event,
    FlushComplete,
    Ready,
    Timestamps,
    Token,
    Unknown,
)
from tests.tools.each import each
from tests.tools.wire import wire


def received(event: Event) -> Received:
    """Return this event as received from the service."""
    return Received(event, wire(event))


@each(
    ("happening", "line"),
    [
        (Connected("lily", "mp3", 24000), "> init voice=lily format=mp3 sample_rate=24000"),
        (TextSent(1, "One."), "> text of utterance 1: 4 characters"),
        (Flushed(1, 2), "> flush 2, ends utterance 1"),
        (ResetSent(3), "> reset 3"),
        (FinishSent(), "> finish"),
        (received(Audio(b"abc")), "< audio 3 bytes"),
        (received(Timestamps((Token("One", 0.5, 0.25),))), "< timestamps 'One'@0.5+0.25"),
        (received(Unknown("news")), "< unknown message 'news', ignored"),
        (received(FlushComplete(2)), "< FlushComplete(nonce=2)"),
        (received(Closed(1011, "busy")), "! close 1011 busy"),
        (received(Closed(1000)), "! close 1000"),
        (Attempt(1, 4), None),
        (Attempt(2, 4), "= attempt 2 of 4"),
        (Lost("gone", 0.5, 12), "= reconnecting in 0.5 s, 12 bytes owed: gone"),
        (Lost("gone", None, 0), "= reconnecting when text arrives: gone"),
        (Dropped(1, 2, 9), "= dropped utterances 1 to 2, 9 bytes"),
        (Notice("so it is"), "= so it is"),
        (Sound(1, 0.0), None),
    ],
    ids=str,
)
def test_lines(happening: Happening, line: str | None) -> None:
    """Messages sent and received, and decisions, have a line; other events have none."""
    assert debug_line(happening) == line


def test_unknown_fields() -> None:
    """Unknown fields of a message are named."""
    message = '{"type":"ready","request_id":"req_1","region":"moon","age":3}'

    assert (
        debug_line(Received(Ready("req_1"), message)) == "< Ready(request_id='req_1'), ignored: age, region"
    )
