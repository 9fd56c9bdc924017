"""A tape: audio from which every spoken word can be decoded, so that a recording proves what was heard.

A word is a burst of symbols, one per sample (PCM, µ-law), or three MPEG frames with the word in their unused
bytes. It encodes its letters, the session that spoke it and its position in that session. A word that is cut
off in the middle or joined wrongly is not a word any more, as its checksum shows.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product


@dataclass(frozen=True)
class Spoken:
    """A word that was heard whole, with its session and its position in it."""

    session: int
    ordinal: int
    word: str


@dataclass(frozen=True)
class Heard:
    """The content of a recording: whole words, beginnings of words, and bytes that are not such audio."""

    words: tuple[Spoken, ...]
    fragments: int
    rubbish: int


@dataclass(frozen=True, eq=False)
class Tape:
    """How a format is spoken and heard. `tick` is the shortest time in seconds; a word takes `word_ticks`."""

    rate: int
    tick: float
    word_ticks: int
    begin: bytes  # before the first audio of a session
    lead: bytes  # before each utterance; takes no time
    pause: bytes  # one tick of silence
    word: Callable[[Spoken], bytes]
    hear: Callable[[bytes], Heard]


def _packed(spoken: Spoken) -> bytes:
    letters = spoken.word.encode()
    body = bytes([spoken.session, spoken.ordinal, len(letters)]) + letters
    return body + bytes([sum(body) % 251])


def _unpacked(packed: bytes) -> Spoken | None:
    """Return the word, if all of it is there."""
    if len(packed) < 4 or len(packed) < packed[2] + 4:
        return None
    body = packed[: packed[2] + 3]
    if packed[len(body)] != sum(body) % 251:
        return None
    return Spoken(body[0], body[1], body[3:].decode())


# Samples: "R" begins a word, "a" to "p" are its half bytes, "x" fills its time, and "Z" ends it just before
# that is over. In µ-law, "R" at the start of an utterance might be that of "RIFF".
_BURST = re.compile(rb"R([a-p]*)x*(Z)?")
_REST = b".."  # a time in seconds may differ by a sample from the end of the word
_SILENT = ord(".")
_SYMBOLS = b".RZxabcdefghijklmnop"
_BLOCK = 512  # samples read at a time: faster than one by one, which only a block with a wrong one needs


def _symbols(spoken: Spoken, length: int) -> bytes:
    halves = b"".join(bytes([97 + (byte >> 4), 97 + (byte & 15)]) for byte in _packed(spoken))
    return (b"R" + halves).ljust(length - 1 - len(_REST), b"x") + b"Z" + _REST


@cache
def _of_halves(halves: bytes) -> Spoken | None:
    return _unpacked(bytes((a - 97) << 4 | b - 97 for a, b in zip(halves[::2], halves[1::2], strict=False)))


def _read_symbols(symbols: bytes) -> Heard:
    words = []
    fragments = 0
    for burst in _BURST.finditer(symbols):
        spoken = _of_halves(burst[1]) if burst[2] else None
        if spoken is None:
            fragments += 1
        else:
            words.append(spoken)
    return Heard(tuple(words), fragments, symbols.count(b"?"))


def _s16(symbol: int) -> bytes:
    return struct.pack("<h", 0 if symbol == _SILENT else symbol << 8 | 0x11)


def _f32(symbol: int) -> bytes:
    return struct.pack("<f", 0.0 if symbol == _SILENT else symbol / 128)


def _reader(samples: dict[int, bytes]) -> Callable[[bytes], bytes]:
    """Return a function that maps samples to symbols, and any other sample to "?".

    One byte of a sample tells which symbol it is; the others are then those that belong to it.
    """
    size = len(samples[_SILENT])
    telling = next(at for at in range(size) if len({each[at] for each in samples.values()}) == len(samples))
    symbol_of = bytearray(b"?" * 256)
    for symbol, sample in samples.items():
        symbol_of[sample[telling]] = symbol
    belongs = [bytearray(256) for _ in range(size)]
    for at, (symbol, sample) in product(range(size), samples.items()):
        belongs[at][symbol] = sample[at]

    def read_block(audio: bytes) -> bytes:
        symbols = audio[telling::size].translate(symbol_of)
        if all(audio[at::size] == symbols.translate(belongs[at]) for at in range(size)):
            return symbols
        found = [audio[at : at + size] for at in range(0, len(audio), size)]
        pairs = zip(symbols, found, strict=True)
        return bytes([symbol if samples.get(symbol) == sample else ord("?") for symbol, sample in pairs])

    def read(audio: bytes) -> bytes:
        end = len(audio) // size * size
        blocks = range(0, end, _BLOCK * size)
        return b"".join([read_block(audio[at : min(at + _BLOCK * size, end)]) for at in blocks])

    return read


_ULAW_SILENCE = 0xFF
_ULAW_HEADER = struct.pack(
    "<4sI4s4sIHHIIHH4sI", b"RIFF", 2**32 - 1, b"WAVE", b"fmt ", 16, 7, 1, 8000, 8000, 1, 8, b"data", 2**32 - 1
)


def _ulaw(symbol: int) -> bytes:
    return bytes([_ULAW_SILENCE if symbol == _SILENT else symbol])


def _sampled(rate: int, sample: Callable[[int], bytes], begin: bytes = b"") -> Tape:
    a_word, a_tick = rate // 100, rate // 1000
    samples = {symbol: sample(symbol) for symbol in _SYMBOLS}
    read = _reader(samples)

    @cache
    def word(spoken: Spoken) -> bytes:
        return b"".join([samples[symbol] for symbol in _symbols(spoken, a_word)])

    return Tape(
        rate, 0.001, 10, begin, b"", samples[_SILENT] * a_tick, word, lambda audio: _read_symbols(read(audio))
    )


# MPEG-2 layer III, 96 kbit/s, 24 kHz, mono, no CRC: 288 bytes, 576 samples. Side information of zeros says
# that there is no main data; what follows it is ancillary data (ISO/IEC 13818-3).
_FRAME_HEADER = bytes.fromhex("fff3a4c4")
_SIDE = bytes(9)
_FRAME = 288
_PARTS = 3
SILENT_FRAME = _FRAME_HEADER + bytes(_FRAME - 4)
INFO_FRAME = (_FRAME_HEADER + _SIDE + b"Info").ljust(_FRAME, b"\0")
# The delay of an encoder: audio is heard this much later.
_DELAY = 2 * SILENT_FRAME


@cache
def _mp3_word(spoken: Spoken) -> bytes:
    packed = _packed(spoken)
    size = -(-len(packed) // _PARTS)
    frames = []
    for part in range(_PARTS):
        piece = bytes([1 + part]) + packed[part * size : (part + 1) * size]
        content = b"W" + bytes([len(piece)]) + piece + bytes([sum(piece) % 251])
        frames.append((_FRAME_HEADER + _SIDE + content).ljust(_FRAME, b"\xaa"))
    return b"".join(frames)


def _mp3_hear(audio: bytes) -> Heard:
    words: list[Spoken] = []
    fragments = rubbish = position = 0
    pieces: list[bytes] = []
    while position < len(audio):
        frame = audio[position : position + _FRAME]
        if not frame.startswith(_FRAME_HEADER):
            rubbish += 1
            position += 1
            continue
        position += _FRAME
        piece = _mp3_piece(frame)
        if piece and pieces and piece[0] == len(pieces) + 1:
            pieces.append(piece[1:])
        else:
            fragments += bool(pieces) or bool(piece and piece[0] != 1)
            pieces = [piece[1:]] if piece and piece[0] == 1 else []
        if len(pieces) == _PARTS:
            spoken = _unpacked(b"".join(pieces))
            pieces = []
            assert spoken, "whole frames hold a whole word"
            words.append(spoken)
    return Heard(tuple(words), fragments + bool(pieces), rubbish)


def _mp3_piece(frame: bytes) -> bytes | None:
    if len(frame) < _FRAME or frame[13:14] != b"W" or not frame.endswith(b"\xaa"):
        return None
    piece = frame[15 : 15 + frame[14]]
    return piece if frame[15 + frame[14]] == sum(piece) % 251 else None


TAPES = {
    "pcm_s16le": _sampled(24000, _s16),
    "pcm_f32le": _sampled(24000, _f32),
    "ulaw": _sampled(8000, _ulaw, _ULAW_HEADER),
    "mp3": Tape(24000, 0.024, _PARTS, b"", _DELAY, SILENT_FRAME, _mp3_word, _mp3_hear),
}
