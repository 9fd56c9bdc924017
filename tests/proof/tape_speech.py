"""From text to tape: what a session speaks, when, and with which tokens. Uses no socket."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache

from tests.proof.tape import Spoken, Tape


@dataclass(frozen=True)
class Token:
    """A word, a space, a punctuation mark or a silence (""), and its time in seconds."""

    text: str
    start: float
    duration: float


@dataclass(frozen=True, eq=False)
class Chunk:
    """Audio, and the tokens in it."""

    audio: bytes
    tokens: tuple[Token, ...]


@lru_cache(1 << 12)
def times_message(chunk: Chunk, how: str) -> str:
    """Return the message with the times of a chunk: zero, from the chunk, or from the utterance on."""
    share = 0 if how == "zero" else 1
    origin = chunk.tokens[0].start if how == "chunk" else 0.0
    times = [
        {"text": token.text, "start": share * (token.start - origin), "duration": share * token.duration}
        for token in chunk.tokens
    ]
    return json.dumps({"type": "timestamps", "timestamps": times})


_STRETCH = re.compile(r"\s+|\S+")
_PARTS = re.compile(r"(?P<front>[\W_]*)(?P<word>.*?)(?P<back>[\W_]*)\Z", re.DOTALL)
_FINE = re.compile(r"[^\W_]+|[\W_]")
# Words per chunk, and how many must follow a word for it to be spoken early.
_WORDS_IN_CHUNK = 3
_KEPT = 2


class Speech:
    """The voice of a session: text in, audio and tokens out. Times begin at 0 after each flush."""

    def __init__(self, tape: Tape, session: int, leads: tuple[int, ...], begin: bytes, tokens: str) -> None:
        self.repeats_header = False
        self._tape = tape
        self._session = session
        self._leads = itertools.cycle(leads)
        self._begin = begin
        self._tokens = tokens
        self._text = ""
        self._ordinal = 0
        self._ticks = 0
        self._began = False

    def add(self, text: str) -> None:
        """Add more text."""
        self._text += text

    @property
    def has_words(self) -> bool:
        """Whether a word was spoken or is waiting in this utterance."""
        return self._began or any(character.isalnum() for character in self._text)

    def early(self, context: int) -> list[Chunk]:
        """Return what can be spoken before a flush: all except the last words, once there are enough."""
        if len(self._text.split()) < context + _KEPT:
            return []  # checked first because it is quick at any length
        words = list(re.finditer(r"\S*\w\S*(?=\s)", self._text))
        if len(words) < context + _KEPT:
            return []
        end = words[-_KEPT].start()
        text, self._text = self._text[:end], self._text[end:]
        return self._say(text)

    def rest(self) -> list[Chunk]:
        """Return everything that is waiting, which ends the utterance."""
        text, self._text = self._text, ""
        chunks = self._say(text) if self.has_words or any(map(str.isalnum, text)) else []
        self._began = False
        self._ticks = 0
        return chunks

    def _say(self, text: str) -> list[Chunk]:
        chunks = []
        stretches: list[str] = []
        words = 0
        for stretch in _STRETCH.findall(text):
            stretches.append(stretch)
            words += any(map(str.isalnum, stretch))
            if words == _WORDS_IN_CHUNK:
                chunks.append(self._chunk(stretches))
                stretches = []
                words = 0
        if stretches:
            chunks.append(self._chunk(stretches))
        return chunks

    def _chunk(self, stretches: list[str]) -> Chunk:
        opening = None
        if not self._began:
            self._began = True
            opening = self._begin, next(self._leads)
            if not self.repeats_header:
                self._begin = b""
        chunk, self._ordinal, self._ticks = _spoken(
            self._tape, self._session, self._tokens, self._ordinal, self._ticks, opening, tuple(stretches)
        )
        return chunk


@lru_cache(1 << 12)  # the cases of a test say much the same
def _spoken(
    tape: Tape,
    session: int,
    kind: str,
    ordinal: int,
    ticks: int,
    opening: tuple[bytes, int] | None,
    stretches: tuple[str, ...],
) -> tuple[Chunk, int, int]:
    """Return a chunk of this text, the ordinal of the next word, and the ticks at its end."""
    voice = _Voice(tape, session, kind, ordinal, ticks)
    if opening is not None:
        voice.open(*opening)
    for stretch in stretches:
        voice.say(stretch)
    return Chunk(b"".join(voice.audio), tuple(voice.tokens)), voice.ordinal, voice.ticks


@dataclass
class _Voice:
    """Says stretches of text, each a word with its marks or white space. `kind` is that of the tokens."""

    tape: Tape
    session: int
    kind: str
    ordinal: int
    ticks: int
    audio: list[bytes] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)

    def open(self, begin: bytes, lead: int) -> None:
        """Begin an utterance with silence of `lead` ticks."""
        self.audio += [begin, self.tape.lead]
        self._pause("", lead)

    def say(self, stretch: str) -> None:
        """Say a stretch."""
        if stretch.isspace():
            self._pause(" ", 0)
            return
        parts = _PARTS.match(stretch)
        assert parts
        for mark in parts["front"]:
            self._pause(mark, 0)
        if parts["word"]:
            self._word(parts["word"])
        for mark in parts["back"]:
            self._pause(mark, 1)

    def _word(self, word: str) -> None:
        self.audio.append(self.tape.word(Spoken(self.session, self.ordinal, word)))
        self.ordinal += 1
        pieces = self._pieces(word)
        ticks = self.tape.word_ticks
        cuts = [ticks * number // len(pieces) for number in range(len(pieces) + 1)]
        for piece, begin, end in zip(pieces, cuts, cuts[1:], strict=False):
            self._token(piece, end - begin)

    def _pieces(self, word: str) -> list[str]:
        if self.kind == "fine":
            return _FINE.findall(word)
        if self.kind == "spoken" and word[0].isdigit():
            return [word[0], "thousand"]  # begins as written, then differs
        return [word]

    def _pause(self, text: str, ticks: int) -> None:
        self.audio.append(self.tape.pause * ticks)
        self._token(text, ticks)

    def _token(self, text: str, ticks: int) -> None:
        start = self.ticks * self.tape.tick
        self.ticks += ticks
        self.tokens.append(Token(text, round(start, 6), round(ticks * self.tape.tick, 6)))
