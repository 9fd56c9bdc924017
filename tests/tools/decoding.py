"""Decoding audio: any format to samples, samples to words, words to their times."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Decoder


Samples = NDArray[np.float32]

RATE = 16000
_RAW = {"pcm_s16le": "s16le", "pcm_f32le": "f32le"}


@dataclass(frozen=True)
class Recording:
    """Decoded audio: mono, within ±1, with the sample rate of its stream."""

    samples: Samples
    rate: int
    codec: str

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def cut(self, start: float, end: float) -> Recording:
        """Return the part between two times."""
        return Recording(self.samples[int(start * self.rate) : int(end * self.rate)], self.rate, self.codec)

    @property
    def loudness(self) -> float:
        """Return the root mean square."""
        return float(np.sqrt(np.mean(np.square(self.samples)))) if len(self.samples) else 0.0


def decode(audio: bytes, format_: str, rate: int) -> Recording:
    """Decode audio as a player does: raw formats need a rate, the others state it."""
    raw = _RAW.get(format_)
    options = {"sample_rate": str(rate)} if raw else {}
    parts: list[Samples] = []
    with av.open(io.BytesIO(audio), "r", format=raw, options=options) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono")
        for frame in container.decode(stream):
            parts += [part.to_ndarray().reshape(-1).astype(np.float32) for part in resampler.resample(frame)]
        codec = stream.codec_context.name
        return Recording(np.concatenate(parts), stream.codec_context.sample_rate, codec)


def at_16k(recording: Recording) -> bytes:
    """Return the samples as the recogniser needs them: 16-bit, 16 kHz."""
    times = np.arange(0, recording.seconds, 1 / RATE)
    there = np.arange(len(recording.samples)) / recording.rate
    samples: NDArray[np.int16] = (np.interp(times, there, recording.samples) * 32767).astype("<i2")
    return samples.tobytes()


@functools.cache
def _decoder() -> Decoder:
    return Decoder(lm=None, loglevel="FATAL", samprate=RATE)


def heard(recording: Recording, sentence: str, *others: str) -> str:
    """Return the recognised sentence, in which each word may come from any of these sentences."""
    words = [set(choices) for choices in zip(*map(spoken_words, (sentence, *others)), strict=True)]
    return _recognised(recording, " ".join(f"({' | '.join(sorted(choices))})" for choices in words))


def heard_among(recording: Recording, sentence: str, noise: Iterable[str]) -> str:
    """Return the recognised words of a sentence, with any of the other words between them."""
    between = f"({' | '.join(noise)})*"
    return _recognised(
        recording, " ".join([between, *(f"{word} {between}" for word in spoken_words(sentence))])
    )


def _recognised(recording: Recording, rule: str) -> str:
    decoder = _decoder()
    decoder.add_jsgf_string("words", f"#JSGF V1.0; grammar g; public <s> = {rule};")
    decoder.activate_search("words")
    decoder.start_utt()
    decoder.process_raw(at_16k(recording), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


def aligned(recording: Recording, sentence: str) -> list[tuple[str, float, float]]:
    """Return the time of each word of a sentence: start and end in seconds, by forced alignment."""
    decoder = _decoder()
    decoder.set_align_text(" ".join(spoken_words(sentence)))
    decoder.start_utt()
    decoder.process_raw(at_16k(recording), full_utt=True)
    decoder.end_utt()
    return [
        (re.sub(r"\(\d+\)", "", each.word), each.start_frame / 100, (each.end_frame + 1) / 100)
        for each in decoder.seg()
        if not each.word.startswith(("<", "["))
    ]


def spoken_words(sentence: str) -> list[str]:
    """Return the words of a sentence as spelled in the recogniser's dictionary."""
    return re.findall(r"[a-z']+", sentence.lower())
