"""The events of a run, as a closed union of values that listeners may show, count or record.

The conversation emits them while it decides, and never waits for a listener. Times in the audio are seconds
from the first sample written, across flushes, resets, resumptions and cuts; they are None if bytes do not
indicate time (WebM). Utterances are counted from 1; one that is resumed keeps its number.
"""

from __future__ import annotations

from ..value import value
from .messages import Event, Incoming, Token
from .requests import ClientMessage, Finish, Flush, Init, Reset, Text


@value
class Attempt:
    """An attempt to open a session begins, the `number`th of at most `attempts` in a row."""

    number: int
    attempts: int


@value
class Connected:
    """The connection is up and `init` is sent. The API key is left out."""

    voice: str
    format: str
    sample_rate: int


@value
class Ready:
    """The service has confirmed the session, the `session`th of the run."""

    request_id: str | None
    session: int


@value
class TextSent:
    """Text of an utterance is sent."""

    utterance: int
    text: str


@value
class Flushed:
    """The flush that ends an utterance is sent."""

    utterance: int
    nonce: int


@value
class ResetSent:
    """A reset is sent."""

    nonce: int


@value
class FinishSent:
    """`finish` is sent: everything is confirmed."""


@value
class Sound:
    """The first audio of an utterance has arrived; it begins at `start` in the audio."""

    utterance: int
    start: float | None


@value
class WordTimes:
    """Word times have arrived while this utterance was spoken. Late ones may belong to the one before it.

    The tokens' times count from the utterance's start, which is at `start` in the audio.
    """

    utterance: int
    start: float | None
    tokens: tuple[Token, ...]


@value
class Confirmed:
    """More of an utterance is confirmed: its text, and where it is spoken in the audio.

    `text` is as sent, or None if it was too long to keep. The texts of an utterance, joined, are its whole
    text; `whole` marks the last of them. Its audio ends at `offset` in the output.
    """

    utterance: int
    text: str | None
    start: float | None
    end: float | None
    whole: bool
    offset: int = 0


@value
class Written:
    """The audio of confirmed text is written up to this `offset` in the output."""

    offset: int


@value
class Dropped:
    """Text sent but not confirmed is dropped: utterances `first` to `last`, `size` bytes of text."""

    first: int
    last: int
    size: int


@value
class Lost:
    """A session or an attempt has failed; `why` is a short reason, `owed` the bytes of text to send again.

    The next attempt follows after `retry_in` seconds, or if that is None, when text arrives.
    """

    why: str
    retry_in: float | None
    owed: int


@value
class Received:
    """Something arrived from the connection: what it means, and the `message` as it came."""

    event: Event
    message: Incoming


@value
class Notice:
    """A message to the user that is not an error."""

    message: str


@value
class Finished:
    """Everything is confirmed, and no session is needed any more."""


Happening = (
    Attempt
    | Connected
    | Ready
    | TextSent
    | Flushed
    | ResetSent
    | FinishSent
    | Sound
    | WordTimes
    | Confirmed
    | Written
    | Dropped
    | Lost
    | Received
    | Notice
    | Finished
)


def of_message(message: ClientMessage, utterance: int) -> Happening:
    """Return the event for a message being sent; text or a flush belongs to `utterance`."""
    match message:
        case Init():
            return Connected(message.voice, message.format, message.sample_rate)
        case Text(text):
            return TextSent(utterance, text)
        case Flush(nonce):
            return Flushed(utterance, nonce)
        case Reset(nonce):
            return ResetSent(nonce)
        case Finish():
            return FinishSent()
