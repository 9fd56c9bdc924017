"""The offline voice: text to samples, and the length of every token.

It is hibari-tts: one American English voice with its weights in the wheel, about 130 times as fast as real
time on one core. Everything specific to it is here and in `accents`.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..lazy import defer_import
from ..threads import run_in_thread
from .accents import load_accent
from .alignment import split_tokens
from .spans import count_first, even_units, time_tokens, trim_tails
from .spelling import readable
from .voices import Voice


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

log = logging.getLogger(__name__)

RATE = 24000

# hibari speaks at -26 dB RMS with peaks at a third of full scale; players and recognisers expect more.
_GAIN = 2.0

_PROVIDER = "CPUExecutionProvider"
# Its documented outputs: five spectra and the pitch.
_SPECTRA = 6
# Maps British phonemes to those that this voice was trained on.
_BRITISH = str.maketrans({"Q": "O", "ɒ": "ɔ", "a": "æ", "ː": None})
# The model predicts a length for each phoneme, but does not return it. An output serialised and appended to
# the file is added to its graph, because protobuf merges messages.
_LENGTHS = "/Cast_32_output_0"
# The length of a frame of the spectra, in samples.
_FRAME = 300
# A sample depends on the frames up to four after its own; a few more do no harm.
_AROUND = 8
# Noise made in advance, for about two seconds of speech.
_NOISE = 200_000


@dataclass(frozen=True)
class SpokenToken:
    """A token of the text and its length in samples; "" is silence."""

    text: str
    samples: int


@dataclass(frozen=True)
class Speech:
    """A stretch of speech: samples (mono, 24 kHz, within ±1), and tokens of the same total length."""

    samples: Samples
    tokens: tuple[SpokenToken, ...]


class Engine(Protocol):
    """A voice to speak with. Called from several threads at once."""

    def speak(self, text: str, voice: Voice, speed: float) -> Iterator[Speech]:
        """Speak a stretch of text that contains words, in parts. The first may be short, to start soon."""
        ...


class Hibari:
    """The offline voice."""

    def __init__(self) -> None:
        """Load the voice: its network in one thread, and its dictionaries in another at the same time."""
        import_libraries()
        import numpy as np

        network = run_in_thread(_open_network)
        self._accents: dict[bool, Future[Any]] = {}
        self._accents_lock = threading.Lock()
        from hibari import dsp

        self._np, self._dsp = np, dsp
        self._vocabulary = _vocabulary()
        self._accent(british=False)
        self._noise = _noise(np, _NOISE)
        self._network = network.result()

    def speak(self, text: str, voice: Voice, speed: float) -> Iterator[Speech]:
        np = self._np
        spoken, ids = self._phonemes(text, voice.british)
        written = split_tokens(text)
        if len(ids) < 3:
            yield Speech(np.zeros(0, np.float32), tuple(SpokenToken(token, 0) for token in written))
            return
        outputs = self._network.run(
            None,
            {
                "ids": np.asarray([ids], np.int64),
                "speed": np.asarray([speed * voice.speed], np.float32),
            },
        )
        *spectra, f0 = (output[0] for output in outputs[:_SPECTRA])
        frames = len(f0)
        lengths = [int(unit) for unit in outputs[_SPECTRA].reshape(-1)] if len(outputs) > _SPECTRA else None
        units = lengths or even_units(frames * _FRAME, len(ids))
        tokens, spans = time_tokens(written, spoken, units, frames * _FRAME)
        count = len(spectra[0]) * 2 * frames
        values = self._noise[:count] if count <= _NOISE else _noise(np, count)
        noise = _Noise(values.reshape(-1, 2 * frames))

        def samples(end: int) -> Samples:
            """Return the samples up to this one."""
            count = min(frames, end // _FRAME + _AROUND)
            parts = [spectrum[:, :count] for spectrum in spectra]
            wave = self._dsp.synth(*parts, f0[:count] * voice.pitch, noise)[:end]
            found: Samples = np.clip(wave * np.float32(_GAIN), -1.0, 1.0)
            return found

        first = count_first(tokens, spans)
        begin = sum(spans[:first])
        if first:
            yield _speech(tokens[:first], spans[:first], samples(begin))
        whole = _speech(tokens, spans, samples(frames * _FRAME))
        yield Speech(whole.samples[begin:], whole.tokens[first:])

    def _phonemes(self, text: str, british: bool) -> tuple[list[tuple[str, int]], list[int]]:
        """Return the spoken tokens, each with the number of its phonemes, and the ids of all phonemes."""
        from hibari.g2p import normalize

        g2p = self._accent(british)
        tokens = g2p.phonemize_tokens(g2p.tokenize(normalize(readable(text))))
        vocabulary = self._vocabulary
        spoken: list[tuple[str, int]] = []
        ids = [0]
        for index, token in enumerate(tokens):
            phonemes = (token.phonemes or "").translate(_BRITISH if british else {})
            # The gap before a word belongs to the word, as in forced alignment.
            if index and tokens[index - 1].whitespace:
                phonemes = " " + phonemes
            found = [vocabulary[phoneme] for phoneme in phonemes if phoneme in vocabulary]
            spoken.append((token.text, len(found)))
            ids += found
        return spoken, [*ids, 0]

    def _accent(self, british: bool) -> Any:
        """Return the pronunciation of an accent; the British one is loaded on first use."""
        with self._accents_lock:
            if british not in self._accents:
                self._accents[british] = run_in_thread(partial(load_accent, british))
        return self._accents[british].result()


def import_libraries() -> None:
    """Configure and import the libraries of the voice. Holds the GIL for a tenth of a second."""
    # OpenBLAS would start a thread for each core, for matrix products that are not needed here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # onnxruntime 1.32 would keep a database in the user's cache, and send its contents to its makers.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # hibari imports it to download voices, which never happens here.
    defer_import("urllib.request")
    import numpy  # noqa: F401 - imported for what comes
    import onnxruntime  # noqa: F401 - imported for later


def _open_network() -> Any:
    """Return the onnxruntime session that turns phonemes into spectra and, if possible, their lengths."""
    import onnxruntime
    from hibari import voices

    options = onnxruntime.SessionOptions()
    # Two are faster for a single session, and do not slow down several, because none of them spins.
    options.intra_op_num_threads, options.inter_op_num_threads = min(2, os.cpu_count() or 1), 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    # Both would keep memory permanently: a plan for each length of sentence, and room for the longest.
    options.enable_mem_pattern = options.enable_cpu_mem_arena = False
    with open(voices.voice_path(voices.DEFAULT, download_missing=False), "rb") as file:
        model = file.read()
    open_session = partial(
        onnxruntime.InferenceSession,
        sess_options=options,
        providers=[_PROVIDER],
        # It takes a quarter of the loading time and changes neither the results nor the speed.
        disabled_optimizers=["ConstantFolding"],
    )
    try:
        return open_session(model + _extra_output(_LENGTHS))
    except Exception:
        log.info("this version of hibari does not report phoneme lengths: word times are estimates")
        return open_session(model)


def _speech(tokens: list[str], spans: list[int], samples: Samples) -> Speech:
    return Speech(samples, tuple(map(SpokenToken, tokens, trim_tails(tokens, spans, samples))))


def _noise(np: Any, count: int) -> Samples:
    """Return random values, seeded, so that the same text always sounds the same: more begin like fewer."""
    values: Samples = np.random.default_rng(0).standard_normal(count, dtype=np.float32)
    return values


class _Noise:
    """The noise of a whole stretch: the first part, made alone, gets the same noise as within the whole."""

    def __init__(self, whole: Samples) -> None:
        self._whole = whole

    def standard_normal(self, shape: tuple[int, int], dtype: Any) -> Any:
        """Return a copy of the noise for this many frames. hibari calls this as a generator's method."""
        noise: Samples = self._whole[:, : shape[1]].astype(dtype, order="C")
        return noise


def _vocabulary() -> dict[str, int]:
    import json
    from pathlib import Path

    from hibari.tts import ASSETS

    vocabulary: dict[str, int] = json.loads(Path(ASSETS, "vocab.json").read_text(encoding="utf-8"))
    return vocabulary


def _extra_output(name: str) -> bytes:
    """Serialise an ONNX `ModelProto{graph{output{name}}}`."""
    return _field(7, _field(12, _field(1, name.encode())))


def _field(number: int, payload: bytes) -> bytes:
    """Serialise one length-delimited protobuf field."""
    out = bytearray([number << 3 | 2])
    length = len(payload)
    while length > 127:
        out.append(length & 127 | 128)
        length >>= 7
    out.append(length)
    return bytes(out) + payload
