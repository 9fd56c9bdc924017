"""The times of subtitles after an hour of audio, against the places at which the tape says the words.

Conversation and tape alone, without a socket or a clock, so that an hour takes seconds. Sessions are lost and
reset on the way, headers repeated and samples cut: whatever could add up does.
"""

from __future__ import annotations

import itertools

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.captions.placement import Word
from lmnt_cli.core.captions.word_stream import WordStream
from lmnt_cli.core.conversation import Conversation
from lmnt_cli.core.session.happenings import Happening
from lmnt_cli.core.session.messages import (
    Audio,
    Event,
    FlushComplete,
    Ready,
    ResetComplete,
    Timestamps,
    Token,
)
from lmnt_cli.core.session.requests import Flush, Init, Reset, Text
from lmnt_cli.core.session.session import Limits
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import ConnectionLost
from tests.proof.tape import TAPES, Spoken
from tests.proof.tape_speech import Chunk, Speech
from tests.tools.figures import Figures
from tests.tools.wire import message_of, wire


HOUR = 3600.0
WITHIN = 0.05
# Seconds of silence in front of the utterances of a session.
LEADS = (8.0, 13.7, 11.31)
SIZES = (65_537, 9_999, 70_001)  # no multiples of a sample or a frame
HEADER = 44
FORMATS = (AudioFormat.MP3, AudioFormat.WAV, AudioFormat.ULAW)


class Hour:
    """A run against the tape. `truth` is the second of the output at which each word begins."""

    def __init__(self, audio_format: AudioFormat, *, can_cut: bool) -> None:
        self.tape = TAPES[audio_format.on_the_wire]
        self.words: list[Word] = []
        self.truth: dict[str, float] = {}
        self.conversation = Conversation(
            Init("key", "lily", audio_format.on_the_wire, self.tape.rate, return_timestamps=True),
            FlushRule.BLANK_LINE,
            Limits(connect=10, silence=HOUR, retries=3),
            audio_format,
            service="the tape",
            emit=self._take,
        )
        self._header = HEADER if audio_format in (AudioFormat.ULAW, AudioFormat.WAV) else 0
        self._tick = len(self.tape.pause)
        self._can_cut = can_cut
        self._captions = WordStream()
        self._sizes = itertools.cycle(SIZES)
        self._sessions = 0
        self._output = bytearray()  # from this offset on
        self._from = 0
        self._begin()

    @property
    def seconds(self) -> float:
        """The length of the audio so far."""
        return (self._from + len(self._output) - self._header) / self._tick * self.tape.tick

    def speak(self, words: list[str], end: str) -> None:
        """Have an utterance spoken: whole, lost and spoken again, or reset after a part of it."""
        self.conversation.read(f"{' '.join(words)}.\n\n".encode(), 0.0)
        self._send()
        if end != "whole":
            self._say(self._speech.rest(), share=0.8)
        if end == "reset":
            assert self.conversation.drop_speech()
            self._send()
            self._receive(ResetComplete(self._nonce))
            return
        if end == "lost":
            self.conversation.recover(ConnectionLost("gone", why="gone"), 0.0, 0.0)
            splice = self.conversation.splice(can_cut=self._can_cut)
            if splice.cut_to is not None:
                del self._output[splice.cut_to - self._from :]
            self._output += splice.filling
            self._begin()
        self._say(self._speech.rest())
        self._receive(FlushComplete(self._nonce))
        self._note(words)
        self._send()

    def finish(self) -> None:
        """Take the words that are left."""
        self.words += self._captions.finish()

    def _begin(self) -> None:
        self._sessions += 1
        self.conversation.begin(0.0)
        leads = tuple(round(lead / self.tape.tick) for lead in LEADS)
        self._speech = Speech(self.tape, self._sessions, leads, self.tape.begin, "words")
        self._speech.repeats_header = True
        self._send()
        self._receive(Ready("req"))

    def _send(self) -> None:
        while message := self.conversation.next_message(0.0, 0):
            match message_of(message):
                case Text(text):
                    self._speech.add(text)
                case Flush(nonce) | Reset(nonce):
                    self._nonce = nonce

    def _say(self, chunks: list[Chunk], share: float = 1.0) -> None:
        for chunk in chunks:
            audio = chunk.audio[: round(len(chunk.audio) * share) | (share < 1)]
            while audio:
                size = next(self._sizes)
                self._receive(Audio(audio[:size]))
                audio = audio[size:]
            if share == 1:
                self._receive(Timestamps(tuple(Token(t.text, t.start, t.duration) for t in chunk.tokens)))

    def _receive(self, message: Event) -> None:
        self._output += self.conversation.receive(wire(message), 0.0)

    def _take(self, _now: float, happening: Happening) -> None:
        self.words += self._captions.take(happening)

    def _note(self, words: list[str]) -> None:
        """Find the words that were said last, and forget the audio up to their end."""
        at = 0
        for ordinal, word in enumerate(words, self._speech._ordinal - len(words)):
            at = self._output.index(self.tape.word(Spoken(self._sessions, ordinal, word)), at)
            self.truth[word] = (self._from + at - self._header) / self._tick * self.tape.tick
        self._from += len(self._output)
        self._output.clear()


@pytest.mark.parametrize("can_cut", [True, False], ids=["file", "pipe"])
@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda each: each.value)
def test_an_hour(figures: Figures, audio_format: AudioFormat, can_cut: bool) -> None:
    """Each word begins within 50 ms of where it is heard, and the last as near to it as the first."""
    hour = Hour(audio_format, can_cut=can_cut)
    ends = itertools.cycle(["whole", "whole", "lost", "whole", "reset"])
    for number in itertools.count():
        if hour.seconds > HOUR:
            break
        hour.speak([f"a{number}", f"b{number}", f"c{number}"], next(ends))
    hour.finish()

    errors = [word.start - hour.truth[word.text.strip(".")] for word in hour.words]
    assert len(errors) == len(hour.truth) > 500
    assert max(map(abs, errors)) <= WITHIN
    drift = abs(errors[-1] - errors[0])
    assert drift <= hour.tape.tick
    name = f"{audio_format.value} {'file' if can_cut else 'pipe'}"
    ms = {"words": len(errors), "ms_off_at_most": round(1000 * max(map(abs, errors)))}
    figures.count("subtitles of an hour", name, **ms, ms_of_drift=round(1000 * drift))
