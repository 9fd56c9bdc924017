"""A voice whose speech is as long as its text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lmnt_cli.local.speech.hibari_engine import RATE, Speech, SpokenToken
from lmnt_cli.local.speech.voices import Voice


class Ruler:
    """A voice in which every character lasts 0.1 s, between two silences of 0.1 s."""

    def speak(self, text: str, voice: Voice, speed: float) -> Iterator[Speech]:
        assert speed == 1.0
        silence = SpokenToken("", RATE // 10)
        words = [SpokenToken(word, len(word) * RATE // 10) for word in text.split(" ")]
        tokens = [silence, *words, silence]
        yield Speech(np.full(sum(token.samples for token in tokens), 0.5, np.float32), tuple(tokens))
