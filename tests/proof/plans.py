"""The plan of one rehearsal, and what the service saw."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """The connection is cut after the message with this number, counting both sides over all sessions.

    `kind`: reset, eof (it ends without a close), a close code, stall (nothing is read or sent for a moment,
    then reset), silence (for ever), error (an internal_server_error), busy (reset, and the next handshake is
    refused with 503), or what another program does to which file (nothing is cut then; see `meddling`).
    """

    behind: int
    kind: str


@dataclass(frozen=True)
class Plan:
    """How the service behaves in one rehearsal.

    `times` states when word times are sent: none, before or after their audio, twice after it, counted from
    each chunk (as in API 1.1), late (after flush_complete), or zero (before their audio, all at 0). `tokens`
    are words, fine (words are split at inner punctuation) or spoken (numbers in words). It speaks after
    `context` whole words. `sizes` are those of the audio messages, repeated. `leads` are the ticks of silence
    at the start of the utterances of a session. `begin` precedes the first audio of a session, if it differs
    from the tape's. The flush with number `mute` is answered without its audio, by `mute_with` only.
    """

    times: str = "after"
    tokens: str = "words"
    faults: tuple[Fault, ...] = ()
    context: int = 5
    sizes: tuple[int, ...] = (1009, 331, 2048, 97, 1, 640)
    leads: tuple[int, ...] = (3,)
    begin: bytes | None = None
    repeats_header: bool = False
    mute: int = 0
    mute_with: bytes = b""


@dataclass
class Rehearsal:
    """The result of a plan: `messages` counts those of both sides over all sessions, `faults` the cuts made.

    `refused` is what the client sent that the service would not accept.
    """

    plan: Plan
    messages: int = 0
    sessions: int = 0
    faults: list[Fault] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    busy: int = 0
    flushes: int = 0
    meddle: Callable[[str, str], object] = lambda doing, file: None

    def __post_init__(self) -> None:
        # Endless.
        self.sizes: Iterator[int] = itertools.cycle(self.plan.sizes)
        self._due = {fault.behind: fault for fault in reversed(self.plan.faults)}

    def due(self, kind: str) -> Fault | None:
        """Count a message of this kind; return the fault after it, if the plan has one."""
        self.messages += 1
        self.kinds.append(kind)
        return self._due.get(self.messages)
