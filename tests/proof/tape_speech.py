"""From text to tape: what a session speaks, when, and with which tokens. Uses no socket."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from tests.proof.tape import Spoken, Tape


@dataclass(frozen=True)
class Token:
    """A word, a space, a punctuation mark or a silence (""), and its time in seconds."""

    text: str
    start: float
    duration: float


@dataclass(frozen=True)
class Chunk:
    """Audio, and the tokens in it."""

    audio: bytes
    tokens: tuple[Token, ...]


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
        for stretch in _STRETCH.findall(text):
            stretches.append(stretch)
            if sum(any(map(str.isalnum, each)) for each in stretches) == _WORDS_IN_CHUNK:
                chunks.append(self._chunk(stretches))
                stretches = []
        if stretches:
            chunks.append(self._chunk(stretches))
        return chunks

    def _chunk(self, stretches: list[str]) -> Chunk:
        audio: list[bytes] = []
        tokens: list[Token] = []
        if not self._began:
            self._began = True
            audio += [self._begin, self._tape.lead]
            if not self.repeats_header:
                self._begin = b""
            tokens.append(self._token("", next(self._leads), audio))
        for stretch in stretches:
            parts = _PARTS.match(stretch)
            assert parts
            if stretch.isspace():
                tokens.append(self._token(" ", 0, audio))
                continue
            tokens += [self._token(mark, 0, audio) for mark in parts["front"]]
            if parts["word"]:
                tokens += self._word(parts["word"], audio)
            tokens += [self._token(mark, 1, audio) for mark in parts["back"]]
        return Chunk(b"".join(audio), tuple(tokens))

    def _word(self, word: str, audio: list[bytes]) -> list[Token]:
        audio.append(self._tape.word(Spoken(self._session, self._ordinal, word)))
        self._ordinal += 1
        pieces = self._pieces(word)
        ticks = self._tape.word_ticks
        cuts = [ticks * number // len(pieces) for number in range(len(pieces) + 1)]
        return [
            self._timed(piece, end - begin) for piece, begin, end in zip(pieces, cuts, cuts[1:], strict=False)
        ]

    def _pieces(self, word: str) -> list[str]:
        if self._tokens == "fine":
            return _FINE.findall(word)
        if self._tokens == "spoken" and word[0].isdigit():
            return [word[0], "thousand"]  # begins as written, then differs
        return [word]

    def _token(self, text: str, ticks: int, audio: list[bytes]) -> Token:
        audio.append(self._tape.pause * ticks)
        return self._timed(text, ticks)

    def _timed(self, text: str, ticks: int) -> Token:
        start = self._ticks * self._tape.tick
        self._ticks += ticks
        return Token(text, round(start, 6), round(ticks * self._tape.tick, 6))
