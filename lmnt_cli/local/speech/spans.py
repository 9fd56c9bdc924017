"""How long each token of a stretch of speech lasts, in samples, from the lengths of its phonemes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .alignment import is_word, token_lengths


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

# A phoneme's length is in units of two 12.5 ms frames.
_UNIT = 600
# In samples: a phoneme starts half a window of the final transform before its first frame.
_EARLY = 600
# Speech below this mean square (-34 dB) is inaudible.
_QUIET = 0.0004
_BLOCK = 240  # samples in 10 ms
# In samples: the shortest first part of a stretch, and the shortest rest.
_SOON = 6000


def even_units(samples: int, count: int) -> list[int]:
    """Return equal lengths for all phonemes, with some silence at both ends."""
    edge = min(14, samples // _UNIT // 4)
    inner = samples // _UNIT - 2 * edge
    return [
        edge,
        *((index + 1) * inner // (count - 2) - index * inner // (count - 2) for index in range(count - 2)),
        edge,
    ]


def count_first(tokens: list[str], spans: list[int]) -> int:
    """Return how many tokens to speak first, so that sound starts soon: whole words, 0 for no such part."""
    end = 0
    for index, span in enumerate(spans[:-1]):
        end += span
        if end >= _SOON and tokens[index + 1].isspace():
            return index + 1 if sum(spans) - end >= _SOON else 0
    return 0


def time_tokens(
    written: list[str], spoken: list[tuple[str, int]], units: list[int], length: int
) -> tuple[list[str], list[int]]:
    """Return the written tokens between the silences at both ends, and their lengths, `length` in total."""
    timed: list[tuple[str, int]] = []
    position = 1
    for text, phonemes in spoken:
        timed.append((text, sum(units[position : position + phonemes]) * _UNIT))
        position += phonemes
    first = max(units[0] * _UNIT - _EARLY, 0)
    spans = [first, *token_lengths(written, timed)]
    spans.append(length - sum(spans))
    return ["", *written, ""], spans


def trim_tails(tokens: list[str], spans: list[int], samples: Samples) -> list[int]:
    """Move the inaudible end of a word before a pause to the pause; the model counts it as the word's."""
    spans = list(spans)
    end = 0
    for index, span in enumerate(spans[:-1]):
        end += span
        follows = tokens[index + 1]
        if is_word(tokens[index]) and not follows[:1].isspace() and not is_word(follows):
            quiet = _quiet_end(samples[end - span : end])
            spans[index] -= quiet
            spans[index + 1] += quiet
    return spans


def _quiet_end(samples: Samples) -> int:
    """Return how many samples at the end are inaudible, in whole blocks of 10 ms."""
    blocks = samples[len(samples) % _BLOCK :].reshape(-1, _BLOCK)
    quiet = 0
    while quiet < len(blocks) and float((blocks[-1 - quiet] ** 2).mean()) < _QUIET:
        quiet += 1
    return quiet * _BLOCK
