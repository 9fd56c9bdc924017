"""Existing MP3 is measured in whole frames (contract, 4)."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.mp3_scan import sample_rate_of, whole_frames
from tests.tools.each import each
from tests.tools.strategies import cut, places, properties


def frame(kind: str = "24k") -> bytes:
    """Return an empty frame as defined by ISO/IEC 11172-3 and 13818-3."""
    header, size = {
        "24k": (b"\xff\xf3\xa4\xc4", 288),  # MPEG-2, 96 kbit/s
        "16k": (b"\xff\xf3\x48\xc4", 144),  # MPEG-2, 32 kbit/s
        "8k": (b"\xff\xe3\x48\xc4", 288),  # MPEG-2.5, 32 kbit/s
        "44k": (b"\xff\xfb\x90\xc4", 417),  # MPEG-1, 128 kbit/s
    }[kind]
    return header.ljust(size, b"\0")


ID3V2 = b"ID3\4\0\0" + bytes([0, 0, 1, 2]) + bytes(130)
ID3V1 = b"TAG" + bytes(125)
# By the first bytes of a frame: 576 samples, or 1152 in MPEG-1.
SECONDS = {
    b"\xff\xf3\xa4": 0.024,
    b"\xff\xf3\x48": 0.036,
    b"\xff\xe3\x48": 0.072,
    b"\xff\xfb\x90": 1152 / 44100,
}
UNITS = [frame(), frame("16k"), frame("8k"), frame("44k"), ID3V2, ID3V1]


@each(("kind", "rate"), [("24k", 24000), ("16k", 16000), ("8k", 8000), ("44k", 44100)])
def test_sample_rate(kind: str, rate: int) -> None:
    """The sample rate is that of the first frame, even after a tag."""
    assert sample_rate_of(frame(kind)) == rate
    assert sample_rate_of(ID3V2 + frame(kind)) == rate


@each("head", [b"", b"\xff", b"One. Two.", ID3V2[:6], ID3V2, bytes(100)])
def test_no_sample_rate(head: bytes) -> None:
    """Without a frame there is no sample rate."""
    assert sample_rate_of(head) is None


@properties
@given(st.lists(st.sampled_from(UNITS), max_size=6), st.integers(0, 3), places)
def test_whole_frames(units: list[bytes], missing: int, where: list[int]) -> None:
    """Whole frames and tags count, in any blocks; the beginning of one does not."""
    whole = b"".join(units)
    for rest in (b"", *(unit[:size] for unit, size in itertools.product(UNITS, (1, 3, 4, 11, 127)))):
        content = whole + rest
        seconds = sum(SECONDS.get(unit[:3], 0.0) for unit in units)
        for found in (
            whole_frames(cut(content, where), len(content)),
            whole_frames(cut(content + frame(), where), len(whole)),
        ):
            assert found is not None
            assert (found[0], round(found[1], 9)) == (len(whole), round(seconds, 9))


def test_something_else() -> None:
    """With anything else in between, frame boundaries are unknown."""
    assert whole_frames([b"One. Two. Three."], 16) is None
    assert whole_frames([frame(), b"zeros" + bytes(100), frame()], 1000) is None
