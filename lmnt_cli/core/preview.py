"""A preview of the messages that a run would send, in order, for `--dry-run`."""

from __future__ import annotations

from collections.abc import Sequence

from .session.ledger import Ledger
from .session.requests import ClientMessage, Finish, Flush, Init, Text, encode
from .text.flush_rules import FlushRule
from .text.intake import Intake
from .text.segmenter import Piece
from .text.strip.filters import Strip, Stripped


class Preview:
    """Turns text into the messages for a service that answers immediately.

    `characters`, `messages` and `utterances` count what was returned so far.
    """

    def __init__(
        self,
        init: Init,
        rule: FlushRule,
        idle_flush: float | None,
        most: int | None = None,
        strip: Sequence[Strip] = (),
    ) -> None:
        self.characters = 0
        self.messages = 0
        self.utterances = 0
        self._init = init
        self._intake = Intake(rule, idle_flush, init.language, most, strip)
        self._ledger = Ledger()

    def begin(self) -> list[str]:
        """Return the first message."""
        return self._encode([self._init])

    def read(self, data: bytes, now: float) -> list[str]:
        """Take text as it was read; return the messages it causes."""
        return self._send(self._intake.feed(data, now))

    def flush_if_idle(self, now: float) -> list[str]:
        """Return the flush that a pause in the input causes, if any."""
        return self._send(self._intake.flush_if_idle(now))

    @property
    def is_full(self) -> bool:
        """Whether no more text is to be read."""
        return self._intake.is_full

    @property
    def replaced(self) -> int:
        """The number of U+FFFD that replace undecodable bytes."""
        return self._intake.replaced

    @property
    def stripped(self) -> Stripped | None:
        """What was removed from the text; None if nothing was."""
        return self._intake.stripped

    def finish(self) -> list[str]:
        """Return the last messages. Raises NothingToSay if there was no word in the text."""
        pieces = self._intake.finish()
        self._ledger.add(pieces)
        self._ledger.flush_last()
        return self._send([]) + self._encode([Finish()])

    def _send(self, pieces: list[Piece]) -> list[str]:
        self._ledger.add(pieces)
        sent: list[ClientMessage] = []
        while message := self._ledger.take_next():
            if isinstance(message, Text):
                self.characters += len(message.text)
            elif isinstance(message, Flush):
                self.utterances += 1
                self._ledger.confirm_first(0.0, 0)
                self._ledger.unwritten.forget_written(0)
            sent.append(message)
        return self._encode(sent)

    def _encode(self, messages: list[ClientMessage]) -> list[str]:
        self.messages += len(messages)
        return [encode(message) for message in messages]
