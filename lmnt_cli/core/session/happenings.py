"""What happens in a run, as it happens: a closed union of values, which listeners may show, count or record.

The conversation emits them while it decides, and never waits for a listener. Seconds of audio count from the
first sample of the written audio, right across flushes, resets, resumptions and cuts; they are None where
bytes are not time (WebM). Utterances are counted from 1; one that is resumed keeps its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from .messages import ClientMessage, Event, Finish, Flush, Incoming, Init, Reset, Text, Token


@dataclass(frozen=True)
class Attempt:
    """An attempt to hold a session begins, number `number` of at most `attempts` in a row."""

    number: int
    attempts: int


@dataclass(frozen=True)
class Connected:
    """The connection is up, and `init` goes out on it. The key is not among the fields."""

    voice: str
    format: str
    sample_rate: int


@dataclass(frozen=True)
class Ready:
    """The service has confirmed the session, the run's `session`th."""

    request_id: str | None
    session: int


@dataclass(frozen=True)
class TextSent:
    """Text of an utterance goes out."""

    utterance: int
    text: str


@dataclass(frozen=True)
class Flushed:
    """A flush that ends an utterance goes out."""

    utterance: int
    nonce: int


@dataclass(frozen=True)
class ResetSent:
    """A reset goes out."""

    nonce: int


@dataclass(frozen=True)
class FinishSent:
    """`finish` goes out: everything is confirmed."""


@dataclass(frozen=True)
class Sound:
    """The first audio of an utterance has come; it begins at second `start` of the written audio."""

    utterance: int
    start: float | None


@dataclass(frozen=True)
class WordTimes:
    """Word times have come while this utterance was spoken. They may belong to the one before: times trail.

    The times of the tokens count from the utterance's start, which is at second `start` of the written audio.
    """

    utterance: int
    start: float | None
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Confirmed:
    """More of an utterance is confirmed: its text, and where in the written audio it is spoken.

    `text` is as it was sent, None if it was too much to be kept. The texts of one utterance, joined, are its
    text; `whole` says that this was the last of it.
    """

    utterance: int
    text: str | None
    start: float | None
    end: float | None
    whole: bool


@dataclass(frozen=True)
class Dropped:
    """What was sent and not confirmed is dropped: the utterances `first` to `last`, so many bytes of text."""

    first: int
    last: int
    size: int


@dataclass(frozen=True)
class Lost:
    """A session or an attempt has failed, `why` in a few words. `owed` is the bytes of text to be sent again.

    The next attempt is made after `retry_in` seconds, or when text comes if that is None.
    """

    why: str
    retry_in: float | None
    owed: int


@dataclass(frozen=True)
class Received:
    """Anything the connection brought, understood or not: what it means, and the `message` as it came."""

    event: Event
    message: Incoming


@dataclass(frozen=True)
class Notice:
    """A message to the user that is no error."""

    message: str


@dataclass(frozen=True)
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
    | Dropped
    | Lost
    | Received
    | Notice
    | Finished
)


def of_message(message: ClientMessage, utterance: int) -> Happening:
    """Return what happens when a message goes out; its text or flush belongs to `utterance`."""
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
